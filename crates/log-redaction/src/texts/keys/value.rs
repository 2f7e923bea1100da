//! How far a value reaches.

use std::ops::Range;

/// How many marks of a raw string are looked at.
const LONGEST_MARK: usize = 16;

/// The longest name of a type that is looked at.
const LONGEST_TYPE: usize = 64;

/// A value in a text.
#[derive(Debug)]
pub(super) struct Value {
    /// Without quotes.
    pub(super) secret: Range<usize>,
    /// Where the text after it begins.
    pub(super) end: usize,
    pub(super) form: ValueForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    Quoted,
    /// With brackets, as `Debug` writes it.
    Structure,
    /// What follows the name of a scheme, or the key of credentials.
    Credentials,
    Bare,
}

impl Value {
    pub(super) fn bare(range: Range<usize>) -> Self {
        Self {
            end: range.end,
            secret: range,
            form: ValueForm::Bare,
        }
    }
}

/// Returns the value in quotes that begins here. Without an end it is as long as the text.
pub(super) fn quoted(text: &str, start: usize) -> Option<Value> {
    let bytes = text.as_bytes();
    let rest = bytes.get(start..)?;
    // The prefixes of strings in Rust and Python.
    let is_prefix = |byte: &&u8| matches!(byte, b'b' | b'c' | b'r' | b'u' | b'f');
    let prefix = rest.iter().take(2).take_while(is_prefix).count();
    let marks = rest.get(prefix..)?.iter();
    let marks = marks.take(if prefix > 0 { LONGEST_MARK } else { 0 });
    let marks = marks.take_while(|byte| **byte == b'#').count();
    let escapes = rest.get(prefix + marks..)?;
    let escapes = escapes.iter().take_while(|byte| **byte == b'\\').count();
    let opening = start + prefix + marks + escapes;
    let quote = *bytes
        .get(opening)
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let inside = opening + 1;
    let (secret_end, end) = if marks > 0 {
        raw_end(text, inside, marks)
    } else {
        repeated_end(text, inside, escapes).or_else(|| closing(bytes, inside, quote, escapes))
    }
    .unwrap_or((bytes.len(), bytes.len()));
    Some(Value {
        secret: inside..secret_end,
        end,
        form: ValueForm::Quoted,
    })
}

/// Returns where a raw string of Rust ends, such as `r#"x"#`, and where its closing marks end.
fn raw_end(text: &str, inside: usize, marks: usize) -> Option<(usize, usize)> {
    let rest = text.get(inside..)?;
    let closing = format!("\"{}", "#".repeat(marks));
    let found = rest.find(&closing)?;
    let secret = rest.get(..found)?.trim_end_matches('\\');
    Some((inside + secret.len(), inside + found + closing.len()))
}

/// Returns where a value with several quotes ends, such as `""x""` or `"""x"""`, and where its quotes end.
fn repeated_end(text: &str, inside: usize, escapes: usize) -> Option<(usize, usize)> {
    let quote = text.get((inside - 1).checked_sub(escapes)?..inside)?;
    let rest = text.get(inside..)?;
    let after = rest.strip_prefix(quote)?;
    let closing = match after.strip_prefix(quote) {
        Some(_) => quote.repeat(3),
        None if after.starts_with(char::is_alphanumeric) => quote.repeat(2),
        None => return None,
    };
    let opening = closing.len() - quote.len();
    let found = opening + rest.get(opening..)?.find(&closing)?;
    Some((inside + found, inside + found + closing.len()))
}

/// Returns where the text in quotes ends, and where its closing quote ends.
pub(super) fn closing(
    bytes: &[u8],
    inside: usize,
    quote: u8,
    escapes: usize,
) -> Option<(usize, usize)> {
    let mut backslashes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(inside) {
        match *byte {
            b'\\' => backslashes += 1,
            byte if byte == quote && closes(escapes, backslashes) => {
                let escapes = if escapes == 0 { 0 } else { backslashes };
                return Some((at - escapes, at + 1));
            }
            _ => backslashes = 0,
        }
    }
    None
}

/// Returns whether a quote with backslashes before it closes one that had `escapes` of them.
fn closes(escapes: usize, backslashes: usize) -> bool {
    match escapes {
        // Pairs of backslashes are backslashes of the text.
        0 => backslashes.is_multiple_of(2),
        _ => backslashes <= escapes,
    }
}

/// Returns the value with brackets that begins here, such as `Some("x")` or `{"a": 1}`. Without an end it is as long as the text.
/// Without `allows_brackets`, a name has to be before the bracket.
pub(super) fn structure(text: &str, start: usize, allows_brackets: bool) -> Option<Value> {
    let bytes = text.as_bytes();
    let rest = bytes.get(start..)?;
    let name = type_length(rest);
    let spaces = rest.get(name..)?.iter();
    let spaces = spaces.take_while(|byte| **byte == b' ').count();
    let opens = name + spaces;
    let is_opened = match (rest.get(..name)?, spaces, rest.get(opens..)?) {
        ([], 0, [b'{' | b'[', ..] | [b'(', b'"' | b'\'', ..]) => allows_brackets,
        ([b'A'..=b'Z' | b'd', ..], 0, [b'(' | b'[' | b'{', ..]) => true,
        ([b'A'..=b'Z' | b'd', ..], 1, [b'{', ..]) => true,
        // In a sentence, brackets have words in them.
        ([b'A'..=b'Z' | b'd', ..], 1, [b'(' | b'[', inside @ ..]) => begins_value(inside),
        _ => false,
    };
    if !is_opened {
        return None;
    }
    let end = balanced(bytes, start + opens).unwrap_or(bytes.len());
    Some(Value {
        secret: start..end,
        end,
        form: ValueForm::Structure,
    })
}

/// Returns the length of the name of a type, such as `Cow::Borrowed`, `dyn Any` or `Foo::<Bar>`.
fn type_length(text: &[u8]) -> usize {
    let text = text.get(..LONGEST_TYPE).unwrap_or(text);
    let keyword = if text.starts_with(b"dyn ") { 4 } else { 0 };
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    let name = text.get(keyword..).unwrap_or_default();
    let first = *name.first().unwrap_or(&b' ');
    if !first.is_ascii_uppercase() {
        return 0;
    }
    let name = keyword + name.iter().take_while(is_name).count();
    let is_generic =
        |byte: &&u8| is_name(byte) || matches!(byte, b'<' | b'>' | b',' | b' ' | b'&' | b'\'');
    let parameters = match text.get(name..) {
        Some([b'<', rest @ ..]) => {
            let length = rest.iter().take_while(is_generic).count();
            let inside = rest.get(..length).unwrap_or_default();
            let end = inside.iter().rposition(|byte| *byte == b'>');
            end.map_or(0, |end| end + 2)
        }
        _ => 0,
    };
    name + parameters
}

/// Returns whether a value as `Debug` writes it begins a text.
fn begins_value(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let name = type_length(text);
    match text.get(name..) {
        Some([b'(' | b'[' | b'{', ..]) => true,
        Some([b'"' | b'\'' | b'\\' | b'0'..=b'9', ..]) => name == 0,
        _ => false,
    }
}

/// Returns the position after the bracket that closes the one at `start`. Brackets in quotes do not count.
fn balanced(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    // The backslashes before the opening quote.
    let mut quoted: Option<usize> = None;
    let mut backslashes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match (byte, quoted) {
            (b'\\', _) => {
                backslashes += 1;
                continue;
            }
            (b'"', None) => quoted = Some(backslashes),
            (b'"', Some(escapes)) if closes(escapes, backslashes) => quoted = None,
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')' | b']' | b'}', None) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        backslashes = 0;
    }
    None
}

/// Returns the length of a value without quotes. With `joins_commas`, it goes on after a comma unless a space or another key follows.
pub(super) fn bare_length(text: &str, is_parameter: bool, joins_commas: bool) -> usize {
    // Parts of a hashed password in the PHC format have commas.
    let is_hash = text.starts_with('$')
        && text
            .bytes()
            .take(LONGEST_TYPE)
            .skip(1)
            .any(|byte| byte == b'$');
    let is_end = |character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '"' | '\'' | '`' | '&' | '<' | '>' | ')' | ']' | '}' | '|' | '\x1b'
            )
            || !is_parameter && matches!(character, ',' | ';')
    };
    let mut length = 0;
    loop {
        let rest = &text[length..];
        length += rest.find(is_end).unwrap_or(rest.len());
        match text[length..].strip_prefix(',') {
            Some(after) if is_hash && after.starts_with(char::is_alphanumeric) => length += 1,
            Some(after) if joins_commas && continues(after) => length += 1,
            _ => break,
        }
    }
    let value = &text[..length];
    if text[length..].starts_with(['"', '\'']) {
        value.trim_end_matches('\\').len()
    } else {
        length
    }
}

/// Returns whether what follows a comma belongs to the value before it.
fn continues(after: &str) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = after.bytes().take(LONGEST_TYPE).take_while(is_name).count();
    let next = after.as_bytes().get(name);
    name > 0 && !matches!(next, Some(b'=' | b':' | b'(' | b'[' | b'{'))
        || after.starts_with(|next: char| next.is_alphanumeric() && !next.is_ascii())
}

/// Returns the length of groups of digits and capital letters, such as those of `DE02 1203 0000`. 0 if there is only one.
pub(super) fn groups_length(text: &str) -> usize {
    let mut length = 0;
    let mut groups = 0;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let spaces = usize::from(groups > 0);
        let group = rest.get(spaces..).unwrap_or_default();
        let is_part = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        let signs = usize::from(groups == 0 && group.starts_with('+'));
        let letters = group.bytes().skip(signs).take_while(is_part).count();
        let has_digit = group
            .bytes()
            .skip(signs)
            .take(letters)
            .any(|byte| byte.is_ascii_digit());
        let next = group.as_bytes().get(signs + letters);
        let is_whole = !next.is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'=');
        let fits = (2..=if groups == 0 { 4 } else { 8 }).contains(&letters);
        if !(rest.starts_with(' ') || spaces == 0) || !(has_digit && is_whole && fits) {
            break;
        }
        length += spaces + signs + letters;
        groups += 1;
    }
    if groups > 1 { length } else { 0 }
}
