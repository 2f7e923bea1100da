//! logforth puts the user's fields into `kvs`.

use super::{super::members::Members, adapted::Adapted};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let has = |prefix: &str| members.iter().any(|member| member.key.starts_with(prefix));
    if !(has("kvs.") || has("diags.")) {
        return None;
    }
    members.strip_prefix("kvs.");
    Some(Adapted::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn the_fields_have_their_own_names() {
        let mut line = members(r#"{"message":"m","kvs":{"items":3},"diags":{"trace_id":"4b"}}"#);
        assert!(adapt(&mut line).is_some());
        assert!(line.has("items") && line.has("diags.traceid"));
        assert_eq!(adapt(&mut members(r#"{"message":"m"}"#)), None);
    }
}
