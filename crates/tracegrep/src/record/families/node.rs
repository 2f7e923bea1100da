//! pino and bunyan name the application `name`. Durations in JavaScript are in milliseconds.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_number = |key| members.get(key).is_some_and(Value::is_number);
    let of_process = is_number("pid") && members.has("hostname");
    if !is_number("level") || !(of_process || is_number("time") || is_number("v")) {
        return None;
    }
    if let Some(name) = members.take("name") {
        // A member without a service is a field again.
        let key = if members.has("service") {
            "name"
        } else {
            "service"
        };
        members.push(key, name);
    }
    Some(Adapted::with_unit(Unit::Milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn the_name_is_the_service_unless_there_is_one() {
        let mut bunyan = members(r#"{"name":"orders","hostname":"a","pid":1,"level":30,"v":0}"#);
        assert_eq!(
            adapt(&mut bunyan),
            Some(Adapted::with_unit(Unit::Milliseconds))
        );
        assert_eq!(bunyan.text("service"), Some("orders"));
        let mut pino =
            members(r#"{"level":30,"time":1795967385179,"service":"orders","name":"http"}"#);
        assert!(adapt(&mut pino).is_some());
        assert_eq!(
            (pino.text("service"), pino.text("name")),
            (Some("orders"), Some("http"))
        );
        assert_eq!(
            adapt(&mut members(r#"{"level":"info","name":"app"}"#)),
            None
        );
    }
}
