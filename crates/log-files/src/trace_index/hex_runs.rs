use std::ops::Range;

/// Returns the groups of at least this many hexadecimal digits that have no such digit beside them.
///
/// It looks at few bytes: if the last of `MIN` bytes is not a digit, no group begins at any of them.
pub(super) fn hex_runs<const MIN: usize>(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        loop {
            // A group can begin here, since the byte before is not a digit.
            let window = text.get(start..start + MIN)?;
            match window.iter().rposition(|byte| !is_hex(*byte)) {
                Some(at) => start += at + 1,
                None => {
                    let rest = text.get(start + MIN..).unwrap_or_default();
                    let more = rest.iter().take_while(|byte| is_hex(**byte)).count();
                    let run = start..start + MIN + more;
                    start = run.end + 1;
                    return Some(run);
                }
            }
        }
    })
}

/// Whether a byte is such a digit. A table is twice as fast here as comparisons.
static HEX: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_hexdigit();
        byte += 1;
    }
    table
};

fn is_hex(byte: u8) -> bool {
    HEX[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_groups_are_those_that_splitting_the_text_gives(text in "[0-9a-fA-Fx -]{0,200}|[0-9f]{0,60}") {
            let found: Vec<&str> = hex_runs::<12>(text.as_bytes()).map(|run| &text[run]).collect();
            let split = text.split(|char: char| !char.is_ascii_hexdigit());
            let expected: Vec<&str> = split.filter(|run| run.len() >= 12).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
