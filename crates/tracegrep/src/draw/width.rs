//! How many columns a text takes on a terminal.

use unicode_width::UnicodeWidthChar as _;

/// Asks for the picture of the character before it, which has two columns.
const EMOJI_PRESENTATION: char = '\u{fe0f}';
/// Joins characters into one.
const JOINER: char = '\u{200d}';

pub(super) fn width(text: &str) -> usize {
    let mut before = 0;
    text.chars()
        .map(|character| columns(character, &mut before))
        .sum()
}

/// Returns the beginning of a text that has at most this many columns, and its columns.
pub(super) fn beginning(text: &str, most: usize) -> (&str, usize) {
    let (mut used, mut before) = (0, 0);
    for (at, character) in text.char_indices() {
        let more = columns(character, &mut before);
        if used + more > most {
            let kept = text.get(..at).unwrap_or_default();
            return (kept.trim_end_matches(JOINER), used);
        }
        used += more;
    }
    (text, used)
}

/// Divides a sentence into rows of at most this many columns. A longer word has a row of its own.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match rows.last_mut() {
            Some(row) if width(row) + 1 + width(word) <= most => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

/// Returns the columns of a character after one with `before` columns.
fn columns(character: char, before: &mut usize) -> usize {
    let own = match character {
        EMOJI_PRESENTATION => usize::from(*before == 1),
        character => character.width().unwrap_or(0),
    };
    *before = own;
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cjk_and_emoji_have_two_columns_and_accents_none() {
        for (text, columns) in [
            ("order", 5),
            ("注文", 4),
            ("🙈", 2),
            ("e\u{301}", 1),
            ("❤\u{fe0f}", 2),
            ("👩\u{200d}💻", 4),
        ] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn a_sentence_is_divided_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("extraordinary", 8), ["extraordinary"]);
    }

    #[test]
    fn a_text_is_cut_between_characters_and_not_within_their_columns() {
        assert_eq!(beginning("注文です", 5), ("注文", 4));
        assert_eq!(beginning("e\u{301}e\u{301}", 1), ("e\u{301}", 1));
        assert_eq!(beginning("👩\u{200d}💻", 3), ("👩", 2));
        assert_eq!(beginning("ab", 2), ("ab", 2));
    }
}
