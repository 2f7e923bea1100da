//! All combinations of options produce valid lines. `option_space` tests combinations with arbitrary fields.

use super::{
    lines,
    support::dynamic::{Given, Parent, Site},
};
use tracing_stamp::{Precision, Schema, SpanFields};
use tracing_subscriber::fmt::format::FmtSpan;

#[test]
fn every_combination_of_options_produces_one_valid_object_per_line() {
    let site = Site::event(&["message", "level", "span_name", "log", "plain"]);
    for bits in 0..1 << 9 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        for schema in [
            Schema::otel(),
            Schema::ecs(),
            Schema::gcp("p"),
            Schema::datadog(),
        ] {
            for span_fields in [SpanFields::Flatten, SpanFields::List, SpanFields::Off] {
                let events = if on(0) { FmtSpan::FULL } else { FmtSpan::NONE };
                let precision = if on(1) {
                    Precision::Nanoseconds
                } else {
                    Precision::Microseconds
                };
                let resource = if on(2) {
                    vec![("service.name", "orders"), ("level", "x")]
                } else {
                    vec![]
                };
                let lines = lines(
                    |layer| {
                        layer
                            .with_schema(schema.clone())
                            .with_span_fields(span_fields)
                            .with_span_events(events)
                            .with_precision(precision)
                            .with_resource(resource)
                            .with_target(on(3))
                            .with_file(on(4))
                            .with_line_number(on(5))
                            .with_thread_ids(on(6))
                            .with_thread_names(on(7))
                            .with_record_uid(on(8))
                    },
                    || {
                        tracing::info_span!("outer", a = 1, level = 2).in_scope(|| {
                            let values = [const { Given::U64(1) }; 5];
                            site.log(Parent::Current, &values);
                            site.log(Parent::Root, &values);
                        });
                    },
                );
                assert_eq!(lines.len(), if on(0) { 6 } else { 2 });
            }
        }
    }
}
