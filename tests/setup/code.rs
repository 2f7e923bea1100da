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
use tracing_stamp::{Schema, Setup, SpanEvents, setup};

/// What is logged under this set-up.
fn lines(setup: Setup, run: impl FnOnce()) -> Lines {
    let lines = Lines::default();
    let (dispatch, guard) = setup.writer(lines.clone()).build().expect("it is right");
    with_default(&dispatch, run);
    guard
        .shutdown(Duration::from_secs(60))
        .expect("all is delivered");
    lines
}

#[test]
fn every_part_can_be_said_in_code() {
    let lines = lines(
        setup()
            .service_name("orders")
            .resource([("service.version", "1.4")])
            .schema(Schema::ecs())
            .filter("debug")
            .stamp(|layer| layer.with_line_number(true)),
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
    let lines = lines(setup().provider(exported.provider.clone()), || {
        info_span!("span").in_scope(|| info!("hello"));
        ids = exported.ids("span");
    });
    assert!(ids.is_some());
    assert_eq!(lines.with_message("hello").ids(), ids);
}

#[test]
fn open_telemetry_is_told_of_the_events_that_were_chosen() {
    for (events, expected) in [
        (SpanEvents::All, 2),
        (SpanEvents::Errors, 1),
        (SpanEvents::None, 0),
    ] {
        let exported = Exported::new();
        let setup = setup().provider(exported.provider.clone());
        lines(setup.span_events(events), || {
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
        let setup = setup().provider(exported.provider.clone());
        lines(setup.span_level(level).filter("off"), || {
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
    let lines = lines(setup().layer(fmt), || info!("hello"));
    assert_eq!(lines.all().len(), 1);
    assert_eq!(seen.all().len(), 1);
}

#[test]
fn the_filter_can_be_changed_while_the_process_runs() {
    let lines = Lines::default();
    let (dispatch, guard) = setup()
        .filter("warn")
        .writer(lines.clone())
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
                .sampler(sampler)
                .filter("debug")
                .stamp(|layer| layer.with_unsampled_max_level(LevelFilter::INFO)),
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
    let (_, captured) = capture_with(setup().filter("trace").span_level(LevelFilter::OFF), || {
        info_span!("span").in_scope(|| info!("hello"));
    });
    let seen = std::panic::catch_unwind(|| captured.assert_ids_agree());
    assert!(seen.is_err());
}

#[test]
fn a_wrong_filter_in_code_is_an_error_too() {
    let error = setup()
        .filter("setup=loud")
        .build()
        .expect_err("it is wrong");
    assert!(error.to_string().contains("setup=loud"), "{error}");
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
            .shutdown_timeout(Duration::from_secs(2))
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
                .matches("spans are not taken by http://127.0.0.1:9")
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
        .writer(sink)
        .diagnostics(move |diagnosis| {
            listener
                .lock()
                .expect("no panic")
                .push(diagnosis.to_string())
        })
        .build()
        .expect("it is right");
    with_default(&dispatch, || info!("hello"));
    let error = guard
        .shutdown(Duration::from_millis(200))
        .expect_err("it is full");
    assert!(error.to_string().contains("given up"), "{error}");
    assert!(
        told.lock()
            .expect("no panic")
            .iter()
            .any(|told| told.contains("No space left"))
    );
}
