//! Lines that several sources have.

use crate::trace::Line;
use std::collections::HashMap;

/// A line with those that follow it.
type Text = (Vec<u8>, Vec<Vec<u8>>);

/// The lines of all sources so far, with the most copies that one source has.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashMap<Text, usize>);

impl Repeats {
    /// Adds the lines of one source. With `removes`, removes those that earlier sources have, each as often as they have it.
    pub(super) fn add<T>(
        &mut self,
        lines: &mut Vec<T>,
        line_of: impl Fn(&T) -> &Line,
        removes: bool,
    ) {
        let mut own: HashMap<Text, usize> = HashMap::new();
        lines.retain(|item| {
            let line = line_of(item);
            let text = (line.raw.clone(), line.following.clone());
            let known = self.0.get(&text).copied().unwrap_or(0);
            let copies = own.entry(text).or_default();
            *copies += 1;
            !removes || *copies > known
        });
        for (text, copies) in own {
            let most = self.0.entry(text).or_default();
            *most = copies.max(*most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use std::path::Path;

    fn lines(texts: &[&str]) -> Vec<Line> {
        let line = |text: &&str| Line {
            source: Path::new("-").into(),
            offset: 0,
            raw: text.as_bytes().to_vec(),
            following: Vec::new(),
            left_out: 0,
            is_cut: false,
            is_mention: false,
            record: Record::default(),
        };
        texts.iter().map(line).collect()
    }

    #[test]
    fn a_source_loses_as_many_copies_of_a_line_as_another_one_has() {
        let mut repeats = Repeats::default();
        let mut left = |texts: &[&str], removes| {
            let mut lines = lines(texts);
            repeats.add(&mut lines, |line| line, removes);
            let texts = lines.iter().map(|line| String::from_utf8_lossy(&line.raw));
            texts.collect::<Vec<_>>().concat()
        };
        assert_eq!(left(&["a", "b"], false), "ab", "a file");
        assert_eq!(left(&["b"], false), "b", "files keep equal lines");
        assert_eq!(left(&["a", "a", "c"], true), "ac", "a server");
        assert_eq!(left(&["a", "a", "b", "c", "d"], true), "d", "another");
    }
}
