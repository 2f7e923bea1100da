//! Keys that Elasticsearch and OpenSearch do not accept.

use crate::bytes::all_bytes;
use std::borrow::Cow;

/// The metadata fields of Elasticsearch and OpenSearch. No field at the top level of a document can have their names.
pub const METADATA_FIELDS: &[&str] = &[
    "_data_stream_timestamp",
    "_doc_count",
    "_feature",
    "_field_names",
    "_id",
    "_ignored",
    "_ignored_source",
    "_index",
    "_inference_fields",
    "_nested_path",
    "_primary_term",
    "_recovery_source",
    "_routing",
    "_seq_no",
    "_size",
    "_source",
    "_tier",
    "_ts_routing_hash",
    "_tsid",
    "_type",
    "_version",
];

/// Returns a name in which each empty or blank part between dots is `_`: `a._.b` for `a..b`, and `_` for the empty name.
///
/// Elasticsearch reads a dot as nesting, and rejects a document if a name at any level is empty or blank.
#[must_use]
pub fn without_blank_parts(name: &str) -> Cow<'_, str> {
    let is_blank = |part: &str| part.trim().is_empty();
    if is_plain(name) || !name.split('.').any(is_blank) {
        return Cow::Borrowed(name);
    }
    let part = |part| if is_blank(part) { "_" } else { part };
    Cow::Owned(name.split('.').map(part).collect::<Vec<_>>().join("."))
}

/// Returns whether a name has only printable ASCII characters, and no empty part. Most names are such, and this is quick to see.
fn is_plain(name: &str) -> bool {
    let has_no_dots = || all_bytes(name.as_bytes(), |byte| byte != b'.');
    let has_empty_part = || name.split('.').any(str::is_empty);
    !name.is_empty()
        && all_bytes(name.as_bytes(), |byte| byte.is_ascii_graphic())
        && (has_no_dots() || !has_empty_part())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blank_parts_are_replaced() {
        for (name, expected) in [
            ("", "_"),
            (".", "_._"),
            ("a..b", "a._.b"),
            (".a", "_.a"),
            ("a.", "a._"),
            ("a. \u{3000}.b", "a._.b"),
        ] {
            assert_eq!(without_blank_parts(name), expected);
        }
        for name in ["a", "a.b", "a b", "_"] {
            assert!(matches!(without_blank_parts(name), Cow::Borrowed(same) if same == name));
        }
    }
}
