//! Settings made in code, and `init` in processes with special conditions.

use super::{
    children::run,
    support::{Exported, Lines},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing::{
    debug, dispatcher::with_default, error, info, info_span, level_filters::LevelFilter,
};
use tracing_stamp::{
    Burst, Schema,
    setup::{OtelEvents, Setup, setup},
};

/// The lines that `run` logs under this set-up.
pub(crate) fn lines(setup: Setup, run: impl FnOnce()) -> Lines {
    let lines = Lines::default();
    let (dispatch, guard) = setup
        .with_writer(lines.clone())
        .build()
        .expect("the set-up is valid");
    with_default(&dispatch, run);
    let report = guard.shutdown(Duration::from_secs(60));
    assert!(report.is_complete(), "{report:?}");
    lines
}

#[test]
fn settings_made_in_code_take_effect() {
    let lines = lines(
        setup()
            .with_service_name("orders")
            .with_resource([("service.version", "1.4")])
            .with_schema(Schema::ecs())
            .with_filter("debug")
            .configure_layer(|layer| layer.with_line_number(true)),
        || info_span!("span").in_scope(|| debug!("hello")),
    );
    let line = lines.with_message("hello");
    assert_eq!(line.get("service.name"), "orders");
    assert_eq!(line.get("service.version"), "1.4");
    assert!(line.has("trace.id"));
    assert!(line.has("log.origin.file.line"));
}

#[test]
fn the_burst_of_the_setup_applies_and_the_guard_reports_the_rest() {
    let burst = Burst::per_call_site(1, Duration::from_secs(3_600));
    let lines = lines(
        setup().with_service_name("orders").with_burst(burst),
        || {
            (0..4).for_each(|_| info!("hello"));
        },
    );
    assert_eq!(lines.all().len(), 2);
    let last = lines.with_message("lines suppressed");
    assert_eq!(*last.get("suppressed"), 3);
    assert_eq!(last.get("service.name"), "orders");
    assert!(!last.has("trace_id"));
}

#[test]
fn lines_have_the_ids_of_the_given_tracer_provider() {
    let exported = Exported::new();
    let mut ids = None;
    let lines = lines(
        setup().with_tracer_provider(exported.provider.clone()),
        || {
            info_span!("span").in_scope(|| info!("hello"));
            ids = exported.ids("span");
        },
    );
    assert!(ids.is_some());
    assert_eq!(lines.with_message("hello").ids(), ids);
}

#[test]
fn opentelemetry_gets_the_chosen_events() {
    for (events, expected) in [
        (OtelEvents::All, 2),
        (OtelEvents::Errors, 1),
        (OtelEvents::None, 0),
    ] {
        let exported = Exported::new();
        let setup = setup().with_tracer_provider(exported.provider.clone());
        lines(setup.with_otel_events(events), || {
            info_span!("span").in_scope(|| {
                info!("hello");
                error!("failed");
            });
            assert_eq!(exported.spans()[0].events.len(), expected, "{events:?}");
        });
    }
}

#[test]
fn spans_are_traced_up_to_the_span_level_whatever_the_filter_is() {
    for (level, expected) in [
        (LevelFilter::INFO, 1),
        (LevelFilter::DEBUG, 2),
        (LevelFilter::OFF, 0),
    ] {
        let exported = Exported::new();
        let setup = setup().with_tracer_provider(exported.provider.clone());
        lines(setup.with_span_level(level).with_filter("off"), || {
            info_span!("info").in_scope(|| tracing::debug_span!("debug").in_scope(|| ()));
            assert_eq!(exported.spans().len(), expected, "{level}");
        });
    }
}

#[test]
fn another_layer_can_be_added() {
    let other = Lines::default();
    let fmt = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(other.clone());
    let lines = lines(setup().with_layer(fmt), || info!("hello"));
    assert_eq!(lines.all().len(), 1);
    assert_eq!(other.all().len(), 1);
}

#[test]
fn the_filter_can_be_changed_while_the_process_runs() {
    let lines = Lines::default();
    let (dispatch, guard) = setup()
        .with_filter("warn")
        .with_writer(lines.clone())
        .build()
        .expect("the set-up is valid");
    with_default(&dispatch, || {
        info!("not written");
        guard.filter().set("info").expect("the filter is valid");
        info!("written");
        let error = guard
            .filter()
            .set("setup=loud")
            .expect_err("the filter is invalid");
        assert!(error.to_string().contains("setup=loud"), "{error}");
        info!("still written");
    });
    drop(guard);
    assert_eq!(lines.all().len(), 2);
}

#[test]
fn debug_lines_can_be_limited_to_sampled_traces() {
    use opentelemetry_sdk::trace::Sampler;
    for (sampler, expected) in [(Sampler::AlwaysOn, 2), (Sampler::AlwaysOff, 1)] {
        let lines = lines(
            setup()
                .with_sampler(sampler)
                .with_filter("debug")
                .configure_layer(|layer| layer.with_unsampled_max_level(LevelFilter::INFO)),
            || {
                debug!("outside of any trace");
                info_span!("span").in_scope(|| {
                    info!("info");
                    debug!("debug");
                });
            },
        );
        assert_eq!(lines.all().len(), expected);
    }
}

#[cfg(feature = "testing")]
#[test]
fn captured_lines_agree_with_captured_spans() {
    use tracing_stamp::testing::{capture, capture_with};
    let (result, captured) = capture(|| {
        info!("outside");
        info_span!("outer", order = 7).in_scope(|| {
            info!("in the outer");
            info_span!("inner").in_scope(|| debug!(items = 3, "in the inner"));
        });
        "done"
    });
    assert_eq!(result, "done");
    captured.assert_ids_agree();
    assert_eq!(captured.lines().len(), 3);
    assert_eq!(captured.line("outside").trace_id(), None);
    let inner = captured.span("inner");
    let line = captured.line("in the inner");
    assert_eq!(line.span_id(), Some(inner.span_context.span_id()));
    assert_eq!(line.trace_id(), Some(inner.span_context.trace_id()));
    assert_eq!(line.get("order"), Some(&7.into()));
    assert_eq!(
        inner.parent_span_id,
        captured.span("outer").span_context.span_id()
    );

    // A span that is not traced has no ids, so the check has to fail.
    let (_, captured) = capture_with(
        setup()
            .with_filter("trace")
            .with_span_level(LevelFilter::OFF),
        || {
            info_span!("span").in_scope(|| info!("hello"));
        },
    );
    let result = std::panic::catch_unwind(|| captured.assert_ids_agree());
    assert!(result.is_err());
}

#[test]
fn an_invalid_filter_in_code_is_an_error() {
    let error = setup()
        .with_filter("setup=loud")
        .build()
        .expect_err("the filter is invalid");
    assert!(error.to_string().contains("setup=loud"), "{error}");
}

/// Prints the names of the headers that the propagators write.
pub(crate) fn propagation_child() {
    use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _};
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info_span!("request").in_scope(|| {
        let context = Context::current().with_baggage([KeyValue::new("user", "alice")]);
        let mut headers = std::collections::HashMap::new();
        opentelemetry::global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut headers);
        });
        let mut names: Vec<_> = headers.into_keys().collect();
        names.sort();
        eprintln!("{names:?}");
    });
}

#[test]
fn the_propagators_write_their_headers() {
    for (propagators, expected) in [
        ("", r#"["baggage", "traceparent"]"#),
        ("tracecontext", r#"["traceparent"]"#),
        ("baggage", r#"["baggage"]"#),
        ("none", "[]"),
        #[cfg(feature = "zipkin")]
        ("b3", r#"["b3"]"#),
        #[cfg(feature = "zipkin")]
        (
            "b3multi",
            r#"["x-b3-sampled", "x-b3-spanid", "x-b3-traceid"]"#,
        ),
    ] {
        let output = run("propagation", &[("OTEL_PROPAGATORS", propagators)]);
        assert_eq!(output.stderr.trim(), expected, "{propagators}");
    }
}

pub(crate) fn second_init_child() {
    let first = tracing_stamp::init().expect("nothing is installed yet");
    let error = tracing_stamp::init().expect_err("the process has a subscriber");
    eprintln!("{error}");
    info!("the first still works");
    drop(first);
}

#[test]
fn a_second_init_is_an_error_and_the_first_still_works() {
    let output = run("second-init", &[]);
    assert!(
        output.stderr.contains("subscriber already"),
        "{}",
        output.stderr
    );
    output.with_message("the first still works");
}

/// Shuts down on a runtime with a single thread, after a panic in a task.
pub(crate) fn current_thread_child() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let guard = setup()
            .with_shutdown_timeout(Duration::from_secs(2))
            .init()
            .expect("nothing is installed yet");
        let task = tokio::spawn(async { info_span!("task").in_scope(|| info!("in a task")) });
        task.await.expect("no panic");
        let panicked = tokio::spawn(async { panic!("no such order") }).await;
        assert!(panicked.is_err());
        info!("at the end");
        drop(guard);
        eprintln!("shut down");
    });
}

#[test]
fn a_current_thread_runtime_shuts_down_in_time_even_if_the_backend_is_down() {
    for protocol in [
        "http/protobuf",
        #[cfg(feature = "otlp-grpc")]
        "grpc",
    ] {
        let output = run(
            "current-thread",
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ],
        );
        assert!(output.stderr.contains("shut down"), "{}", output.stderr);
        assert!(
            output.duration < Duration::from_secs(30),
            "{:?}",
            output.duration
        );
        for message in ["in a task", "no such order", "at the end"] {
            output.with_message(message);
        }
        assert_eq!(
            output
                .stderr
                .matches("spans cannot be delivered to http://127.0.0.1:9")
                .count(),
            1,
            "{}",
            output.stderr
        );
    }
}

#[test]
fn diagnoses_go_to_the_callback() {
    let diagnoses: Arc<Mutex<Vec<String>>> = Arc::default();
    let received = Arc::clone(&diagnoses);
    let sink = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("the device exists");
    let (dispatch, guard) = setup()
        .with_writer(sink)
        .with_diagnostics(move |diagnosis| {
            received
                .lock()
                .expect("no panic")
                .push(diagnosis.to_string())
        })
        .build()
        .expect("the set-up is valid");
    with_default(&dispatch, || info!("hello"));
    let report = guard.shutdown(Duration::from_millis(200));
    assert_eq!(report.lines_lost(), 1, "the device accepts nothing");
    assert!(
        diagnoses
            .lock()
            .expect("no panic")
            .iter()
            .any(|diagnosis| diagnosis.contains("No space left"))
    );
}

/// Starts within a runtime, where dropping another runtime would panic, and prints the errors.
pub(crate) fn within_runtime_child() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        match setup().build() {
            Ok(_) => eprintln!("the set-up is valid"),
            Err(error) => eprintln!("{error}"),
        }
        let error = setup()
            .with_filter("setup=loud")
            .build()
            .expect_err("the filter is invalid");
        eprintln!("{error}");
    });
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn errors_are_returned_within_a_runtime_too() {
    let pem = std::env::temp_dir().join(format!("invalid-{}.pem", std::process::id()));
    std::fs::write(
        &pem,
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    )
    .expect("the folder is writable");
    for endpoint in ["https://localhost:9", "http://localhost:9"] {
        let output = run(
            "within-runtime",
            &[
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                (
                    "OTEL_EXPORTER_OTLP_CERTIFICATE",
                    pem.to_str().expect("UTF-8"),
                ),
            ],
        );
        assert!(output.stderr.contains("setup=loud"), "{}", output.stderr);
        assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    }
    std::fs::remove_file(pem).expect("the file exists");
}

/// Sets another logger before `init`.
pub(crate) fn other_logger_child() {
    struct NoopLogger;
    impl log::Log for NoopLogger {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }

        fn log(&self, _: &log::Record<'_>) {}

        fn flush(&self) {}
    }
    log::set_logger(&NoopLogger).expect("nothing is installed yet");
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info_span!("request").in_scope(|| info!("the service runs"));
}

#[test]
fn another_logger_of_the_log_crate_is_reported_and_does_not_stop_the_service() {
    let output = run("other-logger", &[]);
    assert_eq!(
        output
            .stderr
            .matches("`log` crate has another logger")
            .count(),
        1,
        "{}",
        output.stderr
    );
    output.with_message("the service runs");
}

/// Logs through the `log` crate, as most dependencies do.
pub(crate) fn log_records_child() {
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info_span!("request").in_scope(|| log::info!(target: "hyper", "a record"));
}

#[test]
fn records_of_the_log_crate_become_lines() {
    let output = run("log-records", &[]);
    let line = output.with_message("a record");
    assert_eq!(line.get("target"), "hyper");
    assert!(line.ids().is_some());
}

/// Captures lines and spans, and checks them.
pub(crate) fn capture_child() {
    #[cfg(feature = "testing")]
    {
        let ((), captured) = tracing_stamp::testing::capture(|| {
            info_span!("span").in_scope(|| info!("hello"));
        });
        captured.assert_ids_agree();
        assert_eq!(captured.line("hello").level(), "INFO");
        assert_eq!(captured.spans().len(), 1);
        eprintln!("captured");
    }
}

#[cfg(feature = "testing")]
#[test]
fn a_capture_is_the_same_in_every_environment() {
    let output = run(
        "capture",
        &[
            ("LOG_FORMAT", "pretty"),
            ("LOG_SCHEMA", "ecs"),
            ("RUST_LOG", "off"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
            ("OTEL_SDK_DISABLED", "true"),
        ],
    );
    assert_eq!(output.stderr.trim(), "captured", "{}", output.stdout);
}

/// Sends a signal to itself.
#[cfg(all(unix, feature = "signals"))]
pub(crate) fn signalled_child() {
    use rustix::process::{Signal, getpid, kill_process};
    let guard = setup()
        .with_flush_on_signals(tracing_stamp::writer::AfterFlush::Terminate)
        .with_burst(Burst::per_call_site(1, Duration::from_secs(3_600)))
        .init()
        .expect("nothing is installed yet");
    (0..4).for_each(|_| info!("the last line"));
    kill_process(getpid(), Signal::TERM).expect("the process exists");
    std::thread::sleep(Duration::from_secs(60));
    drop(guard);
}

#[cfg(all(unix, feature = "signals"))]
#[test]
fn the_last_line_and_lines_left_out_are_written_before_a_signal_takes_effect() {
    let output = run("signalled", &[]);
    output.with_message("the last line");
    assert_eq!(
        *output.with_message("lines suppressed").get("suppressed"),
        3
    );
    assert!(
        output.duration < Duration::from_secs(30),
        "{:?}",
        output.duration
    );
}

#[test]
fn a_filter_can_be_changed_outside_its_dispatch() {
    let lines = Lines::default();
    let setup = setup().with_filter("info").with_writer(lines.clone());
    let (dispatch, guard) = setup.build().expect("the settings are valid");
    let log = || info!("once more");
    with_default(&dispatch, log);
    guard.filter().set("debug").expect("the filter is valid");
    with_default(&dispatch, log);
    let filter = guard.filter();
    std::thread::spawn(move || filter.set("info").expect("the filter is valid"))
        .join()
        .expect("no panic");
    with_default(&dispatch, log);
    let report = guard.shutdown(Duration::from_secs(60));
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn a_line_for_a_terminal_that_a_full_device_refuses_is_reported_as_lost() {
    let sink = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("the device exists");
    let (dispatch, guard) = setup()
        .with_format(tracing_stamp::setup::Format::Pretty)
        .with_writer(sink)
        .with_diagnostics(|_| ())
        .build()
        .expect("the settings are valid");
    with_default(&dispatch, || info!("lost"));
    let report = guard.shutdown(Duration::from_millis(200));
    assert_eq!(
        (report.lines_lost(), report.lines().written_lines()),
        (1, 0)
    );
}
