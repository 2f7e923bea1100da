use log_files::json::{Entry, entries, value_end};
use std::collections::HashSet;

/// Removes members with a repeated key, at every level. The last member with a key stays.
///
/// Relies on text that this crate wrote: valid JSON without spaces.
pub(super) fn without_repeated_keys(json: Vec<u8>) -> Vec<u8> {
    // Every key has a colon after it, so text with fewer than two colons has no repeated key. Most values are that small.
    if json.iter().filter(|byte| **byte == b':').count() < 2 {
        return json;
    }
    let mut out = Vec::with_capacity(json.len());
    push(&mut out, &json);
    out
}

fn push(out: &mut Vec<u8>, json: &[u8]) {
    match json.first() {
        Some(b'{') => push_object(out, json),
        Some(b'[') => push_array(out, json),
        _ => out.extend_from_slice(json),
    }
}

fn push_object(out: &mut Vec<u8>, json: &[u8]) {
    let members = entries(json);
    let key = |member: &Entry| &json[member.whole.start..member.value.start];
    let mut seen = HashSet::new();
    let mut kept: Vec<&Entry> = members
        .iter()
        .rev()
        .filter(|member| seen.insert(key(member)))
        .collect();
    kept.reverse();
    out.push(b'{');
    for (index, member) in kept.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(key(member));
        push(out, &json[member.value.clone()]);
    }
    out.push(b'}');
}

fn push_array(out: &mut Vec<u8>, json: &[u8]) {
    let mut at = b"[".len();
    out.push(b'[');
    while at < json.len() - 1 {
        let end = value_end(json, at).unwrap_or(json.len() - 1);
        push(out, &json[at..end]);
        if json[end] == b',' {
            out.push(b',');
        }
        at = end + 1;
    }
    out.push(b']');
}
