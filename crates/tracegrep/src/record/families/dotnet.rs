//! .NET's `JsonConsoleFormatter` writes the ids, and what the application adds to a scope, into the list `Scopes`: the innermost one last.

use super::{super::members::Members, adapted::Adapted};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    if !(members.has("loglevel") && members.get("scopes").is_some_and(Value::is_array)) {
        return None;
    }
    if let Some(Value::Array(scopes)) = members.take("scopes") {
        let objects = scopes.into_iter().rev().filter_map(|scope| match scope {
            Value::Object(scope) => Some(scope),
            _ => None,
        });
        members.extend_new(objects.flatten());
    }
    Some(Adapted::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_scope_counts() {
        let line = r#"{"LogLevel":"Warning","Message":"m","Scopes":[{"Message":"SpanId:1","SpanId":"1","n":1},"text",{"n":2}]}"#;
        let object = serde_json::from_str(line).expect("an object");
        let mut members = Members::of_object(object);
        assert_eq!(adapt(&mut members), Some(Adapted::default()));
        assert_eq!(members.text("message"), Some("m"));
        assert_eq!(members.text("spanid"), Some("1"));
        assert_eq!(members.get("n"), Some(&2.into()));
        assert!(!members.has("scopes"));
    }
}
