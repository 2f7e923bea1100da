//! The resource as members of a line.

use crate::{
    json::{Members, Reserved, Rules, Value, push_member, redact, unique},
    schema::Schema,
};
use opentelemetry::{Array, KeyValue, StringValue, Value as Attribute};

/// Returns the attributes under the schema's names. Each name occurs once, and none is that of a fixed key.
pub(super) fn members(attributes: &[KeyValue], schema: &Schema, rules: &Rules) -> Members {
    let fixed = schema.reserved();
    let mut members = Members::default();
    for attribute in attributes {
        let name = schema.resource_name(attribute.key.as_str());
        push_attribute(&mut members, name, attribute, (&fixed, rules));
    }
    let has = |name: &str| attributes.iter().rfind(|kv| kv.key.as_str() == name);
    if let Some(dataset) = schema.dataset
        && has(dataset).is_none()
        && let Some(service) = has("service.name")
    {
        push_attribute(&mut members, dataset, service, (&fixed, rules));
    }
    redact(&mut members, rules);
    if members.is_unique() {
        members
    } else {
        unique(&[&members], &fixed)
    }
}

/// Appends an attribute with this name. The rules for keys know it by its own name.
fn push_attribute(
    members: &mut Members,
    name: &str,
    attribute: &KeyValue,
    (reserved, rules): (&Reserved, &Rules),
) {
    let rule = rules.key(attribute.key.as_str());
    let is_boolean = matches!(attribute.value, Attribute::Bool(_));
    push_member(
        members,
        name,
        rule.as_ref(),
        is_boolean,
        (reserved, rules),
        |out| push(out, &attribute.value, rules),
    );
}

fn push(out: &mut Vec<u8>, value: &Attribute, rules: &Rules) {
    match value {
        Attribute::Bool(value) => Value::Bool(*value).push(out, rules),
        Attribute::I64(value) => Value::I64(*value).push(out, rules),
        Attribute::F64(value) => Value::F64(*value).push(out, rules),
        Attribute::String(value) => Value::Str(value.as_str()).push(out, rules),
        Attribute::Array(Array::Bool(values)) => {
            push_list(out, values, |value| Value::Bool(*value), rules)
        }
        Attribute::Array(Array::I64(values)) => {
            push_list(out, values, |value| Value::I64(*value), rules)
        }
        Attribute::Array(Array::F64(values)) => {
            push_list(out, values, |value| Value::F64(*value), rules)
        }
        Attribute::Array(Array::String(values)) => {
            push_list(
                out,
                values,
                |value: &StringValue| Value::Str(value.as_str()),
                rules,
            );
        }
        // Both enums are non-exhaustive: a new variant is written as text.
        other => Value::Str(&other.to_string()).push(out, rules),
    }
}

fn push_list<'a, T>(
    out: &mut Vec<u8>,
    values: &'a [T],
    value: impl Fn(&'a T) -> Value<'a>,
    rules: &Rules,
) {
    out.push(b'[');
    for (index, item) in values.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        value(item).push(out, rules);
    }
    out.push(b']');
}
