//! Each variable: valid, absent, empty and wrong.

use super::children::{Said, run};
use std::fs;

fn service(variables: &[(&str, &str)]) -> Said {
    run("service", variables)
}

/// A variable, what is right, and what is wrong with what is told of it.
type Variable = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const VARIABLES: &[Variable] = &[
    (
        "RUST_LOG",
        &[
            "info",
            "warn,setup=info",
            "info,hyper=off",
            "info, hyper = warn",
        ],
        // What is wrong stops nothing: see `filters`.
        &[],
    ),
    (
        "LOG_SCHEMA",
        &["otel", "OTEL", "ecs", "datadog"],
        &[("xml", "`gcp`"), ("gcp", "GOOGLE_CLOUD_PROJECT")],
    ),
    ("LOG_FORMAT", &["json", "pretty"], &[("yaml", "`pretty`")]),
    ("LOG_OUTPUT", &["stdout"], &[("syslog", "`stderr`")]),
    ("LOG_BACKGROUND", &["true", "false"], &[("maybe", "`true`")]),
    ("OTEL_SERVICE_NAME", &["orders"], &[]),
    (
        "OTEL_RESOURCE_ATTRIBUTES",
        &["a=b", "a=b,service.name=x%20y,"],
        &[
            ("a", "key=value"),
            ("a=%g0", "percent"),
            ("=b", "key=value"),
        ],
    ),
    (
        "OTEL_TRACES_SAMPLER",
        &[
            "always_on",
            "always_off",
            "traceidratio",
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio",
        ],
        &[
            ("jaeger_remote", "`always_on`"),
            ("sometimes", "`traceidratio`"),
        ],
    ),
    (
        "OTEL_TRACES_EXPORTER",
        &["none", "console", "NONE"],
        &[("jaeger", "`otlp`")],
    ),
    (
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        &["http/protobuf", "http/json"],
        &[("http", "`http/protobuf`")],
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        &["http/protobuf"],
        &[("thrift", "`grpc`")],
    ),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        &[],
        &[
            ("localhost:4318", "http://localhost:4318"),
            ("http://", "URL"),
        ],
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        &[],
        &[("collector", "URL")],
    ),
    (
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        &["1000"],
        &[("10s", "milliseconds"), ("-1", "milliseconds")],
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        &["1000"],
        &[("soon", "milliseconds")],
    ),
    (
        "OTEL_EXPORTER_OTLP_COMPRESSION",
        &["gzip", "none"],
        &[("brotli", "`gzip`")],
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        &["gzip"],
        &[("zip", "`none`")],
    ),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        &["api-key=secret", "a=b,c=d,"],
        &[
            ("authorization", "key=value"),
            ("api key=s1", "key=value"),
            ("a=%zz", "percent"),
        ],
    ),
    (
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        &["a=b"],
        &[("=b", "key=value")],
    ),
    (
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
        &["http://localhost:9411/api/v2/spans"],
        &[("zipkin", "URL")],
    ),
    (
        "OTEL_BSP_SCHEDULE_DELAY",
        &["100"],
        &[("often", "milliseconds"), ("0", "from 1")],
    ),
    (
        "OTEL_BSP_EXPORT_TIMEOUT",
        &["100"],
        &[("1.5", "milliseconds")],
    ),
    (
        "OTEL_BSP_MAX_QUEUE_SIZE",
        &["600"],
        &[("0", "from 1"), ("many", "from 1")],
    ),
    (
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        &["2048"],
        &[
            ("2049", "to OTEL_BSP_MAX_QUEUE_SIZE, which is 2048"),
            ("0", "from 1"),
        ],
    ),
    (
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        &["0", "64"],
        &[("-1", "from 0")],
    ),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", &["64"], &[("x", "from 0")]),
    (
        "OTEL_SPAN_LINK_COUNT_LIMIT",
        &["64"],
        &[("4294967296", "from 0")],
    ),
    (
        "OTEL_PROPAGATORS",
        &["tracecontext", "baggage, tracecontext,", "none"],
        &[("jaeger", "`tracecontext`")],
    ),
    // Anything but `true` is false, by the specification.
    ("OTEL_SDK_DISABLED", &["false", "no", "1"], &[]),
];

#[test]
fn a_right_value_starts_and_an_empty_one_is_as_good_as_none() {
    for (name, right, _) in VARIABLES {
        for value in right.iter().chain(&["", " "]) {
            let said = service(&[(name, value)]);
            assert_eq!(said.err, said.err.replace("init:", ""), "{name}={value}");
            let ids = if value == &"pretty" {
                "trace_id="
            } else {
                "trace"
            };
            assert!(
                said.out.contains("cart received"),
                "{name}={value}: {}",
                said.out
            );
            assert!(said.out.contains(ids), "{name}={value}: {}", said.out);
        }
    }
}

#[test]
fn a_wrong_value_is_an_error_with_the_variable_the_value_and_what_is_accepted() {
    for (name, _, wrong) in VARIABLES {
        for (value, accepted) in *wrong {
            let said = service(&[(name, value)]);
            assert!(said.lines.is_empty(), "{name}={value}: {}", said.out);
            for part in [*name, value, accepted] {
                // A header may be a secret.
                let is_secret = name.ends_with("HEADERS") && part == *value;
                assert_eq!(
                    said.err.contains(part),
                    !is_secret,
                    "{part} in {}",
                    said.err
                );
            }
        }
    }
}

#[test]
fn several_wrong_values_are_told_together() {
    let said = service(&[
        ("LOG_FORMAT", "yaml"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_PROPAGATORS", "b4"),
    ]);
    for name in [
        "LOG_FORMAT",
        "OTEL_TRACES_SAMPLER_ARG is `1.5`",
        "OTEL_PROPAGATORS",
    ] {
        assert!(said.err.contains(name), "{name} in {}", said.err);
    }
}

/// E2: without anything set there are ids, and nothing is exported or complained of.
#[test]
fn with_nothing_set_every_line_has_ids_and_nothing_goes_wrong() {
    let said = service(&[]);
    let line = said.with_message("cart received");
    assert!(line.ids().is_some());
    assert_eq!(line.get("trace_flags"), "01");
    assert_eq!(line.get("order"), 1017);
    assert!(!line.has("service.name"), "nobody has named it");
    assert!(!said.out.contains("detail"), "{}", said.out);
    assert_eq!(said.err, "");
}

/// I8.
#[test]
fn an_unsampled_trace_has_ids_and_says_that_it_is_none() {
    for sampler in ["always_off", "parentbased_always_off", " Always_Off "] {
        let said = service(&[("OTEL_TRACES_SAMPLER", sampler)]);
        let line = said.with_message("cart received");
        assert!(line.ids().is_some());
        assert_eq!(line.get("trace_flags"), "00");
    }
    let said = service(&[
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.0"),
    ]);
    assert_eq!(said.with_message("cart received").get("trace_flags"), "00");
}

/// I1.
#[test]
fn a_disabled_sdk_means_no_ids_and_no_complaint() {
    let said = service(&[
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ]);
    assert_eq!(said.with_message("cart received").ids(), None);
    assert_eq!(said.err, "");
}

#[test]
fn the_service_is_named_on_its_lines_and_its_own_variable_goes_before_the_list() {
    let attributes = (
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=other,service.version=1.4,deployment.environment.name=test,team=web",
    );
    let said = service(&[attributes, ("OTEL_SERVICE_NAME", "orders")]);
    let line = said.with_message("cart received");
    assert_eq!(line.get("service.name"), "orders");
    assert_eq!(line.get("service.version"), "1.4");
    assert_eq!(line.get("deployment.environment.name"), "test");
    assert!(!line.has("team"));
    let said = service(&[attributes]);
    assert_eq!(
        said.with_message("cart received").get("service.name"),
        "other"
    );
}

#[test]
fn schema_format_and_file_are_as_the_environment_says() {
    let said = service(&[("LOG_SCHEMA", "ecs")]);
    assert!(said.with_message("cart received").has("trace.id"));
    let said = service(&[("LOG_SCHEMA", "gcp"), ("GOOGLE_CLOUD_PROJECT", "p")]);
    assert!(said.out.contains("projects/p/traces/"), "{}", said.out);
    let said = service(&[("LOG_FORMAT", "pretty")]);
    assert!(said.out.contains("INFO cart received"), "{}", said.out);
    assert!(!said.out.contains('\u{1b}'), "no terminal, no colours");
    let path = std::env::temp_dir().join(format!("setup-{}", std::process::id()));
    let file = path.join("orders.jsonl");
    let said = service(&[("LOG_FILE", file.to_str().expect("text"))]);
    assert!(said.lines.is_empty());
    let written = fs::read_to_string(&file).expect("it was made");
    assert_eq!(super::children::lines(&written).len(), 2);
    fs::remove_dir_all(path).expect("it can be removed");
}

#[test]
fn lines_go_to_standard_error_where_that_is_asked_for() {
    let said = service(&[("LOG_OUTPUT", "stderr")]);
    assert!(said.lines.is_empty(), "{}", said.out);
    assert_eq!(super::children::lines(&said.err).len(), 2, "{}", said.err);
}

#[test]
fn spans_on_the_console_are_on_standard_error() {
    let said = service(&[("OTEL_TRACES_EXPORTER", "console")]);
    let trace = said
        .with_message("cart received")
        .get("trace_id")
        .as_str()
        .expect("text")
        .to_owned();
    let spans: Vec<_> = said
        .err
        .lines()
        .filter(|line| line.contains(&trace))
        .collect();
    assert_eq!(spans.len(), 2, "{}", said.err);
    assert!(spans[0].contains("span \"charge\""), "{spans:?}");
    assert_eq!(said.lines.len(), 2);
}

#[test]
fn a_variable_that_is_not_supported_is_told_and_stops_nothing() {
    let said = service(&[("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "10")]);
    assert!(
        said.err.contains("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
        "{}",
        said.err
    );
    assert_eq!(said.lines.len(), 2);
}
