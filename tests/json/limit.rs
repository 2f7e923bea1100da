//! Lines longer than the limit.

use super::support::{
    Line, Lines,
    dynamic::{Given, Parent, Site},
};
use serde_json::{Value, json};
use tracing_stamp::{
    Schema, SpanFields, StampLayer, Stats, TraceContext,
    opentelemetry::trace::{SpanId, TraceFlags, TraceId},
};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

/// Logs with a limit, and checks what holds for every such line.
fn log(
    limit: usize,
    options: impl FnOnce(StampLayer) -> StampLayer,
    run: impl FnOnce(),
) -> (Vec<Line>, Stats) {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_context_source(|| {
            TraceContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED)
        })
        .with_max_line_bytes(limit)
        .with_writer(lines.clone());
    let stats = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    for line in lines.text().split_inclusive('\n') {
        assert!(
            line.len() <= limit,
            "{} bytes although the limit is {limit}: {line}",
            line.len()
        );
    }
    let all = lines.all();
    let cut = all.iter().filter(|line| line.has("truncated")).count();
    assert_eq!(u64::try_from(cut).expect("few"), stats.truncated());
    for line in &all {
        assert!(!line.has("truncated") || line.get("truncated") == true);
    }
    (all, stats)
}

/// Returns many limits, starting at the minimum: consecutive ones, and others further apart.
fn limits() -> impl Iterator<Item = usize> {
    (1_024..1_064)
        .chain((1_064..9_000).step_by(397))
        .chain([64 * 1024, 256 * 1024])
}

#[test]
fn a_line_of_exactly_the_limit_is_whole_and_one_byte_more_is_cut() {
    let (lines, _) = log(1 << 20, |layer| layer, || tracing::info!(x = "", "hello"));
    let rendered = json!(
        lines[0]
            .0
            .iter()
            .cloned()
            .collect::<serde_json::Map<_, _>>()
    );
    let empty = rendered.to_string().len() + 1;
    for (length, is_cut) in [(2_000 - empty, false), (2_001 - empty, true)] {
        let (lines, stats) = log(
            2_000,
            |layer| layer,
            || {
                tracing::info!(x = "x".repeat(length), "hello");
            },
        );
        assert_eq!(lines[0].has("truncated"), is_cut);
        assert_eq!(stats.truncated(), u64::from(is_cut));
        assert_eq!(lines[0].get("message"), "hello");
    }
}

#[test]
fn the_limit_is_256_kib_by_default_and_at_least_1_kib() {
    let length = |layer: StampLayer| {
        let lines = Lines::default();
        let layer = layer.with_writer(lines.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(x = "x".repeat(400_000), "hello");
        });
        assert_eq!(*lines.all()[0].get("truncated"), true);
        lines.text().len()
    };
    // The cut line uses nearly all of the limit.
    assert!((262_140..=262_144).contains(&length(tracing_stamp::layer())));
    assert!((1_020..=1_024).contains(&length(tracing_stamp::layer().with_max_line_bytes(0))));
}

#[test]
fn text_is_cut_between_characters_and_never_within_an_escape() {
    let texts = [
        "x",
        "é",
        "€",
        "🦀",
        "\"",
        "\\",
        "\n",
        "\u{1b}",
        "\u{9b}",
        "a\u{0}é\u{7f}🦀\"",
    ];
    let site = Site::event(&["message", "text", "other"]);
    for limit in limits() {
        for text in texts {
            let long = text.repeat(limit);
            let given = Given::Str(long.clone());
            let (lines, _) = log(
                limit,
                |layer| layer,
                || {
                    site.log(
                        Parent::Current,
                        &[given.clone(), given.clone(), Given::Debug(long.clone())],
                    );
                },
            );
            for key in ["message", "text", "other"] {
                let cut = lines[0]
                    .get(key)
                    .as_str()
                    .expect("the cut value is still a string");
                assert!(long.starts_with(cut), "{cut:?}");
                // Each text gets a third of the remaining room, and a character takes at most six bytes.
                assert!(
                    cut.len() > 30,
                    "each text keeps some room: {} bytes",
                    cut.len()
                );
            }
        }
        if limit > 9_000 {
            break;
        }
    }
}

#[test]
fn the_longest_values_are_cut_first() {
    let (lines, _) = log(
        4_096,
        |layer| layer,
        || {
            let (long, longer) = ("l".repeat(3_000), "L".repeat(9_000));
            tracing::info!(short = "s", method = "GET", long, longer, "hello");
        },
    );
    assert_eq!(lines[0].get("message"), "hello");
    assert_eq!(lines[0].get("short"), "s");
    assert_eq!(lines[0].get("method"), "GET");
    let length = |key| lines[0].get(key).as_str().expect("a string").len();
    assert!(length("long") > 1_500 && length("longer") >= length("long"));
    assert!(length("longer") < 3_000);
}

#[test]
fn numbers_are_removed_whole_and_never_cut() {
    let names: Vec<String> = (0..400).map(|number| format!("number_{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let site = Site::event(&names);
    let values: Vec<Given> = (0..400).map(|_| Given::U64(u64::MAX)).collect();
    for limit in limits() {
        let (lines, _) = log(limit, |layer| layer, || site.log(Parent::Current, &values));
        assert_fixed_keys(&lines[0]);
        for (key, value) in lines[0]
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("number"))
        {
            assert_eq!(*value, u64::MAX, "{key}");
        }
    }
}

#[test]
fn hundreds_of_fields_of_all_kinds_leave_a_valid_line_with_its_fixed_keys() {
    let names: Vec<String> = (0..600)
        .map(|number| format!("f{number}\"\n{number}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let site = Site::event(&names);
    let values: Vec<Given> = (0..600)
        .map(|number| match number % 6 {
            0 => Given::Str("é\"".repeat(number)),
            1 => Given::Bytes(vec![3; number]),
            2 => Given::F64(0.1),
            3 => Given::Error(vec!["e".repeat(number), "s".repeat(number)]),
            4 => Given::Debug("{[".repeat(number)),
            _ => Given::Bool(true),
        })
        .collect();
    for limit in limits().step_by(7) {
        for span_fields in [SpanFields::Flatten, SpanFields::List] {
            let (lines, stats) = log(
                limit,
                |layer| layer.with_span_fields(span_fields),
                || {
                    site.log(Parent::Current, &values);
                },
            );
            assert_eq!(stats.truncated(), 1);
            assert_fixed_keys(&lines[0]);
        }
    }
}

#[test]
fn fields_are_removed_before_fixed_keys() {
    let values = "v".repeat(500);
    let names: Vec<String> = (0..50)
        .map(|number| format!("{number}{}", "k".repeat(60)))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let site = Site::event(&names);
    let (lines, _) = log(
        1_024,
        |layer| {
            layer
                .with_resource([("service.name", "orders"), ("host", "h")])
                .with_file(true)
        },
        || {
            let given: Vec<Given> = names.iter().map(|_| Given::Str(values.clone())).collect();
            tracing::info_span!("outer").in_scope(|| site.log(Parent::Current, &given));
        },
    );
    assert_fixed_keys(&lines[0]);
    assert_eq!(lines[0].get("target"), "dynamic");
    assert_eq!(lines[0].get("service.name"), "orders");
    assert_eq!(lines[0].get("host"), "h");
    assert_eq!(lines[0].get("file"), "src/dynamic.rs");
    assert_eq!(lines[0].get("span_name"), "outer");
}

#[test]
fn a_huge_resource_never_removes_time_level_and_ids() {
    let resource: Vec<(String, String)> = (0..200)
        .map(|number| (format!("r{number}"), "r".repeat(number * 10)))
        .collect();
    for limit in limits() {
        let (lines, _) = log(
            limit,
            |layer| layer.with_resource(resource.clone()),
            || {
                tracing::info!(a = 1, b = "x", "hello");
            },
        );
        for key in ["timestamp", "level", "trace_id", "span_id", "trace_flags"] {
            assert!(lines[0].has(key), "{key} at {limit}");
        }
    }
}

#[test]
fn huge_names_never_remove_time_level_and_ids() {
    let target = "t".repeat(5_000);
    let name = "n".repeat(5_000);
    let key = "k".repeat(5_000);
    let event = Site::new(
        tracing_core::Kind::EVENT,
        "e",
        &target,
        tracing::Level::WARN,
        &[&key, "b"],
    );
    let span = Site::span(&name, &[&key]);
    for limit in limits() {
        for span_fields in [SpanFields::Flatten, SpanFields::List] {
            let (lines, _) = log(
                limit,
                |layer| {
                    layer
                        .with_span_fields(span_fields)
                        .with_span_events(FmtSpan::FULL)
                        .with_resource([(format!("{key}r"), "x")])
                },
                || {
                    let span = span.open(Parent::Current, &[Given::U64(1)]);
                    span.in_scope(|| event.log(Parent::Current, &[Given::U64(1), Given::U64(2)]));
                },
            );
            for line in &lines {
                assert!(line.get("timestamp").is_string() && line.get("level").is_string());
                assert!(line.has("trace_id"), "{line:?}");
            }
        }
    }
}

#[test]
fn the_list_of_spans_is_kept_or_removed_as_a_whole() {
    let lines_at =
        |limit| {
            log(limit, |layer| layer.with_span_fields(SpanFields::List), || {
            let mut spans = vec![tracing::info_span!("root", text = "x".repeat(50))];
            for depth in 0..30 {
                spans.push(tracing::info_span!(parent: &spans[spans.len() - 1], "child", depth));
            }
            tracing::info!(parent: &spans[spans.len() - 1], long = "x".repeat(3_000), "hello");
        })
        .0
        };
    for limit in limits() {
        let lines = lines_at(limit);
        match lines[0].get("spans") {
            Value::Null => assert!(limit < 1_500, "the list fits into {limit}"),
            spans => assert_eq!(spans.as_array().map(Vec::len), Some(31)),
        }
    }
}

#[test]
fn closing_lines_are_cut_in_every_schema() {
    for schema in [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("p"),
        Schema::datadog(),
    ] {
        for limit in [1_024, 1_500, 3_000] {
            let (lines, _) = log(
                limit,
                |layer| {
                    layer
                        .with_schema(schema.clone())
                        .with_span_events(FmtSpan::CLOSE)
                        .with_file(true)
                        .with_line_number(true)
                },
                || drop(tracing::info_span!("work", long = "\u{1b}é".repeat(9_000)).entered()),
            );
            let name = schema.name(tracing_stamp::FixedKey::Duration);
            assert!(lines[0].get(name).is_number(), "{:?}", lines[0]);
            assert!(lines[0].get("busy_ms").is_f64());
        }
    }
}

#[test]
fn values_that_format_endlessly_are_discarded_after_the_limit() {
    struct Endless;
    impl std::fmt::Debug for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            // A hundred megabytes, which would exceed the test's memory if they were kept.
            (0..100_000).try_for_each(|_| f.write_str(&"é".repeat(500)))
        }
    }
    let (lines, stats) = log(
        4_096,
        |layer| layer,
        || tracing::info!(endless = ?Endless, "hello"),
    );
    assert_eq!(stats.truncated(), 1);
    assert!(
        lines[0]
            .get("endless")
            .as_str()
            .is_some_and(|text| text.len() > 3_000)
    );
}

fn assert_fixed_keys(line: &Line) {
    for key in [
        "timestamp",
        "level",
        "message",
        "target",
        "trace_id",
        "span_id",
        "trace_flags",
    ] {
        assert!(line.has(key), "{key} is missing from {line:?}");
    }
}
