//! Groups in brackets before the message: `[app] [trace_id=4bf9… span_id=00f0…] - text`.

use super::{
    context,
    pairs::{self, Pair, Until},
};

/// Splits off the groups in brackets with which a text begins. Returns the pairs in them, the text after them, and the text without those
/// that consist of pairs or ids.
pub(super) fn split(text: &str) -> (Vec<Pair>, &str, String) {
    let mut found = Vec::new();
    let mut others = String::new();
    let mut rest = text.trim_start();
    while let Some(group) = rest.strip_prefix('[')
        && let Some((inside, after)) = group.split_once(']')
    {
        match pairs_of(inside) {
            Some(pairs) => found.extend(pairs),
            None => {
                others.push('[');
                others.push_str(inside);
                others.push_str("] ");
            }
        }
        rest = after.trim_start();
    }
    others.push_str(rest);
    (found, rest, others)
}

/// Returns the name of the application in `[orders] [main] text`, as Spring Boot writes it before the thread, if it is set.
pub(super) fn application(text: &str) -> Option<&str> {
    let group = |text: &'_ str| {
        let (inside, _) = text.trim_start().strip_prefix('[')?.split_once(']')?;
        pairs_of(inside).is_none().then_some(inside.len())
    };
    let text = text.trim_start();
    let length = group(text)?;
    group(text.get(length + 2..)?)?;
    text.get(1..=length).map(str::trim)
}

/// Returns the pairs in a group, or the ids without names in it: `[orders,4bf9…,00f0…]` or `[4bf9…-00f0…]` of Spring, or a trace id alone.
fn pairs_of(inside: &str) -> Option<Vec<Pair>> {
    if inside.trim().is_empty() {
        return Some(Vec::new());
    }
    if let Some(pairs) = pairs::all(inside, Until::Space) {
        return Some(pairs);
    }
    let (ids, rest) = context::split(inside);
    if !ids.is_empty() && rest.is_empty() {
        return Some(ids);
    }
    let parts: Vec<&str> = inside.split([',', '-']).map(str::trim).collect();
    if let [id] = &*parts
        && id.len() == 32
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Some(vec![("trace_id".to_owned(), (*id).to_owned())]);
    }
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let at = parts.windows(2).position(|pair| match pair {
        [trace, span] => (is_hex(trace, 32) || is_hex(trace, 16)) && is_hex(span, 16),
        _ => false,
    })?;
    let part = |at: usize| parts.get(at).map(|part| (*part).to_owned());
    let mut pairs = vec![
        ("trace_id".to_owned(), part(at)?),
        ("span_id".to_owned(), part(at + 1)?),
    ];
    if let Some(service) = part(0).filter(|service| at == 1 && !service.is_empty()) {
        pairs.push(("service".to_owned(), service));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_pairs_and_of_ids_are_understood() {
        let (pairs, after, others) = split(" [app] [a.py:9] [trace_id=4b span_id=0f] - text [x]");
        let names: Vec<_> = pairs.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["trace_id", "span_id"]);
        assert_eq!(after, "- text [x]");
        assert_eq!(others, "[app] [a.py:9] - text [x]");
        for ids in [
            "[4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] x",
            "[orders,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] x",
        ] {
            let (pairs, after, _) = split(ids);
            let value = |name: &str| {
                pairs
                    .iter()
                    .find(|pair| pair.0 == name)
                    .map(|pair| &*pair.1)
            };
            assert_eq!(value("trace_id"), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
            assert_eq!(value("span_id"), Some("00f067aa0ba902b7"));
            assert_eq!(after, "x");
        }
    }

    #[test]
    fn a_trace_id_can_stand_alone_in_a_group() {
        let (pairs, after, others) = split("[main] [4bf92f3577b34da6a3ce929d0e0e4736] x");
        let id = "4bf92f3577b34da6a3ce929d0e0e4736".to_owned();
        assert_eq!(pairs, [("trace_id".to_owned(), id)]);
        assert_eq!((after, &*others), ("x", "[main] x"));
        for other in [
            "[00f067aa0ba902b7] x",
            "[4bf92f3577b34da6a3ce929d0e0e473g] x",
        ] {
            assert_eq!(split(other).0, [], "{other}");
        }
    }

    #[test]
    fn names_and_values_can_have_colons_between_them() {
        let (pairs, after, _) = split("[traceId:4b spanId:0f] x");
        assert_eq!((pairs.len(), after), (2, "x"));
    }

    #[test]
    fn the_first_of_two_groups_is_the_application() {
        for (text, expected) in [
            ("[orders] [           main] [] c.a.App : x", Some("orders")),
            ("[           main] [a=1] c.a.App : x", None),
            ("[main] c.a.App : x", None),
            ("c.a.App [a] [b]", None),
        ] {
            assert_eq!(application(text), expected, "{text}");
        }
    }

    #[test]
    fn a_group_without_an_end_is_text() {
        assert_eq!(split("[a b"), (Vec::new(), "[a b", "[a b".to_owned()));
    }
}
