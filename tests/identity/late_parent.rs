//! A parent set late wins, and no line prevents it from being set.

use super::scene::{Scene, Setup, local, remote};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator as _,
    trace::{SpanId, TraceFlags, TraceId},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::collections::HashMap;
use tracing::{Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

fn caller() -> Context {
    remote(TRACE, CALLER, TraceFlags::SAMPLED)
}

/// The outgoing header.
fn traceparent() -> String {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject(&mut headers);
    headers.remove("traceparent").expect("a context is current")
}

#[track_caller]
fn assert_one_trace(scene: &Scene, header: &str) {
    let request = scene.exported.span("request");
    assert_eq!(request.span_context.trace_id(), TraceId::from(TRACE));
    assert_eq!(request.parent_span_id, SpanId::from(CALLER));
    assert_eq!(scene.ids("inside"), scene.exported_ids("request"));
    let (trace_id, span_id) = scene.exported_ids("request").expect("exported");
    assert_eq!(header, format!("00-{trace_id}-{span_id}-01"));
}

#[test]
fn line_exported_span_and_outgoing_header_carry_one_trace_id() {
    Setup::new().everywhere(|scene| {
        let header = scene.run(|| {
            let request = info_span!("request");
            info!(parent: &request, "before");
            request.set_parent(caller()).expect("not started");
            request.in_scope(|| {
                info!("inside");
                traceparent()
            })
        });
        assert_one_trace(scene, &header);
        assert_eq!(scene.ids("before"), None, "no trace was known then");
    });
}

#[test]
fn a_parent_set_late_within_a_span_of_another_trace_moves_the_lines_to_its_trace() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        let header = scene.run(|| {
            let _server = info_span!("server").entered();
            let request = info_span!("request");
            info!(parent: &request, "before");
            request.set_parent(caller()).expect("not started");
            let header = request.in_scope(|| {
                info!("inside");
                info_span!("below").in_scope(|| info!("deeper"));
                traceparent()
            });
            info!(parent: &request, "named");
            drop(request);
            info!("outside");
            header
        });
        assert_one_trace(scene, &header);
        let server = scene.exported_ids("server");
        let request = scene.exported_ids("request");
        assert_eq!(scene.ids("before"), server, "the nearest started ancestor");
        assert_eq!(scene.ids("deeper"), scene.exported_ids("below"));
        assert_eq!(scene.ids("named"), request);
        assert_eq!(scene.ids("outside"), server);
        for kind in ["new", "enter", "exit", "close"] {
            assert_eq!(scene.lifecycle_ids(kind, "request"), request, "{kind}");
            assert_eq!(scene.lifecycle_ids(kind, "server"), server, "{kind}");
        }
        scene.assert_parent("request", Some(SpanId::from(CALLER)));
    });
}

/// Logs everything that can be logged about a span that must not start.
fn log_about(span: &Span) {
    info!(parent: span, "names it");
    span.record("field", 1);
    info!(parent: span, value = ?span, "names it again");
    info!("beside it");
    let other = info_span!("other");
    other.in_scope(|| {
        info!("in another");
        info!(parent: span, "names it from another");
        span.record("field", 2);
    });
    drop(other);
    info!(parent: None, "of nothing");
    let _attached = local(7, 7).attach();
    info!(parent: span, "names it below an attached context");
    std::thread::scope(|threads| {
        threads.spawn(|| info!(parent: span, "names it from a thread without a subscriber"));
    });
}

#[test]
fn set_parent_after_any_log_line_still_returns_ok() {
    for span_events in [FmtSpan::NONE, FmtSpan::FULL] {
        Setup::new().span_events(span_events).everywhere(|scene| {
            let header = scene.run(|| {
                let request = info_span!("request", field = tracing::field::Empty);
                log_about(&request);
                request
                    .set_parent(caller())
                    .expect("logging starts no span");
                request.in_scope(|| {
                    info!("inside");
                    traceparent()
                })
            });
            assert_one_trace(scene, &header);
        });
    }
}

#[test]
fn set_parent_after_any_log_line_within_a_started_span_still_returns_ok() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        let header = scene.run(|| {
            let _server = info_span!("server").entered();
            info!("in the server");
            let request = info_span!("request", field = tracing::field::Empty);
            log_about(&request);
            request
                .set_parent(caller())
                .expect("logging starts no span");
            request.in_scope(|| {
                info!("inside");
                traceparent()
            })
        });
        assert_one_trace(scene, &header);
        assert_eq!(scene.ids("names it"), scene.exported_ids("server"));
        assert_eq!(
            scene.ids("names it below an attached context"),
            scene.exported_ids("server")
        );
    });
}

#[test]
fn logging_changes_nothing_of_what_is_exported() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        scene.run(|| {
            let outer = info_span!("outer", kept = 1);
            let _entered = outer.enter();
            info!("one event");
            info_span!("inner").in_scope(|| info!("another event"));
            info!(parent: &outer, "a third");
        });
        let outer = scene.exported.span("outer");
        let inner = scene.exported.span("inner");
        assert_eq!(inner.parent_span_id, outer.span_context.span_id());
        assert_eq!(outer.events.len(), 2);
        assert_eq!(inner.events.len(), 1);
        assert!(outer.attributes.iter().any(|kv| kv.key.as_str() == "kept"));
        let names: Vec<_> = scene
            .exported
            .spans()
            .into_iter()
            .map(|span| span.name)
            .filter(|name| name != "warm-up")
            .collect();
        assert_eq!(names, ["inner", "outer"]);
    });
}
