use super::pairs::{self, MAX_PAIRS, Pair, Until};

/// A line with more words is a text.
const MAX_WORDS: usize = 2;

/// Returns the pairs of a line in logfmt, which consists of nothing else. One pair alone can be anything. A line with level and message can have
/// a few words without values too, which are true.
pub(super) fn pairs(line: &str) -> Option<Vec<Pair>> {
    match pairs::all(line, Until::Space) {
        Some(pairs) => (pairs.len() > 1).then_some(pairs),
        None => with_words(line),
    }
}

fn with_words(line: &str) -> Option<Vec<Pair>> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut words = 0;
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (pair, after) = match pairs::first(rest, Until::Space) {
            Some(found) => found,
            None => {
                let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                words += 1;
                // The first one and all those of a sentence are text.
                if pairs.is_empty() || words > MAX_WORDS || !word.chars().all(is_part) {
                    return None;
                }
                ((word.to_owned(), "true".to_owned()), after)
            }
        };
        pairs.push(pair);
        if pairs.len() > MAX_PAIRS {
            return None;
        }
        rest = after.trim_start_matches([' ', ',']);
    }
    let has = |names: [&str; 2]| pairs.iter().any(|(name, _)| names.contains(&&**name));
    (has(["level", "lvl"]) && has(["msg", "message"])).then_some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_pairs_alone_is_logfmt() {
        let found = pairs("level=INFO+1 msg=\"a b\" took=2ms").map(|pairs| pairs.len());
        assert_eq!(found, Some(3));
        let found = pairs("level=INFO msg=hello cached a={b=1}").unwrap_or_default();
        assert_eq!(found.len(), 4);
        assert_eq!(found[2], ("cached".to_owned(), "true".to_owned()));
        for line in [
            "level=INFO",
            "text level=INFO took=2ms",
            "level=INFO text",
            "cached level=INFO msg=hello",
            "level=INFO msg=a sentence without quotes",
            "",
        ] {
            assert_eq!(pairs(line), None, "{line}");
        }
    }
}
