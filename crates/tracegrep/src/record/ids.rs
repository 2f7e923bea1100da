//! The forms in which lines have ids.
//!
//! | form | trace id | span id |
//! |---|---|---|
//! | hexadecimal, in any case | 32 digits, also with dashes as a UUID; 16 digits of B3 | 16 digits |
//! | hexadecimal after `0x` | without leading zeros | without leading zeros |
//! | decimal | Datadog's 64 bits; Python's 128 bits | Datadog's 64 bits |
//! | in a `traceparent` | the second part | the third part |
//! | AWS X-Ray | `1-` and 8 and 24 digits, also after `Root=` | 16 digits after `Parent=` |
//! | Google Cloud | `projects/shop/traces/` and the id | |
//!
//! A text of 16 or 32 digits can be either, and is hexadecimal. Shorter decimal texts are only ids under Datadog's names, since elsewhere they
//! are numbers of orders and the like. Zeros are no id.

use serde_json::Value;

/// How a text of decimal digits is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    /// As an id if it has enough digits to be a random one.
    IfLong,
    /// As a decimal id, as Datadog's tracers write it.
    Datadog,
}

/// The fewest digits of a random decimal id: only one in a thousand of 64 bits is shorter.
const MIN_DECIMAL_DIGITS: usize = 17;

/// Returns a trace id as 32 hexadecimal digits.
pub(super) fn trace_id(value: &Value, digits: Digits) -> Option<String> {
    match value {
        Value::Number(number) => hex(number_of(&number.to_string(), digits, 20)?, 32),
        Value::String(text) => trace_id_of_text(text.trim(), digits),
        _ => None,
    }
}

/// Returns a span id as 16 hexadecimal digits.
pub(super) fn span_id(value: &Value, digits: Digits) -> Option<String> {
    match value {
        Value::Number(number) => hex(number_of(&number.to_string(), digits, 20)?, 16),
        Value::String(text) => span_id_of_text(text.trim(), digits),
        _ => None,
    }
}

/// Returns the ids in a `traceparent` (W3C Trace Context) or in the header of AWS X-Ray: the trace and the caller's span. X-Ray can leave the
/// span out.
pub(super) fn of_traceparent(text: &str) -> Option<(String, Option<String>)> {
    let text = text.trim();
    if let Some(root) = field_of_xray(text, "Root") {
        let span = field_of_xray(text, "Parent");
        let span = span.and_then(|span| span_id_of_text(span, Digits::IfLong));
        return Some((trace_id_of_text(root, Digits::IfLong)?, span));
    }
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let has_flags = parts.next().is_some_and(|flags| flags.len() == 2);
    let is_valid = has_flags && version.len() == 2 && trace.len() == 32 && span.len() == 16;
    is_valid.then_some(())?;
    let span = hex(hexadecimal(span)?, 16)?;
    Some((hex(hexadecimal(trace)?, 32)?, Some(span)))
}

/// Returns a field of `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1`.
fn field_of_xray<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut fields = text.split(';').map(str::trim);
    fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

fn trace_id_of_text(text: &str, digits: Digits) -> Option<String> {
    let text = field_of_xray(text, "Root").unwrap_or(text);
    // Google Cloud's resource name.
    let text = match text.strip_prefix("projects/") {
        Some(name) => name.rsplit_once("/traces/")?.1,
        None => text,
    };
    if let Some(rest) = text.strip_prefix("0x") {
        return (rest.len() <= 32).then(|| hex(hexadecimal(rest)?, 32))?;
    }
    let number = match text.len() {
        32 => hexadecimal(text)?,
        16 if digits == Digits::IfLong => hexadecimal(text)?,
        // A UUID, and an id of X-Ray.
        36 => hexadecimal(&without_dashes(text, &[8, 4, 4, 4, 12])?)?,
        35 => hexadecimal(without_dashes(text, &[1, 8, 24])?.strip_prefix('1')?)?,
        _ => number_of(text, digits, 39)?,
    };
    hex(number, 32)
}

fn span_id_of_text(text: &str, digits: Digits) -> Option<String> {
    if let Some(rest) = text.strip_prefix("0x") {
        return (rest.len() <= 16).then(|| hex(hexadecimal(rest)?, 16))?;
    }
    let number = match text.len() {
        16 if digits == Digits::IfLong || !is_decimal(text) => hexadecimal(text)?,
        _ => number_of(text, digits, 20)?,
    };
    hex(number, 16)
}

/// Parses a decimal id with at most a number of digits.
fn number_of(text: &str, digits: Digits, most: usize) -> Option<u128> {
    let fewest = match digits {
        Digits::IfLong => MIN_DECIMAL_DIGITS,
        Digits::Datadog => 1,
    };
    let is_id = is_decimal(text) && (fewest..=most).contains(&text.len());
    is_id.then(|| text.parse().ok())?
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn hexadecimal(text: &str) -> Option<u128> {
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u128::from_str_radix(text, 16).ok())?
}

/// Joins the parts of a text between dashes, if they have these lengths.
fn without_dashes(text: &str, lengths: &[usize]) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    let are_these = parts
        .iter()
        .map(|part| part.len())
        .eq(lengths.iter().copied());
    are_these.then(|| parts.concat())
}

/// Writes an id with a number of digits. Returns `None` for zero, and for a number with more digits.
fn hex(number: u128, width: usize) -> Option<String> {
    let text = format!("{number:0width$x}");
    (number != 0 && text.len() == width).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const LOWER: &str = "0000000000000000a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_trace_id_is_read_in_all_forms() {
        for (value, expected) in [
            (json!(TRACE), TRACE),
            (json!("4BF92F3577B34DA6A3CE929D0E0E4736"), TRACE),
            (json!("4bf92f35-77b3-4da6-a3ce-929d0e0e4736"), TRACE),
            (json!("0x4bf92f3577b34da6a3ce929d0e0e4736"), TRACE),
            (json!("1-4bf92f35-77b34da6a3ce929d0e0e4736"), TRACE),
            (
                json!("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1"),
                TRACE,
            ),
            (
                json!("projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736"),
                TRACE,
            ),
            (json!("100985939111033328018442752961257817910"), TRACE),
            (json!("a3ce929d0e0e4736"), LOWER),
            (json!("0xa3ce929d0e0e4736"), LOWER),
            (json!("11803532876627986230"), LOWER),
            (json!(11803532876627986230_u64), LOWER),
        ] {
            let id = trace_id(&value, Digits::IfLong);
            assert_eq!(id.as_deref(), Some(expected), "{value}");
        }
        let datadog = trace_id(&json!("11803532876627986230"), Digits::Datadog);
        assert_eq!(datadog.as_deref(), Some(LOWER));
        let whole = trace_id(&json!(TRACE), Digits::Datadog);
        assert_eq!(whole.as_deref(), Some(TRACE));
    }

    #[test]
    fn a_span_id_is_read_in_all_forms() {
        for (value, digits) in [
            (json!(SPAN), Digits::IfLong),
            (json!("00F067AA0BA902B7"), Digits::IfLong),
            (json!("0xf067aa0ba902b7"), Digits::IfLong),
            (json!("67667974448284343"), Digits::IfLong),
            (json!(67667974448284343_u64), Digits::IfLong),
            (json!("67667974448284343"), Digits::Datadog),
            (json!(SPAN), Digits::Datadog),
        ] {
            assert_eq!(span_id(&value, digits).as_deref(), Some(SPAN), "{value}");
        }
        // Sixteen digits are decimal under Datadog's names only.
        let text = json!("1234567890123456");
        assert_eq!(
            span_id(&text, Digits::IfLong).as_deref(),
            Some("1234567890123456")
        );
        assert_eq!(
            span_id(&text, Digits::Datadog).as_deref(),
            Some("000462d53c8abac0")
        );
    }

    #[test]
    fn zeros_and_what_has_another_form_are_no_ids() {
        for value in [
            json!(""),
            json!("-"),
            json!("0"),
            json!(null),
            json!(0),
            json!("0000000000000000"),
            json!("00000000000000000000000000000000"),
            json!("12"),
            json!(12),
            json!(1.5),
            json!("0x"),
            json!("order-12"),
            json!("zbf92f3577b34da6a3ce929d0e0e4736"),
            json!("+bf92f3577b34da6a3ce929d0e0e4736"),
            json!("4bf92f3577b34da6a3ce929d0e0e47360"),
            json!("é-4bf92f35-77b34da6a3ce929d0e0e47"),
            json!("400985939111033328018442752961257817910"),
        ] {
            assert_eq!(trace_id(&value, Digits::IfLong), None, "{value}");
            assert_eq!(span_id(&value, Digits::IfLong), None, "{value}");
        }
        assert_eq!(
            span_id(&json!("99999999999999999999"), Digits::Datadog),
            None
        );
    }

    #[test]
    fn only_a_valid_traceparent_has_ids() {
        let found = of_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let both = Some((TRACE.to_owned(), Some(SPAN.to_owned())));
        assert_eq!(found, both);
        let root = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736";
        let header = format!("{root};Parent=00f067aa0ba902b7;Sampled=1");
        assert_eq!(of_traceparent(&header), both);
        assert_eq!(
            of_traceparent(&format!(
                "Self=1-67891234-12456789abcdef012345678a;{header}"
            )),
            both
        );
        assert_eq!(of_traceparent(root), Some((TRACE.to_owned(), None)));
        for text in [
            "",
            "-",
            "not \"valid\"",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "Root=1-4bf92f35-77b34da6;Parent=00f067aa0ba902b7",
        ] {
            assert_eq!(of_traceparent(text), None, "{text}");
        }
    }
}
