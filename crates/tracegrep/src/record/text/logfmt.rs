use super::pairs::{self, Pair, Until};

/// Returns the pairs of a line in logfmt, which consists of nothing else. One pair alone can be anything.
pub(super) fn pairs(line: &str) -> Option<Vec<Pair>> {
    let pairs = pairs::all(line, Until::Space)?;
    (pairs.len() > 1).then_some(pairs)
}
