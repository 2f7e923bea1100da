//! Levels that are set in code, within this process.

use super::support::{Exported, Lines, context};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::Sampler;
use std::{cell::Cell, collections::HashMap};
use tracing::{
    Dispatch, Level, Span, debug, debug_span, error, info, info_span, level_filters::LevelFilter,
    trace,
};
use tracing_stamp::{
    Hold, StampLayer, TraceLevelFilter, otel_layer, setup,
    testing::{self, capture_with},
    trace_level,
    version::{Captured, Current, OpenTelemetry, SpanIds, Watch},
    w3c,
};
use tracing_subscriber::{EnvFilter, prelude::*};

fn captured(run: impl FnOnce()) -> testing::Captured {
    capture_with(setup().with_filter("info"), run).1
}

fn messages(captured: &testing::Captured) -> Vec<&str> {
    captured.lines().iter().map(|line| line.message()).collect()
}

#[test]
fn a_level_lets_the_events_of_its_trace_through_and_of_no_other() {
    let captured = captured(|| {
        info_span!("verbose").in_scope(|| {
            debug!("before");
            trace_level::set(Level::DEBUG);
            assert_eq!(trace_level::current(), Some(Level::DEBUG));
            debug!("debug");
            trace!("trace");
            info_span!("child").in_scope(|| debug!("in a child"));
            debug_span!("hidden").in_scope(|| debug!("in a hidden span"));
            info_span!(parent: None, "other").in_scope(|| debug!("of another trace"));
            info!("info");
        });
        debug!("outside");
    });
    let expected = ["debug", "in a child", "in a hidden span", "info"];
    assert_eq!(messages(&captured), expected);
    captured.assert_ids_agree();
}

#[test]
fn a_level_ends_with_the_outermost_span_around_the_call() {
    let captured = captured(|| {
        let root = info_span!("root");
        let context = root.in_scope(|| {
            info_span!("leaf").in_scope(|| trace_level::set(Level::DEBUG));
            debug!("the leaf has ended");
            Context::current()
        });
        let _attached = context.attach();
        debug!("the root was left");
        drop(root);
        debug!("the root has ended");
        assert_eq!(trace_level::current(), None);
    });
    assert_eq!(
        messages(&captured),
        ["the leaf has ended", "the root was left"]
    );
}

#[test]
fn the_last_level_that_is_set_counts_and_the_most_verbose_guard() {
    let captured = captured(|| {
        info_span!("root").in_scope(|| {
            trace_level::set(Level::TRACE);
            trace!("one");
            trace_level::set(Level::INFO);
            debug!("not written");
            let debugging = trace_level::raise(Level::DEBUG);
            let tracing = trace_level::raise(Level::TRACE);
            trace!("two");
            drop(tracing);
            trace!("not written");
            debug!("three");
            std::thread::spawn(move || drop(debugging))
                .join()
                .expect("no panic");
            debug!("not written");
        });
    });
    assert_eq!(messages(&captured), ["one", "two", "three"]);
}

#[test]
fn a_level_without_a_trace_does_nothing() {
    let captured = captured(|| {
        trace_level::set(Level::TRACE);
        let _raised = trace_level::raise(Level::TRACE);
        assert_eq!(trace_level::current(), None);
        debug!("not written");
    });
    assert_eq!(messages(&captured), Vec::<&str>::new());
}

#[test]
fn an_event_that_names_its_parent_belongs_to_the_trace_of_that_span() {
    let captured = captured(|| {
        let other = info_span!("other");
        other.in_scope(|| {});
        let verbose = info_span!("verbose");
        let raised = verbose.in_scope(|| {
            debug!(parent: &other, "of another trace");
            let raised = trace_level::raise(Level::DEBUG);
            debug!(parent: &other, "of another trace");
            debug!(parent: Span::none(), "of no trace");
            debug!(parent: &verbose, "of the trace, within it");
            raised
        });
        debug!(parent: &verbose, "of the trace, outside of it");
        debug!(parent: &other, "of another trace");
        let child = info_span!(parent: &verbose, "child");
        debug!(parent: &child, "of a child that was never entered");
        drop(raised);
        debug!(parent: &verbose, "too late");
    });
    let expected = [
        "of the trace, within it",
        "of the trace, outside of it",
        "of a child that was never entered",
    ];
    assert_eq!(messages(&captured), expected);
}

#[test]
fn the_events_of_opentelemetry_are_filtered_as_before() {
    let captured = captured(|| {
        info_span!("verbose").in_scope(|| {
            trace_level::set(Level::TRACE);
            debug!(target: "opentelemetry_sdk", "export failed");
            debug!(target: "shop", "debug");
        });
    });
    assert_eq!(messages(&captured), ["debug"]);
}

#[test]
fn a_level_passes_targets_that_the_filter_switches_off() {
    let (_, captured) = capture_with(setup().with_filter("off,shop=info"), || {
        info_span!("verbose").in_scope(|| {
            trace_level::set(Level::DEBUG);
            debug!(target: "hyper", "debug");
            trace!(target: "hyper", "trace");
        });
        info!(target: "hyper", "not written");
    });
    assert_eq!(messages(&captured), ["debug"]);
}

#[test]
fn a_filter_that_is_reloaded_while_a_trace_is_verbose_keeps_the_level() {
    let (dispatch, guard) = setup().with_filter("info").build().expect("valid settings");
    tracing::dispatcher::with_default(&dispatch, || {
        info_span!("verbose").in_scope(|| {
            trace_level::set(Level::DEBUG);
            guard.filter().set("warn").expect("a valid filter");
            debug!("written");
            info!("written");
        });
        info!("not written");
    });
    assert_eq!(guard.stats().stamped(), 2);
    assert_eq!(guard.stats().unstamped(), 0);
}

#[test]
fn a_level_releases_what_is_held_of_its_trace_and_of_no_other() {
    let lines = Lines::default();
    let (dispatch, guard) = setup()
        .with_filter("info")
        .with_hold("trace", Hold::new())
        .with_writer(lines.clone())
        .build()
        .expect("valid settings");
    tracing::dispatcher::with_default(&dispatch, || {
        info_span!("verbose").in_scope(|| {
            trace!("held before");
            trace_level::set(Level::DEBUG);
            debug!("written");
            trace!("released");
            info_span!(parent: None, "other").in_scope(|| debug!("held"));
            info_span!(parent: None, "failed").in_scope(|| {
                debug!("released by an error");
                error!("the cause");
            });
        });
    });
    let all = lines.all();
    let messages: Vec<_> = all.iter().map(|line| line.get("message")).collect();
    assert_eq!(
        messages,
        [
            "held before",
            "written",
            "released",
            "released by an error",
            "the cause"
        ]
    );
    let held: Vec<_> = all.iter().map(|line| line.has("held")).collect();
    assert_eq!(held, [true, false, false, true, false]);
    assert_eq!(guard.stats().held(), 3);
}

/// Returns a subscriber as an application builds it, with this filter of the lines.
fn registry(
    exported: &Exported,
    lines: &Lines,
    configure: impl FnOnce(StampLayer) -> StampLayer,
) -> Dispatch {
    let filter = TraceLevelFilter::new(EnvFilter::new("info"));
    let layer = configure(tracing_stamp::layer()).with_writer(lines.clone());
    Dispatch::new(
        tracing_subscriber::registry()
            .with(otel_layer(exported.tracer(), |layer| layer).with_filter(LevelFilter::INFO))
            .with(layer.with_filter(filter)),
    )
}

#[test]
fn a_registry_of_ones_own_has_levels_by_a_wrapped_filter() {
    let (exported, lines) = (Exported::new(), Lines::default());
    let dispatch = registry(&exported, &lines, |layer| layer);
    tracing::dispatcher::with_default(&dispatch, || {
        info_span!("verbose").in_scope(|| {
            trace_level::set(Level::DEBUG);
            debug!("written");
        });
        info_span!("other").in_scope(|| debug!("not written"));
    });
    assert_eq!(lines.all().len(), 1);
    assert_eq!(lines.with_message("written").ids(), exported.ids("verbose"));
}

#[test]
fn a_trace_with_a_level_is_written_even_if_it_is_not_sampled() {
    let lines = Lines::default();
    let exported = Exported::with_sampler(Sampler::AlwaysOff);
    let dispatch = registry(&exported, &lines, |layer| {
        layer.with_unsampled_max_level(LevelFilter::WARN)
    });
    tracing::dispatcher::with_default(&dispatch, || {
        info_span!("verbose").in_scope(|| {
            info!("left out");
            trace_level::set(Level::DEBUG);
            debug!("written");
            trace!("not written");
        });
    });
    assert_eq!(lines.all().len(), 1);
    lines.with_message("written");
}

/// Another version of OpenTelemetry, whose current context is always the same.
struct OtherVersion;

impl OpenTelemetry for OtherVersion {
    const SPAN_IDS: SpanIds = SpanIds::WhenStarted;

    fn current(&self) -> Option<Current> {
        Some(Current {
            context: context().filter(|_| IS_OTHER_CURRENT.get()),
            is_remote: false,
        })
    }

    fn watch_current(&self) -> Option<Box<dyn Watch>> {
        None
    }

    fn baggage(&self, _: &[String], _: &mut dyn FnMut(&str, &str)) {}

    fn capture(&self) -> Option<Box<dyn Captured>> {
        None
    }
}

thread_local! {
    static IS_OTHER_CURRENT: Cell<bool> = const { Cell::new(false) };
}

#[test]
fn a_trace_of_another_opentelemetry_version_can_have_a_level() {
    let lines = Lines::default();
    let filter = TraceLevelFilter::new(EnvFilter::new("info"));
    let layer = tracing_stamp::layer()
        .with_opentelemetry(OtherVersion)
        .with_writer(lines.clone())
        .with_filter(filter);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        IS_OTHER_CURRENT.set(true);
        let raised = trace_level::raise(Level::DEBUG);
        debug!("written");
        IS_OTHER_CURRENT.set(false);
        debug!("not written");
        IS_OTHER_CURRENT.set(true);
        drop(raised);
        debug!("not written");
        IS_OTHER_CURRENT.set(false);
    });
    assert_eq!(lines.all().len(), 1);
    assert!(lines.with_message("written").ids().is_some());
}

/// Returns a context that came from another process.
fn remote(trace: u128) -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(trace),
        SpanId::from(1),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

#[test]
fn a_trace_without_a_span_of_this_process_can_have_a_level() {
    let captured = captured(|| {
        let attached = remote(0x10f7).attach();
        trace_level::set(Level::DEBUG);
        debug!("written");
        drop(attached);
        debug!("not written");
    });
    assert_eq!(messages(&captured), ["written"]);
}

#[test]
fn an_injected_context_carries_the_level_of_its_trace_in_baggage() {
    let baggage = |context: &Context| {
        let _attached = context.clone().attach();
        let mut carrier = HashMap::new();
        w3c::inject(&mut carrier);
        carrier.remove("baggage")
    };
    captured(|| {
        let context = remote(0x10f8);
        let customer = context.with_baggage(vec![KeyValue::new("customer", "1017")]);
        let verbose = context.with_baggage(vec![KeyValue::new("log.level", "trace")]);
        let unknown = context.with_baggage(vec![KeyValue::new("log.level", "loud")]);
        assert_eq!(baggage(&context), None);

        let _attached = context.clone().attach();
        let raised = trace_level::raise(Level::DEBUG);
        assert_eq!(baggage(&context).as_deref(), Some("log.level=debug"));
        assert_eq!(
            baggage(&customer).as_deref(),
            Some("customer=1017,log.level=debug")
        );
        assert_eq!(baggage(&verbose).as_deref(), Some("log.level=trace"));
        assert_eq!(baggage(&unknown).as_deref(), Some("log.level=debug"));
        assert_eq!(baggage(&remote(0x10f9)), None, "another trace");
        drop(raised);
        assert_eq!(baggage(&customer).as_deref(), Some("customer=1017"));
    });
}
