use super::pairs::{self, Pair, Until};

/// Returns the pairs of a line in logfmt, which consists of nothing else. One pair alone can be anything.
pub(super) fn pairs(line: &str) -> Option<Vec<Pair>> {
    let pairs = pairs::all(line, Until::Space)?;
    (pairs.len() > 1).then_some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_pairs_alone_is_logfmt() {
        let found = pairs("level=INFO+1 msg=\"a b\" took=2ms").map(|pairs| pairs.len());
        assert_eq!(found, Some(3));
        for line in [
            "level=INFO",
            "text level=INFO took=2ms",
            "level=INFO text",
            "",
        ] {
            assert_eq!(pairs(line), None, "{line}");
        }
    }
}
