//! A trace that is not sampled has ids too.

use super::scene::{Ids, Scene, Setup, ids_in, remote};
use opentelemetry::{
    Context,
    trace::{SpanId, TraceFlags},
};
use opentelemetry_sdk::trace::Sampler;
use tracing::{Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

/// Logs in and about a span. Returns its ids from OpenTelemetry, since the span is not exported.
fn log_in(span: Span) -> Option<Ids> {
    let ids = span.in_scope(|| {
        info!("inside");
        ids_in(&Context::current())
    });
    info!(parent: &span, "named");
    ids
}

#[track_caller]
fn assert_ids_with_flags(scene: &Scene, ids: &Option<Ids>, flags: &str) {
    assert!(
        ids.is_some(),
        "OpenTelemetry makes ids for spans that are not sampled"
    );
    for line in [
        scene.line("inside"),
        scene.line("named"),
        scene.lifecycle_line("new", "request"),
        scene.lifecycle_line("close", "request"),
    ] {
        let found = scene.ids_on(&line);
        assert_eq!(found, *ids, "{line:?}");
        if found.ids.is_some() {
            assert_eq!(line.get("trace_flags"), flags, "{line:?}");
        }
    }
}

#[test]
fn ids_are_present_with_the_sampled_bit_0_where_the_caller_did_not_sample() {
    let parent_based = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
    Setup::new()
        .sampler(parent_based)
        .span_events(FmtSpan::FULL)
        .everywhere(|scene| {
            let ids = scene.run(|| {
                let request = info_span!("request");
                let caller = remote(5, 6, TraceFlags::default());
                request.set_parent(caller).expect("not started");
                log_in(request)
            });
            assert_ids_with_flags(scene, &ids, "00");
            assert_eq!(ids.expect("checked").0, format!("{:032x}", 5));
        });
}

#[test]
fn ids_are_present_with_the_sampled_bit_0_where_an_unsampled_caller_is_attached() {
    let parent_based = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
    Setup::new()
        .sampler(parent_based)
        .span_events(FmtSpan::FULL)
        .everywhere(|scene| {
            let ids = scene.run(|| {
                let _attached = remote(5, 6, TraceFlags::default()).attach();
                info!("before any span");
                log_in(info_span!("request"))
            });
            assert_ids_with_flags(scene, &ids, "00");
            assert_eq!(scene.line("before any span").get("trace_flags"), "00");
            scene.assert_parent("request", Some(SpanId::from(6)));
        });
}

#[test]
fn ids_are_present_with_the_sampled_bit_0_where_nothing_is_sampled() {
    Setup::new()
        .sampler(Sampler::AlwaysOff)
        .span_events(FmtSpan::FULL)
        .everywhere(|scene| {
            let ids = scene.run(|| log_in(info_span!("request")));
            assert_ids_with_flags(scene, &ids, "00");
            assert!(scene.exported.spans().is_empty());
        });
}

#[test]
fn ids_have_the_sampled_bit_1_where_the_trace_is_sampled() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        let ids = scene.run(|| log_in(info_span!("request")));
        assert_ids_with_flags(scene, &ids, "01");
        assert_eq!(ids, scene.exported_ids("request"));
    });
}
