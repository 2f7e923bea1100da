//! What is said in code.

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
    Schema,
    setup::{OtelEvents, Setup, setup},
};

/// What is logged under this set-up.
pub(crate) fn lines(setup: Setup, run: impl FnOnce()) -> Lines {
    let lines = Lines::default();
    let (dispatch, guard) = setup
        .with_writer(lines.clone())
        .build()
        .expect("it is right");
    with_default(&dispatch, run);
    let report = guard.shutdown(Duration::from_secs(60));
    assert!(report.is_complete(), "{report:?}");
    lines
}

#[test]
fn every_part_can_be_said_in_code() {
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
fn ids_are_those_of_ones_own_provider() {
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
fn open_telemetry_is_told_of_the_events_that_were_chosen() {
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
                error!("oh");
            });
            assert_eq!(exported.spans()[0].events.len(), expected, "{events:?}");
        });
    }
}

#[test]
fn spans_are_traced_up_to_their_level_whatever_becomes_lines() {
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
fn another_layer_stands_beside() {
    let seen = Lines::default();
    let fmt = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(seen.clone());
    let lines = lines(setup().with_layer(fmt), || info!("hello"));
    assert_eq!(lines.all().len(), 1);
    assert_eq!(seen.all().len(), 1);
}

#[test]
fn the_filter_can_be_changed_while_the_process_runs() {
    let lines = Lines::default();
    let (dispatch, guard) = setup()
        .with_filter("warn")
        .with_writer(lines.clone())
        .build()
        .expect("it is right");
    with_default(&dispatch, || {
        info!("no");
        guard.filter().set("info").expect("it is right");
        info!("yes");
        let error = guard.filter().set("setup=loud").expect_err("it is wrong");
        assert!(error.to_string().contains("setup=loud"), "{error}");
        info!("still");
    });
    drop(guard);
    assert_eq!(lines.all().len(), 2);
}

#[test]
fn details_are_those_of_sampled_traces_alone() {
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
fn what_is_captured_agrees_with_the_spans() {
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

    // A span that is not traced has no ids of its own, and that is seen.
    let (_, captured) = capture_with(
        setup()
            .with_filter("trace")
            .with_span_level(LevelFilter::OFF),
        || {
            info_span!("span").in_scope(|| info!("hello"));
        },
    );
    let seen = std::panic::catch_unwind(|| captured.assert_ids_agree());
    assert!(seen.is_err());
}

#[test]
fn a_wrong_filter_in_code_is_an_error_too() {
    let error = setup()
        .with_filter("setup=loud")
        .build()
        .expect_err("it is wrong");
    assert!(error.to_string().contains("setup=loud"), "{error}");
}

/// Says which headers a request would have that it sends.
pub(crate) fn propagating_child() {
    use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _};
    let _guard = tracing_stamp::init().expect("it is right");
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
fn requests_carry_what_the_propagators_say() {
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
        let said = run("propagates", &[("OTEL_PROPAGATORS", propagators)]);
        assert_eq!(said.err.trim(), expected, "{propagators}");
    }
}

pub(crate) fn second_init_child() {
    let first = tracing_stamp::init().expect("the first");
    let error = tracing_stamp::init().expect_err("there is one");
    eprintln!("{error}");
    info!("the first goes on");
    drop(first);
}

#[test]
fn a_second_init_is_an_error_and_the_first_goes_on() {
    let said = run("twice", &[]);
    assert!(said.err.contains("subscriber already"), "{}", said.err);
    said.with_message("the first goes on");
}

/// W6: shut down where no other thread of the runtime could help, after a panic, and twice.
pub(crate) fn current_thread_child() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let guard = setup()
            .with_shutdown_timeout(Duration::from_secs(2))
            .init()
            .expect("the first");
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
fn a_current_thread_runtime_shuts_down_within_the_limit_also_with_nobody_listening() {
    for protocol in [
        "http/protobuf",
        #[cfg(feature = "otlp-grpc")]
        "grpc",
    ] {
        let said = run(
            "current-thread",
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ],
        );
        assert!(said.err.contains("shut down"), "{}", said.err);
        assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
        for message in ["in a task", "no such order", "at the end"] {
            said.with_message(message);
        }
        assert_eq!(
            said.err
                .matches("spans cannot be delivered to http://127.0.0.1:9")
                .count(),
            1,
            "{}",
            said.err
        );
    }
}

#[test]
fn what_is_told_goes_to_a_callback() {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = Arc::clone(&told);
    let sink = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let (dispatch, guard) = setup()
        .with_writer(sink)
        .with_diagnostics(move |diagnosis| {
            listener
                .lock()
                .expect("no panic")
                .push(diagnosis.to_string())
        })
        .build()
        .expect("it is right");
    with_default(&dispatch, || info!("hello"));
    let report = guard.shutdown(Duration::from_millis(200));
    assert_eq!(report.lines_lost(), 1, "the device is full");
    assert!(
        told.lock()
            .expect("no panic")
            .iter()
            .any(|told| told.contains("No space left"))
    );
}

/// Starts within a runtime, where another cannot be dropped, and is told what is wrong.
pub(crate) fn within_runtime_child() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        match setup().build() {
            Ok(_) => eprintln!("it is right"),
            Err(error) => eprintln!("{error}"),
        }
        let error = setup()
            .with_filter("setup=loud")
            .build()
            .expect_err("it is wrong");
        eprintln!("{error}");
    });
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn what_is_wrong_is_told_within_a_runtime_too() {
    let pem = std::env::temp_dir().join(format!("garbage-{}.pem", std::process::id()));
    std::fs::write(
        &pem,
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    )
    .expect("it can be written");
    for endpoint in ["https://localhost:9", "http://localhost:9"] {
        let said = run(
            "within",
            &[
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                (
                    "OTEL_EXPORTER_OTLP_CERTIFICATE",
                    pem.to_str().expect("text"),
                ),
            ],
        );
        assert!(said.err.contains("setup=loud"), "{}", said.err);
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
    std::fs::remove_file(pem).expect("it is there");
}

/// Has a logger already.
pub(crate) fn logger_child() {
    struct Nobody;
    impl log::Log for Nobody {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }

        fn log(&self, _: &log::Record<'_>) {}

        fn flush(&self) {}
    }
    log::set_logger(&Nobody).expect("the first");
    let _guard = tracing_stamp::init().expect("it is right");
    info_span!("request").in_scope(|| info!("the service runs"));
}

#[test]
fn a_logger_that_log_has_already_is_reported_and_stops_nothing() {
    let said = run("logger", &[]);
    assert_eq!(
        said.err.matches("`log` crate has another logger").count(),
        1,
        "{}",
        said.err
    );
    said.with_message("the service runs");
}

/// Logs through `log`, as most dependencies do.
pub(crate) fn log_child() {
    let _guard = tracing_stamp::init().expect("it is right");
    info_span!("request").in_scope(|| log::info!(target: "hyper", "a record"));
}

#[test]
fn init_makes_lines_of_the_records_of_log() {
    let said = run("log", &[]);
    let line = said.with_message("a record");
    assert_eq!(line.get("target"), "hyper");
    assert!(line.ids().is_some());
}

pub(crate) fn capturing_child() {
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
    let said = run(
        "captures",
        &[
            ("LOG_FORMAT", "pretty"),
            ("LOG_SCHEMA", "ecs"),
            ("RUST_LOG", "off"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
            ("OTEL_SDK_DISABLED", "true"),
        ],
    );
    assert_eq!(said.err.trim(), "captured", "{}", said.out);
}

/// Is sent a signal by itself.
#[cfg(all(unix, feature = "signals"))]
pub(crate) fn signalled_child() {
    use rustix::process::{Signal, getpid, kill_process};
    let guard = setup()
        .with_flush_on_signals(tracing_stamp::writer::AfterFlush::Terminate)
        .init()
        .expect("the first");
    info!("the last line");
    kill_process(getpid(), Signal::TERM).expect("it lives");
    std::thread::sleep(Duration::from_secs(60));
    drop(guard);
}

#[cfg(all(unix, feature = "signals"))]
#[test]
fn a_signal_comes_after_the_last_line() {
    let said = run("signalled", &[]);
    said.with_message("the last line");
    assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
}
