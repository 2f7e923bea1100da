use super::wanted::Wanted;
use std::ops::Range;

/// Finds what can be an id in any of its forms: hexadecimal digits and dashes, at least 16 of them. A whole line is not compared byte by byte,
/// since a run of 16 bytes has two at every eighth place.
pub(crate) struct IdRuns<const TAKES_FOLLOWING: bool>;

const STEP: usize = 8;
/// The digits of the shortest ids.
const MIN_DIGITS: usize = 2 * STEP;

impl<const TAKES_FOLLOWING: bool> Wanted for IdRuns<TAKES_FOLLOWING> {
    const TAKES_FOLLOWING: bool = TAKES_FOLLOWING;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let mut at = from + STEP - 1;
        while let (Some(byte), Some(next)) = (text.get(at), text.get(at + STEP)) {
            if !(is_of_id(byte) && is_of_id(next)) {
                at += STEP;
                continue;
            }
            let run = run(text, at, from);
            let digits = text.get(run.clone()).unwrap_or_default();
            if digits.iter().filter(|byte| **byte != b'-').count() >= MIN_DIGITS {
                return Some(run);
            }
            at = run.end + STEP;
        }
        None
    }
}

/// The run around an index, from another index on.
fn run(text: &[u8], at: usize, from: usize) -> Range<usize> {
    let before = text.get(from..at).unwrap_or_default().iter().rev();
    let start = at - before.take_while(|byte| is_of_id(byte)).count();
    let after = text.get(at..).unwrap_or_default().iter();
    let end = at + after.take_while(|byte| is_of_id(byte)).count();
    start..end
}

fn is_of_id(byte: &u8) -> bool {
    byte.is_ascii_hexdigit() || *byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_wherever_they_are() {
        for id in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736",
            "11803532876627986230",
            "a3ce929d0e0e4736",
        ] {
            for before in 0..20 {
                for from in 0..=before {
                    let text = format!("{}{id}", "x".repeat(before));
                    let found = IdRuns::<false>.find(text.as_bytes(), from);
                    assert_eq!(found, Some(before..before + id.len()), "{text}");
                }
            }
        }
    }

    #[test]
    fn times_numbers_and_lines_of_dashes_are_no_ids() {
        for text in [
            "2026-11-28T18:53:17.298748Z",
            "1795891997298",
            "a-b-c-d-e-f-a-b-c-d-e",
            "----------------------------------------",
            "added a bad facade",
            "",
        ] {
            assert_eq!(IdRuns::<false>.find(text.as_bytes(), 0), None, "{text}");
        }
    }
}
