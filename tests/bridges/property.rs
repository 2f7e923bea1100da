//! Arbitrary keys and values logged through a bridge are on the parsed line, with their types or in their documented form.

use super::{
    lines,
    support::dynamic::Given,
    ways::{Fields, WAYS, Way},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

const RESERVED: [&str; 21] = [
    "timestamp",
    "level",
    "message",
    "target",
    "trace_id",
    "span_id",
    "trace_flags",
    "log.record.uid",
    "file",
    "line",
    "thread_id",
    "thread_name",
    "span_name",
    "spans",
    "suppressed",
    "truncated",
    "parent_span_id",
    "start_time",
    "duration_ms",
    "busy_ms",
    "idle_ms",
];

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-d]",
        2 => prop::sample::select(&RESERVED[..]).prop_map(str::to_owned),
        1 => Just("field.level".to_owned()),
        1 => Just("field.message".to_owned()),
        1 => Just("a.sources".to_owned()),
        2 => any::<String>(),
    ]
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        Just(Given::Nothing),
        any::<bool>().prop_map(Given::Bool),
        any::<i64>().prop_map(Given::I64),
        any::<u64>().prop_map(Given::U64),
        any::<i128>().prop_map(Given::I128),
        any::<u128>().prop_map(Given::U128),
        any::<f64>().prop_map(Given::F64),
        any::<String>().prop_map(Given::Str),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Given::Bytes),
        any::<String>().prop_map(Given::Debug),
        prop::collection::vec(any::<String>(), 1..4).prop_map(Given::Error),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    prop::collection::vec((key(), given()), 0..12)
}

/// Returns the value as it is expected on the line.
fn expected(given: &Given) -> Value {
    match given {
        Given::Nothing => Value::Null,
        Given::Bool(value) => json!(value),
        Given::I64(value) => json!(value),
        Given::U64(value) => json!(value),
        Given::I128(value) => match (i64::try_from(*value), u64::try_from(*value)) {
            (Ok(value), _) => json!(value),
            (_, Ok(value)) => json!(value),
            _ => json!(value.to_string()),
        },
        Given::U128(value) => {
            u64::try_from(*value).map_or(json!(value.to_string()), |value| json!(value))
        }
        Given::F64(value) if value.is_nan() => json!("NaN"),
        Given::F64(value) if *value == f64::INFINITY => json!("Infinity"),
        Given::F64(value) if *value == f64::NEG_INFINITY => json!("-Infinity"),
        Given::F64(value) => json!(value),
        Given::Str(value) | Given::Debug(value) => json!(value),
        Given::Bytes(value) => json!(STANDARD.encode(value)),
        Given::Error(messages) => json!(messages[0]),
    }
}

/// Returns the winning field of each name: the last one with a value, since a field without a value hides nothing.
fn winners(fields: &Fields) -> Vec<(&str, &Given)> {
    let mut seen = HashSet::new();
    let with_values = fields
        .iter()
        .rev()
        .filter(|(_, given)| *given != Given::Nothing);
    with_values
        .filter(|(name, _)| seen.insert(name.as_str()))
        .map(|(name, given)| (name.as_str(), given))
        .collect()
}

fn check(way: Way, fields: &Fields) {
    let mut written = lines(|layer| layer, || way.log("hello", fields));
    assert_eq!(written.len(), 1);
    let line = written.remove(0);
    assert_eq!(line.get("message"), "hello");
    assert_eq!(line.get("target"), "dynamic");
    let winners = winners(fields);
    let names: HashSet<&str> = winners.iter().map(|(name, _)| *name).collect();
    let given: HashSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    // `tests/option_space` tests whether a list of sources or a field with its name is written.
    let lists: HashSet<String> = winners
        .iter()
        .filter(|(_, given)| matches!(given, Given::Error(messages) if messages.len() > 1))
        .map(|(name, _)| format!("{name}.sources"))
        .collect();
    for (name, value) in &winners {
        if lists.contains(*name) {
            continue;
        }
        // The name of the message is resolved before the values are known.
        let taken = if *name == "message" { &given } else { &names };
        let mut key = (*name).to_owned();
        while RESERVED.contains(&key.as_str()) || (key != *name && taken.contains(key.as_str())) {
            key.insert_str(0, "field.");
        }
        assert!(line.has(&key), "{key:?} through {way:?}: {line:?}");
        let written = line.get(&key);
        match value {
            Given::F64(number) if number.is_finite() => {
                assert!(written.is_f64());
                let read = written.as_f64().expect("a float");
                assert_eq!(
                    read.to_bits(),
                    number.to_bits(),
                    "{key:?}: {read} for {number}"
                );
            }
            value => assert_eq!(*written, expected(value), "{key:?} through {way:?}"),
        }
        if let Given::Error(messages) = value
            && messages.len() > 1
            && !names.contains(format!("{name}.sources").as_str())
            && key == *name
        {
            assert_eq!(*line.get(&format!("{key}.sources")), json!(messages[1..]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_keeps_its_type(fields in fields()) {
        for way in [Way::Log, Way::Slog] {
            check(way, &fields);
        }
    }

    #[test]
    fn all_crates_produce_the_same_line(fields in fields().prop_map(without_repeated_names)) {
        let [tracing, log, slog] = WAYS.map(|way| {
            let mut line = lines(|layer| layer, || way.log("hello", &fields)).remove(0);
            line.0.retain(|(key, _)| key != "timestamp");
            line
        });
        prop_assert_eq!(&tracing, &log);
        prop_assert_eq!(&tracing, &slog);
    }
}

/// Removes repeated names, and `message`, which `tracing` uses itself.
fn without_repeated_names(fields: Fields) -> Fields {
    let mut seen = HashSet::from(["message".to_owned()]);
    fields
        .into_iter()
        .filter(|(name, _)| seen.insert(name.clone()))
        .collect()
}
