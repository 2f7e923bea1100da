//! Contexts beyond a plain span: baggage, a caller's context without a span, spans that OpenTelemetry does not see, and scoped
//! subscribers.

use super::{
    stage::{self, HIDDEN, assert_of, exported, exported_ids, ids, line, request},
    support::{Exported, Lines},
};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use serde_json::Value;
use std::thread;
use tracing::{Instrument as _, info, info_span};
use tracing_stamp::carry::{Carry as _, ContextSnapshot, carry};
use tracing_subscriber::prelude::*;

/// Returns a context as received from another process.
fn remote(trace_id: u128, span_id: u64) -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(span_id),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

fn ids_of_remote(trace_id: u128, span_id: u64) -> Option<(String, String)> {
    Some((format!("{trace_id:032x}"), format!("{span_id:016x}")))
}

fn ids_in(context: &Context) -> Option<(String, String)> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid()
        .then(|| (span.trace_id().to_string(), span.span_id().to_string()))
}

fn tenant() -> Option<String> {
    let context = Context::current();
    Some(context.baggage().get("tenant")?.to_string())
}

fn elsewhere<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(job).join().expect("no panic")
}

/// Runs a job on another thread within the current span, as `.in_current_span()` does.
fn elsewhere_in_current_span<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    let span = tracing::Span::current();
    elsewhere(move || span.in_scope(job))
}

#[test]
fn baggage_attached_within_a_span_is_carried_too() {
    request("baggage").in_scope(|| {
        let with_baggage = Context::current().with_baggage([KeyValue::new("tenant", "acme")]);
        let _attached = with_baggage.attach();
        let job = || {
            info!("baggage, carried");
            tenant()
        };
        assert_eq!(elsewhere(carry(job)).as_deref(), Some("acme"));
        assert_eq!(elsewhere_in_current_span(tenant), None);
    });
    assert_of("baggage", "baggage, carried");
}

#[test]
fn a_callers_context_without_a_span_is_carried() {
    stage::set();
    let _attached = remote(0x0bad_cafe, 0xcafe).attach();
    elsewhere(carry(|| info!("remote, carried")));
    elsewhere_in_current_span(|| info!("remote, in the current span"));
    assert_eq!(ids("remote, carried"), ids_of_remote(0x0bad_cafe, 0xcafe));
    assert_eq!(line("remote, carried").get("span_name"), &Value::Null);
    assert_eq!(ids("remote, in the current span"), None);
}

#[test]
fn a_context_attached_within_a_span_is_carried_instead_of_the_context_of_the_span() {
    request("attached").in_scope(|| {
        let _attached = remote(0x0fee_d000, 0xfeed).attach();
        elsewhere(carry(|| info!("attached, carried")));
        elsewhere_in_current_span(|| info!("attached, in the current span"));
    });
    let carried = line("attached, carried");
    assert_eq!(carried.ids(), ids_of_remote(0x0fee_d000, 0xfeed));
    assert_eq!(carried.get("request"), "attached");
    assert_eq!(
        ids("attached, in the current span"),
        exported_ids("attached")
    );
}

#[test]
fn a_span_hidden_from_opentelemetry_is_carried_and_its_children_stay_in_the_trace() {
    let made = |name: &'static str| {
        move || {
            info!("hidden, {name}");
            info_span!("made", otel.name = name).in_scope(|| ());
        }
    };
    request("hidden").in_scope(|| {
        info_span!(target: HIDDEN, "hidden", step = 2).in_scope(|| {
            elsewhere(carry(made("made in what is carried")));
            elsewhere_in_current_span(made("made in the span alone"));
        });
    });
    let carried = line("hidden, made in what is carried");
    assert_eq!(carried.ids(), exported_ids("hidden"));
    assert_eq!(carried.get("span_name"), "hidden");
    assert_eq!(carried.get("step"), 2);
    let parent = exported("hidden").span_context;
    let made = exported("made in what is carried");
    assert_eq!(made.parent_span_id, parent.span_id());
    assert_eq!(made.span_context.trace_id(), parent.trace_id());
    assert_ne!(
        exported("made in the span alone").span_context.trace_id(),
        parent.trace_id()
    );
}

#[test]
fn a_hidden_span_without_a_trace_does_not_get_the_ids_of_another_trace() {
    stage::set();
    let hidden = info_span!(target: HIDDEN, "hidden");
    let snapshot = hidden.in_scope(ContextSnapshot::capture);
    request("not the hidden span's").in_scope(|| snapshot.in_scope(|| info!("of no trace")));
    assert_eq!(ids("of no trace"), None);
    assert_eq!(line("of no trace").get("span_name"), "hidden");
}

#[test]
fn a_job_carried_without_a_current_context_uses_the_context_of_its_poll() {
    stage::set();
    let job = async {
        info!("nothing carried");
        info_span!("made", otel.name = "made with nothing carried").in_scope(|| ());
    };
    let job = job.carry();
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(job.instrument(request("nothing")));
    assert_of("nothing", "nothing carried");
    let (made, parent) = (exported("made with nothing carried"), exported("nothing"));
    assert_eq!(made.parent_span_id, parent.span_context.span_id());
}

#[test]
fn baggage_without_a_span_is_carried_and_hides_no_span() {
    stage::set();
    let snapshot = {
        let _attached = Context::new()
            .with_baggage([KeyValue::new("tenant", "acme")])
            .attach();
        ContextSnapshot::capture()
    };
    let of_thread = snapshot.clone();
    assert_eq!(
        elsewhere(move || of_thread.in_scope(tenant)).as_deref(),
        Some("acme")
    );
    request("not hidden").in_scope(|| snapshot.in_scope(|| info!("not hidden")));
    assert_of("not hidden", "not hidden");
}

#[test]
fn code_that_runs_while_the_context_is_borrowed_runs_without_the_carried_context() {
    let snapshot = {
        let _attached = remote(0x0100, 0x0100).attach();
        ContextSnapshot::capture()
    };
    // Nothing can be attached here: `attach` would panic.
    let ids_within = Context::map_current(|_| snapshot.in_scope(|| ids_in(&Context::current())));
    assert_eq!(ids_within, None);
    assert_eq!(
        snapshot.in_scope(|| ids_in(&Context::current())),
        ids_of_remote(0x0100, 0x0100)
    );
}

#[test]
fn a_scoped_subscriber_is_carried_to_a_thread_that_has_none() {
    // All threads of this process have the global subscriber, so the test sets `NoSubscriber` on one.
    let exported = Exported::new();
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(exported.tracer()))
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        info_span!("scoped").in_scope(|| {
            let carried = carry(|| info!("scoped, carried"));
            let without =
                || tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::default());
            elsewhere(move || {
                let _without = without();
                carried();
                info!("scoped, heard by nobody");
            });
        });
    });
    assert_eq!(lines.all().len(), 1);
    assert_eq!(
        lines.with_message("scoped, carried").ids(),
        exported.ids("scoped")
    );
}
