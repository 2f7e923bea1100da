//! The list of the spans around an event, the outermost first: `"spans":[{"name":"request","span_id":"…"},{"name":"query"}]`, or only names.

use super::{ids, members::key_of, names, names::Meaning};
use serde_json::Value;

/// The spans around an event.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SpanList {
    pub(super) names: Vec<String>,
    /// For each name the id of the span, if its fields have it.
    ids: Vec<Option<String>>,
}

impl SpanList {
    /// Returns `None` unless each span has a name.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let spans = value.as_array()?.iter();
        let named = spans.map(|span| {
            let name = span.as_str().or_else(|| span.get("name")?.as_str());
            Some((name?.to_owned(), id(span)))
        });
        let (names, ids) = named.collect::<Option<_>>()?;
        Some(Self { names, ids })
    }

    /// The name of the span with an id, if it is not the innermost one.
    pub(super) fn name_around(&self, id: &str) -> Option<&str> {
        let at = self.position(id)?;
        (at + 1 < self.names.len()).then(|| self.names.get(at).map(String::as_str))?
    }

    /// The id of the next span around the span with an id that has another one.
    pub(super) fn id_around(&self, id: &str) -> Option<&str> {
        let outer = self.ids.get(..self.position(id)?)?.iter().rev().flatten();
        outer.map(String::as_str).find(|outer| *outer != id)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|own| own.as_deref() == Some(id))
    }
}

fn id(span: &Value) -> Option<String> {
    let members = span.as_object()?.iter();
    let ids = members.filter_map(|(name, value)| {
        let key = key_of(name);
        let (Meaning::SpanId, place) = names::meaning(&key)? else {
            return None;
        };
        Some((place, ids::span_id(value, names::digits(&key))?))
    });
    ids.min().map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_span_around_another_is_the_next_one_with_another_id() {
        let [outer, inner] = ["00f067aa0ba902b7", "53995c3f42cd8ad8"];
        let list = SpanList::of(&json!([
            {"name": "request", "spanId": outer},
            {"name": "handler"},
            {"name": "query", "span_id": inner, "rows": 3},
            {"name": "row", "span_id": inner},
            {"name": "cell"},
        ]))
        .expect("a list");
        assert_eq!(list.names, ["request", "handler", "query", "row", "cell"]);
        assert_eq!(list.id_around(inner), Some(outer));
        assert_eq!(list.name_around(inner), Some("query"));
        assert_eq!(list.name_around(outer), Some("request"));
        assert_eq!(list.id_around(outer), None);
        assert_eq!(list.id_around("a1b2c3d4e5f60718"), None);
    }

    #[test]
    fn a_list_has_a_name_for_each_span() {
        let names = SpanList::of(&json!(["a", "b"])).map(|list| list.names);
        assert_eq!(names, Some(vec!["a".to_owned(), "b".to_owned()]));
        for value in [json!([{"name": "a"}, {"n": 1}]), json!([1]), json!("a")] {
            assert_eq!(SpanList::of(&value), None, "{value}");
        }
    }
}
