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
