//! Pairs of a name and a value in a text: `status=502 note="a \"quote\"" lines=[("A-1", 2)]`.

/// A name and a value.
pub(super) type Pair = (String, String);

/// A text with more pairs is read as one text. It would need many times its length of memory.
pub(super) const MAX_PAIRS: usize = 1_000;

/// How far the value of a pair goes that has neither quotes nor brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// To the next space.
    Space,
    /// To the next pair, or to the end of the text: tracing-subscriber writes `error=card declined attempt=1`.
    Pair,
}

/// Returns the pairs of which a text consists, or `None` if it has anything else or too many pairs.
pub(super) fn all(text: &str, until: Until) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (pair, after) = first(rest, until)?;
        pairs.push(pair);
        if pairs.len() > MAX_PAIRS {
            return None;
        }
        rest = after.trim_start_matches([' ', ',']);
    }
    Some(pairs)
}

/// Splits a text into what is before its pairs and the pairs with which it ends.
pub(super) fn at_end(text: &str, until: Until) -> (&str, Vec<Pair>) {
    // Each space is tried once for its name alone, and values are read from the first pair on. If that fails, all is one text, except
    // that a text before another run of pairs can have an equals sign: a few runs are tried.
    let mut attempts = 0;
    let mut from = 0;
    while let Some(start) = next_name(text, from) {
        let (before, rest) = text.split_at(start);
        if let Some(pairs) = all(rest, until) {
            return (before.trim_end(), pairs);
        }
        attempts += 1;
        if attempts == 8 {
            break;
        }
        from = start + 1;
    }
    (text, Vec::new())
}

/// Returns where the next pair begins, at the start of the text or after a space.
fn next_name(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let is_start = at == 0 || text.as_bytes().get(at - 1) == Some(&b' ');
        if is_start && split_name(rest).is_some() {
            return Some(at);
        }
        at += rest.find(' ')? + 1;
    }
}

/// Splits the name off a text that begins with a pair.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '/' | '#');
    let end = text.find(|c: char| !is_part(c))?;
    let (name, rest) = text.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@'));
    is_name.then_some((name, rest.strip_prefix('=')?))
}

/// Reads the pair with which a text begins, and returns it with what follows.
pub(super) fn first(text: &str, until: Until) -> Option<(Pair, &str)> {
    let (name, rest) = split_name(text)?;
    let (value, rest) = match rest.chars().next() {
        Some('"') => quoted(rest)?,
        Some('[' | '{' | '(') if until == Until::Pair => bracketed(rest)?,
        _ => {
            let end = match until {
                Until::Space => rest.find([' ', ',']).unwrap_or(rest.len()),
                Until::Pair => next_name(rest, 1).unwrap_or(rest.len()),
            };
            let (value, rest) = rest.split_at(end);
            (value.trim_end().to_owned(), rest)
        }
    };
    Some(((name.to_owned(), value), rest))
}

/// Reads a string with the escapes that Go and Rust write.
pub(super) fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.strip_prefix('"')?.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                'u' => {
                    let (character, rest) = unicode(characters.as_str())?;
                    characters = rest.chars();
                    character
                }
                other => other,
            }),
            other => value.push(other),
        }
    }
}

/// Reads what follows `\u`: four digits in Go, any number in braces in Rust.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(rest) => rest.split_once('}')?,
        None => text.split_at_checked(4)?,
    };
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(number)?, rest))
}

/// Reads a value in brackets, in which there can be strings and other brackets.
fn bracketed(text: &str) -> Option<(String, &str)> {
    let mut depth = 0_usize;
    let mut is_string = false;
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            _ if is_string => {}
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    let (value, rest) = text.split_at(at + character.len_utf8());
                    return Some((value.to_owned(), rest));
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns the length of the value in brackets with which a text begins.
pub(super) fn length_of_brackets(text: &str) -> Option<usize> {
    let (value, _) = bracketed(text)?;
    Some(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(pairs: &[(&str, &str)]) -> Vec<Pair> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn values_have_quotes_brackets_and_spaces() {
        let text = r#"cents=129900 note="he said \"no\"\nthen 🙈" error=card declined error.sources=[an error] lines=[("A-1", 2)] empty= last=1.5"#;
        let expected = owned(&[
            ("cents", "129900"),
            ("note", "he said \"no\"\nthen 🙈"),
            ("error", "card declined"),
            ("error.sources", "[an error]"),
            ("lines", "[(\"A-1\", 2)]"),
            ("empty", ""),
            ("last", "1.5"),
        ]);
        assert_eq!(all(text, Until::Pair), Some(expected));
    }

    #[test]
    fn only_pairs_at_the_end_are_split_off() {
        for (text, message, pairs) in [
            (
                "request ended status=502 took=3ms",
                "request ended",
                &[("status", "502"), ("took", "3ms")][..],
            ),
            ("a=1 is not b=2", "a=1 is not", &[("b", "2")]),
            ("no pairs", "no pairs", &[]),
            ("x = 1", "x = 1", &[]),
            ("a=1 failed", "a=1 failed", &[]),
            ("a=1", "", &[("a", "1")]),
        ] {
            assert_eq!(
                at_end(text, Until::Space),
                (message, owned(pairs)),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_without_an_end_or_with_too_many_pairs_have_none() {
        for text in ["a=\"b", "a=\"\\", "a=[1", "a=\"\\u12", "=", "a"] {
            assert_eq!(all(text, Until::Pair), None, "{text}");
        }
        assert_eq!(all(&"a=1 ".repeat(1_001), Until::Pair), None);
        let most = all(&"a=1 ".repeat(1_000), Until::Pair);
        assert_eq!(most.map(|pairs| pairs.len()), Some(1_000));
    }
}
