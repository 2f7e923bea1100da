//! Lines in all schemas, with the fields of spans in both forms.

use super::{
    all_rules,
    case::table,
    faults::Faults,
    schemas,
    support::Lines,
    ways::{WAYS, escaped_json},
};
use tracing::info;
use tracing_stamp::{Schema, SpanFields};
use tracing_subscriber::prelude::*;

/// Runs `check` with lines of a layer with all rules.
fn with_lines(schema: Schema, span_fields: SpanFields, check: impl FnOnce(&Lines)) {
    let lines = Lines::default();
    let keys = table().iter().map(|case| case.key.as_str());
    let layer = tracing_stamp::layer()
        .with_schema(schema)
        .with_span_fields(span_fields)
        .with_baggage(keys)
        .with_redaction(all_rules())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || check(&lines));
}

fn check_all_ways(schema: usize) {
    let mut faults = Faults::default();
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        with_lines(schemas()[schema].clone(), span_fields, |lines| {
            for way in WAYS {
                for case in table() {
                    lines.clear();
                    (way.log)(case);
                    faults.check_lines(case, way.name, &lines.text());
                }
            }
        });
    }
    faults.assert_none(2 * WAYS.len() * table().len());
}

#[test]
fn no_secret_is_left_on_a_line_of_the_otel_schema_and_no_look_alike_is_harmed() {
    check_all_ways(0);
}

#[test]
fn no_secret_is_left_on_a_line_of_the_ecs_schema_and_no_look_alike_is_harmed() {
    check_all_ways(1);
}

#[test]
fn no_secret_is_left_on_a_line_of_the_gcp_schema_and_no_look_alike_is_harmed() {
    check_all_ways(2);
}

#[test]
fn no_secret_is_left_on_a_line_of_the_datadog_schema_and_no_look_alike_is_harmed() {
    check_all_ways(3);
}

#[test]
fn a_secret_in_json_with_escaped_letters_is_found() {
    let mut faults = Faults::default();
    with_lines(Schema::otel(), SpanFields::Flatten, |lines| {
        let secrets = table().iter().filter(|case| case.is_secret());
        for case in secrets {
            lines.clear();
            info!(note = escaped_json(case), "login");
            faults.check_lines(case, "field", &lines.text());
            lines.clear();
            info!("got {}", escaped_json(case));
            faults.check_lines(case, "message", &lines.text());
        }
    });
    faults.assert_none(160);
}
