//! A version of OpenTelemetry that is implemented by hand is user code, so it may log and open spans.

use super::support::{Exported, Lines};
use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tracing::{info, info_span};
use tracing_stamp::{
    TraceContext, opentelemetry_of,
    version::{Captured, Current, OpenTelemetry, SpanIds, SpanRequest, Watch},
};
use tracing_subscriber::{filter::filter_fn, prelude::*};

thread_local! {
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
}

/// The version that the macro creates, with methods that open a span and log.
struct Talkative<V> {
    version: V,
    calls: Arc<AtomicUsize>,
}

impl<V> Talkative<V> {
    fn talk(&self) {
        if IS_BUSY.replace(true) {
            return;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        info_span!("asked").in_scope(|| info!("asked"));
        IS_BUSY.set(false);
    }
}

impl<V: OpenTelemetry> OpenTelemetry for Talkative<V> {
    const SPAN_IDS: SpanIds = V::SPAN_IDS;

    fn current(&self) -> Option<Current> {
        self.talk();
        self.version.current()
    }

    fn watch_current(&self) -> Option<Box<dyn Watch>> {
        self.talk();
        self.version.watch_current()
    }

    fn of_span(&self, request: &SpanRequest<'_>) -> Option<TraceContext> {
        self.version.of_span(request)
    }

    fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str)) {
        self.talk();
        self.version.baggage(keys, visit);
    }

    fn capture(&self) -> Option<Box<dyn Captured>> {
        self.version.capture()
    }
}

#[test]
fn a_hand_written_version_may_open_spans_and_log() {
    let exported = Exported::new();
    let lines = Lines::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let stamp = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_baggage(["tenant"])
        .with_opentelemetry(Talkative {
            version: opentelemetry_of!(opentelemetry, tracing_opentelemetry),
            calls: Arc::clone(&calls),
        });
    let otel = tracing_opentelemetry::layer()
        .with_tracer(exported.tracer())
        .with_filter(filter_fn(|metadata| metadata.name() != "asked"));
    let subscriber = tracing_subscriber::registry().with(otel).with(stamp);
    tracing::subscriber::with_default(subscriber, || {
        // The layer learns in the first rounds, and recognises contexts in the last.
        for round in 0..6 {
            let outer = info_span!("outer", round).entered();
            info_span!("inner", round).in_scope(|| info!("round {round}"));
            drop(outer);
        }
    });
    let inner = exported
        .spans()
        .into_iter()
        .filter(|span| span.name == "inner");
    for (round, span) in inner.enumerate() {
        let context = span.span_context;
        let ids = (
            context.trace_id().to_string(),
            context.span_id().to_string(),
        );
        let line = lines.with_message(&format!("round {round}"));
        assert_eq!(line.ids(), Some(ids));
    }
    assert!(calls.load(Ordering::Relaxed) > 12);
}
