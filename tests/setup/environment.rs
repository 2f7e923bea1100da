//! Each variable with valid values, empty values and invalid values, and without a value.

use super::children::{ChildOutput, run};
use std::fs;

fn service(variables: &[(&str, &str)]) -> ChildOutput {
    run("service", variables)
}

/// A variable, its valid values, and its invalid values, each with a part of the message about it.
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
        // Invalid directives do not stop the service: see `filters`.
        &[],
    ),
    (
        "LOG_SCHEMA",
        &["otel", "OTEL", "ecs", "datadog"],
        &[("xml", "`gcp`"), ("gcp", "GOOGLE_CLOUD_PROJECT")],
    ),
    ("LOG_FORMAT", &["json", "pretty"], &[("yaml", "`pretty`")]),
    (
        "LOG_FILE_GZIP",
        if cfg!(feature = "gzip") {
            &["true", "FALSE"]
        } else {
            &["FALSE"]
        },
        if cfg!(feature = "gzip") {
            &[("yes", "`true`")]
        } else {
            &[("yes", "`true`"), ("true", "feature `gzip`")]
        },
    ),
    ("LOG_OUTPUT", &["stdout"], &[("syslog", "`stderr`")]),
    ("LOG_BACKGROUND", &["true", "false"], &[("maybe", "`true`")]),
    // Unknown words do not stop the service.
    ("LOG_SPAN_EVENTS", &["none", "close", "New, CLOSE"], &[]),
    (
        "LOG_PARENT_SPAN_ID",
        &["true", "false"],
        &[("yes", "`false`")],
    ),
    // Like those of `RUST_LOG`, invalid directives do not stop the service.
    ("LOG_HOLD", &["debug", "info,setup=debug"], &[]),
    (
        "LOG_HOLD_RELEASE",
        &["error", "WARN", "info"],
        &[("debug", "`warn`")],
    ),
    (
        "LOG_BURST",
        &["100/s", "100/10s", "5/500ms, every=10"],
        &[
            ("100", "`100/s`"),
            ("a/s", "`100/s`"),
            ("1/s,each=2", "every="),
        ],
    ),
    #[cfg(feature = "level-token")]
    (
        "LOG_LEVEL_KEY",
        &["a key with more than 32 characters"],
        &[("topsecret", "at least 32")],
    ),
    (
        "LOG_REDACT",
        if cfg!(feature = "redact") {
            &[
                "keys",
                "NONE",
                "keys=remove",
                "secrets, cards,emails=pseudonym,ips",
            ]
        } else {
            &["keys", "NONE", "keys=remove"]
        },
        if cfg!(feature = "redact") {
            &[("pins", "`secrets`"), ("keys=hidden", "`last4`")]
        } else {
            &[
                ("pins", "`secrets`"),
                ("keys=hidden", "`last4`"),
                ("secrets", "feature `redact`"),
            ]
        },
    ),
    (
        "LOG_REDACT_KEYS",
        &["ssn", "ssn, iban=last4,card*"],
        &[("-", "name of a key"), ("ssn=hidden", "`last4`")],
    ),
    #[cfg(feature = "redact")]
    (
        "LOG_REDACT_KEY",
        &["a key with 16 or more characters"],
        &[("topsecret", "at least 16 bytes")],
    ),
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
    // By the specification, every value but `true` means false.
    ("OTEL_SDK_DISABLED", &["false", "no", "1"], &[]),
];

#[test]
fn a_service_starts_with_valid_values_and_with_empty_ones() {
    for (name, valid, _) in VARIABLES {
        for value in valid.iter().chain(&["", " "]) {
            let output = service(&[(name, value)]);
            assert_eq!(
                output.stderr,
                output.stderr.replace("init:", ""),
                "{name}={value}"
            );
            let ids = if value == &"pretty" {
                "trace_id="
            } else {
                "trace"
            };
            assert!(
                output.stdout.contains("cart received"),
                "{name}={value}: {}",
                output.stdout
            );
            assert!(
                output.stdout.contains(ids),
                "{name}={value}: {}",
                output.stdout
            );
        }
    }
}

#[test]
fn an_invalid_value_is_an_error_with_the_variable_the_value_and_what_is_accepted() {
    for (name, _, invalid) in VARIABLES {
        for (value, accepted) in *invalid {
            let output = service(&[(name, value)]);
            assert!(output.lines.is_empty(), "{name}={value}: {}", output.stdout);
            for part in [*name, value, accepted] {
                // A key is a secret, and a header may be one, so their values are not shown.
                let is_secret = ["HEADERS", "KEY"].iter().any(|end| name.ends_with(end));
                let is_secret = is_secret && part == *value;
                assert_eq!(
                    output.stderr.contains(part),
                    !is_secret,
                    "{part} in {}",
                    output.stderr
                );
            }
        }
    }
}

#[test]
fn all_invalid_values_are_reported_together() {
    let output = service(&[
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
        assert!(output.stderr.contains(name), "{name} in {}", output.stderr);
    }
}

#[test]
fn without_any_variable_every_line_has_ids_and_nothing_is_reported() {
    let output = service(&[]);
    let line = output.with_message("cart received");
    assert!(line.ids().is_some());
    assert_eq!(line.get("trace_flags"), "01");
    assert_eq!(line.get("order"), 1017);
    assert!(!line.has("service.name"), "no variable sets it");
    assert!(!output.stdout.contains("detail"), "{}", output.stdout);
    assert_eq!(output.stderr, "");
}

#[test]
fn lines_of_an_unsampled_trace_have_ids_and_unsampled_flags() {
    for sampler in ["always_off", "parentbased_always_off", " Always_Off "] {
        let output = service(&[("OTEL_TRACES_SAMPLER", sampler)]);
        let line = output.with_message("cart received");
        assert!(line.ids().is_some());
        assert_eq!(line.get("trace_flags"), "00");
    }
    let output = service(&[
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.0"),
    ]);
    assert_eq!(
        output.with_message("cart received").get("trace_flags"),
        "00"
    );
}

#[test]
fn a_disabled_sdk_means_no_ids_and_no_diagnosis() {
    let output = service(&[
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
    ]);
    assert_eq!(output.with_message("cart received").ids(), None);
    assert_eq!(output.stderr, "");
}

#[test]
fn lines_name_the_service_and_otel_service_name_takes_precedence() {
    let attributes = (
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=other,service.version=1.4,deployment.environment.name=test,team=web",
    );
    let output = service(&[attributes, ("OTEL_SERVICE_NAME", "orders")]);
    let line = output.with_message("cart received");
    assert_eq!(line.get("service.name"), "orders");
    assert_eq!(line.get("service.version"), "1.4");
    assert_eq!(line.get("deployment.environment.name"), "test");
    assert!(!line.has("team"));
    let output = service(&[attributes]);
    assert_eq!(
        output.with_message("cart received").get("service.name"),
        "other"
    );
}

#[test]
fn variables_set_schema_format_and_log_file() {
    let output = service(&[("LOG_SCHEMA", "ecs")]);
    assert!(output.with_message("cart received").has("trace.id"));
    let output = service(&[("LOG_SCHEMA", "gcp"), ("GOOGLE_CLOUD_PROJECT", "p")]);
    assert!(
        output.stdout.contains("projects/p/traces/"),
        "{}",
        output.stdout
    );
    let output = service(&[("LOG_FORMAT", "pretty")]);
    assert!(
        output.stdout.contains("INFO cart received"),
        "{}",
        output.stdout
    );
    assert!(
        !output.stdout.contains('\u{1b}'),
        "colours are for a terminal only"
    );
    let path = std::env::temp_dir().join(format!("setup-{}", std::process::id()));
    let file = path.join("orders.jsonl");
    let output = service(&[("LOG_FILE", file.to_str().expect("UTF-8"))]);
    assert!(output.lines.is_empty());
    let written = fs::read_to_string(&file).expect("the service has written it");
    assert_eq!(super::children::lines(&written).len(), 2);
    fs::remove_dir_all(path).expect("the folder can be removed");
}

#[test]
fn lines_go_to_standard_error_if_log_output_says_so() {
    let output = service(&[("LOG_OUTPUT", "stderr")]);
    assert!(output.lines.is_empty(), "{}", output.stdout);
    assert_eq!(
        super::children::lines(&output.stderr).len(),
        2,
        "{}",
        output.stderr
    );
}

#[test]
fn the_console_exporter_writes_spans_to_standard_error() {
    let output = service(&[("OTEL_TRACES_EXPORTER", "console")]);
    let trace = output
        .with_message("cart received")
        .get("trace_id")
        .as_str()
        .expect("a string")
        .to_owned();
    let spans: Vec<_> = output
        .stderr
        .lines()
        .filter(|line| line.contains(&trace))
        .collect();
    assert_eq!(spans.len(), 2, "{}", output.stderr);
    assert!(spans[0].contains("span \"charge\""), "{spans:?}");
    assert_eq!(output.lines.len(), 2);
}

#[test]
fn an_unsupported_variable_is_reported_and_does_not_stop_the_service() {
    let output = service(&[("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "10")]);
    assert!(
        output
            .stderr
            .contains("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
        "{}",
        output.stderr
    );
    assert_eq!(output.lines.len(), 2);
}

#[test]
fn log_span_events_says_which_moments_of_a_span_are_lines() {
    for (value, messages) in [
        ("close", &["close"][..]),
        ("new, close", &["new", "close"]),
        ("active", &["enter", "exit"]),
        ("full", &["new", "enter", "exit", "close"]),
        ("none", &[]),
    ] {
        let output = service(&[("LOG_SPAN_EVENTS", value)]);
        let of_span = output.lines.iter();
        let of_span = of_span.filter(|line| line.get("span_name") == "charge");
        let mut found: Vec<_> = of_span.map(|line| line.get("message").clone()).collect();
        found.retain(|message| message != "card declined");
        assert_eq!(found, messages, "{value}: {}", output.stdout);
        assert_eq!(output.stderr, "", "{value}");
    }
    let output = service(&[("LOG_SPAN_EVENTS", "close"), ("RUST_LOG", "warn")]);
    assert_eq!(output.lines.len(), 1, "{}", output.stdout);
}

#[test]
fn an_unknown_word_in_log_span_events_is_reported_and_the_others_apply() {
    let output = service(&[("LOG_SPAN_EVENTS", "cloze,new")]);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    for part in ["LOG_SPAN_EVENTS", "`cloze`", "`close`"] {
        assert!(output.stderr.contains(part), "{part} in {}", output.stderr);
    }
    let new = output.lines.iter();
    assert_eq!(
        new.filter(|line| line.get("message") == "new").count(),
        2,
        "{}",
        output.stdout
    );
}

#[test]
fn log_parent_span_id_puts_the_parent_on_each_line() {
    let output = service(&[("LOG_PARENT_SPAN_ID", "true"), ("LOG_SPAN_EVENTS", "close")]);
    let root = output.with_message("cart received");
    let child = output.with_message("card declined");
    assert!(!root.has("parent_span_id"));
    assert_eq!(child.get("parent_span_id"), root.get("span_id"));
    let output = service(&[]);
    assert!(!output.with_message("card declined").has("parent_span_id"));
}

#[test]
fn log_burst_limits_the_lines_of_a_call_site_and_the_rest_is_reported_at_the_end() {
    let output = run("storm", &[("LOG_BURST", "2/h")]);
    let of = |level: &'static str| {
        output
            .lines
            .iter()
            .filter(move |line| line.get("level") == level)
    };
    assert_eq!(of("ERROR").count(), 5, "{}", output.stdout);
    let warnings: Vec<_> = of("WARN").collect();
    assert_eq!(warnings.len(), 2 + 1, "{}", output.stdout);
    assert_eq!(warnings[2].get("message"), "lines suppressed");
    assert_eq!(*warnings[2].get("suppressed"), 3);
    assert_eq!(warnings[2].get("target"), warnings[0].get("target"));
    assert_eq!(output.stderr, "");
    let output = run(
        "storm",
        &[("LOG_BURST", "2/h,every=2"), ("LOG_FORMAT", "pretty")],
    );
    assert_eq!(
        output.stdout.matches(" suppressed=1 ").count(),
        1,
        "{}",
        output.stdout
    );
    let output = run("storm", &[]);
    assert_eq!(output.lines.len(), 10);
}
