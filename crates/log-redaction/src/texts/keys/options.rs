//! Options of commands, as in `--password x`.

use super::{
    value::{Value, quoted},
    words,
};
use crate::{prepared::Prepared, texts::hits::Hits};

/// The longest name of an option that is looked for.
const LONGEST_NAME: usize = 64;

/// Returns whether an option may follow this character.
pub(in crate::texts) fn may_precede_option(before: u8) -> bool {
    matches!(
        before,
        b' ' | b'"' | b'\'' | b'[' | b'(' | b',' | b'=' | b'`' | b'\n' | b'\t' | b'\r'
    )
}

pub(super) fn name_length(text: &[u8]) -> usize {
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.iter().take(LONGEST_NAME).take_while(is_name).count()
}

/// Finds the values of options.
pub(super) fn find(rules: &Prepared, text: &str, hits: &mut Hits<'_>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("--")) {
        let start = from + found;
        let name = start + 2..start + 2 + name_length(bytes.get(start + 2..).unwrap_or_default());
        from = name.end.max(start + 2);
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        if !before.is_none_or(|before| may_precede_option(*before))
            || bytes.get(name.end) != Some(&b' ')
        {
            continue;
        }
        let Some(rule) = text
            .get(name.clone())
            .and_then(|name| rules.named_key(name))
        else {
            continue;
        };
        let spaces = bytes.get(name.end..).unwrap_or_default();
        let spaces = spaces.iter().take_while(|byte| **byte == b' ').count();
        if let Some(value) = value(text, name.end + spaces) {
            from = value.end;
            hits.push(value.secret, rule.rule as usize, rule.replacement);
        }
    }
}

fn value(text: &str, start: usize) -> Option<Value> {
    if let Some(value) = quoted(text, start) {
        return Some(value);
    }
    let rest = text.get(start..)?;
    let is_end = |character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '"' | '\'' | '`' | ';' | '|' | '&' | '<' | '>' | ')' | ','
            )
    };
    let (word, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
    let is_last = after.is_empty() || after.starts_with(" -") || !after.starts_with(' ');
    let is_secret = !word.starts_with('-')
        && !words::says_no_secret(word)
        && (is_last || words::looks_random(word));
    is_secret.then(|| Value::bare(start..start + word.len()))
}
