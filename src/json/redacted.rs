//! Replaces secrets: the values of keys with a rule, and what patterns find in texts.

use super::{
    escape::{push_escaped, push_string},
    members::Members,
    reserved::Reserved,
    rules::{BEYOND_LIMIT, Rules},
    unescaped::unescaped,
};
use log_files::json::value_end;
use log_redaction::{KeyRule, Redactor};
use std::borrow::Cow;

/// Appends what stands in place of a value that has a key with this rule, as JSON. Returns `false` if the member is left out; then nothing
/// is appended. `push` appends the value as JSON. It is only called if the value is kept, or if the replacement depends on it.
#[inline]
pub(crate) fn push_redacted(
    out: &mut Vec<u8>,
    rule: &KeyRule,
    is_boolean: bool,
    rules: &Rules,
    push: impl FnOnce(&mut Vec<u8>),
) -> bool {
    if is_boolean && rule.keeps_booleans() {
        push(out);
        return true;
    }
    let Some(redactor) = &rules.redactor else {
        return false;
    };
    let replaced = redactor.replace(rule, |text| {
        let mut json = Vec::new();
        push(&mut json);
        text.push_str(&text_of_value(&json).unwrap_or_default());
    });
    match &replaced {
        // A fixed word, such as `[redacted]`, has nothing to escape.
        Some(Cow::Borrowed(word)) => {
            out.push(b'"');
            out.extend_from_slice(word.as_bytes());
            out.push(b'"');
        }
        Some(Cow::Owned(text)) => push_string(out, text),
        None => {}
    }
    replaced.is_some()
}

/// Returns the text of a JSON string, and the JSON of any other value.
fn text_of_value(json: &[u8]) -> Option<Cow<'_, str>> {
    match json {
        [b'"', inside @ .., b'"'] => unescaped(inside),
        _ => Some(Cow::Borrowed(std::str::from_utf8(json).ok()?)),
    }
}

/// Appends a member with a key that was not prepared, and with what stands in place of its value if there is a rule for it. Returns whether
/// the value itself was written. `push` appends the value as JSON.
pub(crate) fn push_member(
    members: &mut Members,
    name: &str,
    rule: Option<&KeyRule>,
    is_boolean: bool,
    (reserved, rules): (&Reserved, &Rules),
    push: impl FnOnce(&mut Vec<u8>),
) -> bool {
    let Some(rule) = rule else {
        members.push_named(name, reserved, push);
        return true;
    };
    let mut json = Vec::new();
    if push_redacted(&mut json, rule, is_boolean, rules, push) {
        members.push_named(name, reserved, |out| out.extend_from_slice(&json));
    }
    false
}

/// Replaces the secrets within the nested value that begins at `start` by their keys and paths, if there are no patterns. With patterns,
/// [`redact`] does both at once later: a pseudonym that is redacted again would become another one. `name` is that of the value's field.
pub(super) fn redact_json(out: &mut Vec<u8>, start: usize, name: &str, rules: &Rules) {
    if let Some(redactor) = &rules.redactor
        && !redactor.has_patterns()
        && let Some(json) = redactor.json(name, &out[start..])
    {
        out.truncate(start);
        out.extend_from_slice(&json);
    }
}

/// Replaces what patterns find in the values of members, and the secrets within nested values.
#[inline]
pub(crate) fn redact(members: &mut Members, rules: &Rules) {
    if let Some(redactor) = rules.patterns()
        && members.values().any(|value| may_match(redactor, value))
    {
        redact_members(members, redactor, rules.limit);
    }
}

/// Returns whether a value may have a secret. Most values are numbers or short strings, so this is faster than a search in the text of all
/// members, in which each key with its colon looks like the beginning of a secret.
#[inline]
fn may_match(redactor: &Redactor, value: &[u8]) -> bool {
    match value {
        [b'"', inside @ .., _] => redactor.may_match(inside),
        // Keys within it can have rules that no pattern knows.
        [b'{', ..] => true,
        [b'[', ..] => value.contains(&b'{') || redactor.may_match(value),
        _ => false,
    }
}

#[cold]
fn redact_members(members: &mut Members, redactor: &Redactor, limit: usize) {
    members.replace_values(|name, value| match value.first()? {
        _ if !may_match(redactor, value) => None,
        b'"' => string(redactor, value, limit),
        b'[' => strings(redactor, value, limit).or_else(|| nested(redactor, name, value)),
        _ => nested(redactor, name, value),
    });
}

/// Replaces what patterns find in text that is escaped for the inside of a JSON string.
#[inline]
pub(crate) fn redact_escaped(escaped: &mut Vec<u8>, rules: &Rules) {
    if let Some(redactor) = rules.patterns()
        && redactor.may_match(escaped)
        && let Some(replaced) = inside(redactor, escaped, rules.limit)
    {
        *escaped = replaced;
    }
}

/// Returns a JSON string with the secrets in it replaced. `None` if it has none.
fn string(redactor: &Redactor, string: &[u8], limit: usize) -> Option<Vec<u8>> {
    let inside = inside(redactor, string.get(1..string.len() - 1)?, limit)?;
    Some([b"\"", &*inside, b"\""].concat())
}

/// Returns a list of strings, such as the sources of an error, with the secrets in it replaced. `None` if it has none, or if it is not a list
/// of strings.
fn strings(redactor: &Redactor, list: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = b"[".to_vec();
    let (mut at, mut is_changed) = (1, false);
    while list.get(at) == Some(&b'"') {
        let end = value_end(list, at)?;
        match string(redactor, &list[at..end], limit) {
            Some(replaced) => {
                out.extend_from_slice(&replaced);
                is_changed = true;
            }
            None => out.extend_from_slice(&list[at..end]),
        }
        out.push(*list.get(end)?);
        at = end + 1;
    }
    (is_changed && at == list.len()).then_some(out)
}

/// Returns the inside of a JSON string with the secrets in it replaced. `None` if it has none.
#[cold]
fn inside(redactor: &Redactor, escaped: &[u8], limit: usize) -> Option<Vec<u8>> {
    let before = unescaped(escaped)?;
    let mut text = redactor.text(&before)?;
    if escaped.len() > limit {
        cut_end(&mut text, &before);
    }
    let mut out = Vec::with_capacity(text.len());
    push_escaped(&mut out, &text);
    Some(out)
}

/// Cuts the end of a redacted text, because it may be the beginning of a secret that is too short to be recognised: the value was formatted up
/// to a limit, and the line's limit may not cut it off again, since the text is shorter now. What was after the last secret is the common
/// end of both texts.
fn cut_end(text: &mut String, before: &str) {
    let pairs = text.bytes().rev().zip(before.bytes().rev());
    let common = pairs
        .take(BEYOND_LIMIT)
        .take_while(|(one, other)| one == other);
    let end = text.len() - common.count();
    let end = (0..=end).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or_default());
    text.push('…');
}

/// Returns a nested value with the secrets in it replaced. `None` if it has none.
fn nested(redactor: &Redactor, name: &[u8], json: &[u8]) -> Option<Vec<u8>> {
    redactor.json(&unescaped(name)?, json)
}
