//! The attributes of the resource.

use super::{REDACTED, SECRET, TOKEN, lines, schemas};
use opentelemetry::{Array, StringValue, Value};
use tracing::info;
use tracing_stamp::{Redaction, Schema};

fn strings(values: &[&str]) -> Value {
    let values = values
        .iter()
        .map(|value| StringValue::from((*value).to_owned()));
    Value::Array(Array::String(values.collect()))
}

#[test]
fn attributes_are_redacted_by_key_and_pattern_in_all_schemas() {
    for schema in schemas() {
        let lines = lines(
            |layer| {
                layer
                    .with_resource([
                        ("service.name", Value::from("orders")),
                        ("api.key", SECRET.into()),
                        ("tokens.old", strings(&["plain", TOKEN])),
                        ("tokens.session", strings(&[SECRET])),
                    ])
                    .with_schema(schema)
                    .with_redaction(Redaction::new().secrets())
            },
            || info!("ready"),
        );
        let text = format!("{:?}", lines[0]);
        assert!(text.contains("orders") && text.contains("plain"), "{text}");
        assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
        assert_eq!(text.matches(REDACTED).count(), 3, "{text}");
    }
}

#[test]
fn a_rule_applies_to_the_attributes_own_name() {
    let lines = lines(
        |layer| {
            layer
                .with_resource([("deployment.environment.name", "red")])
                .with_schema(Schema::ecs())
                .with_redaction(Redaction::new().key("deployment.environment.name"))
        },
        || info!("ready"),
    );
    assert!(format!("{:?}", lines[0]).contains(REDACTED));
}
