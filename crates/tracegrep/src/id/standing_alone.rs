use super::{
    TraceId,
    neighbours::{is_end, is_hex, is_start},
};

/// A name this far before an id belongs to it.
const MAX_NAME_BYTES: usize = 24;

/// Returns the trace id that stands alone in a text, as 32 hexadecimal digits: the first one after a name such as `trace_id`, or else the
/// first one.
pub(crate) fn standing_alone(text: &[u8]) -> Option<TraceId> {
    let mut first = None;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_hex(byte)).count();
        if length == 32
            && is_start(text, at, is_word)
            && is_end(text, at + length, is_word)
            && let Some(id) = rest.get(..length).and_then(id)
        {
            if is_named(text.get(..at).unwrap_or_default()) {
                return Some(id);
            }
            first = first.or(Some(id));
        }
        at += length.max(1);
    }
    first
}

fn id(digits: &[u8]) -> Option<TraceId> {
    TraceId::from_hex(str::from_utf8(digits).ok()?)
}

fn is_named(before: &[u8]) -> bool {
    let start = before.len().saturating_sub(MAX_NAME_BYTES);
    let name = before.get(start..).unwrap_or_default();
    name.windows(5)
        .any(|word| word.eq_ignore_ascii_case(b"trace"))
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn found(text: &str) -> Option<String> {
        standing_alone(text.as_bytes()).map(|id| id.to_string())
    }

    #[test]
    fn an_id_stands_alone_between_brackets_after_a_name_and_in_a_traceparent() {
        for text in [
            format!("ERROR [shop,{ID},00f067aa0ba902b7] failed"),
            format!("ERROR trace_id: {ID} failed"),
            format!("[{ID}] failed"),
            format!("00-{ID}-00f067aa0ba902b7-01"),
            format!(r#"{{"a":"{{\"b\":\"{ID}\"}}"}}"#),
            format!("etag=d41d8cd98f00b204e9800998ecf8427e TraceId={ID}"),
            ID.to_uppercase(),
        ] {
            assert_eq!(found(&text).as_deref(), Some(ID), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_longer_number_or_word_and_zeros_are_no_id() {
        for text in [
            format!("{ID}0"),
            format!("sha-{ID}{ID}"),
            format!("x{ID}"),
            format!("{ID}_1"),
            "0".repeat(32),
            String::new(),
        ] {
            assert_eq!(found(&text), None, "{text}");
        }
    }
}
