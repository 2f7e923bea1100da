//! Puts the layers of this crate over those of the application.

use super::{
    OtelEvents,
    filter::{self, FilterHandle},
    lines_filter::{LinesFilter, TargetCheck},
    options::BoxedLayer,
};
use crate::{
    hold::{Hold, SharedEnvFilter},
    layer::{HeldLines, StampLayer, TraceLevelFilter, otel_layer},
    stats::Diagnostics,
    writer::LogWriter,
};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tracing_core::{Dispatch, LevelFilter, dispatcher};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, layer::SubscriberExt as _, registry::LookupSpan,
    reload,
};

/// The layers of this crate, and their filters.
pub(super) struct OwnLayers {
    pub(super) tracer: Option<SdkTracer>,
    pub(super) span_level: LevelFilter,
    pub(super) otel_events: OtelEvents,
    pub(super) stamp: StampLayer<LogWriter>,
    pub(super) lines: EnvFilter,
    /// The filter of the events that are held, and how.
    pub(super) held: Option<(EnvFilter, Hold)>,
    pub(super) target_check: Arc<TargetCheck>,
    pub(super) diagnostics: Diagnostics,
}

/// The subscriber of all layers, and what outlasts its creation.
pub(super) struct Subscriber {
    pub(super) dispatch: Dispatch,
    pub(super) filter: FilterHandle,
    pub(super) held: HeldLines,
}

impl OwnLayers {
    /// Puts them over the layers of the application. `Vec` and `Option` without a layer are left out: `tracing_subscriber` would disable
    /// all events, or ask the filters about each event.
    pub(super) fn over(self, layers: Vec<BoxedLayer>) -> Subscriber {
        let registry = tracing_subscriber::registry();
        if layers.is_empty() {
            self.over_subscriber(registry)
        } else {
            self.over_subscriber(registry.with(layers))
        }
    }

    fn over_subscriber<S>(self, subscriber: S) -> Subscriber
    where
        S: tracing_core::Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync + 'static,
    {
        let Self {
            tracer,
            span_level,
            otel_events,
            diagnostics,
            ..
        } = self;
        // Every layer has a filter, even a tracer that is absent. Only then does `tracing_subscriber` cache that a call site is disabled.
        let has_tracer = tracer.is_some();
        let is_traced = filter_fn(move |metadata| {
            has_tracer && filter::is_traced(metadata, span_level, otel_events)
        })
        .with_max_level_hint(filter::traced_max_level(span_level, otel_events));
        let traced = tracer
            .map(|tracer| otel_layer(tracer, |layer: OpenTelemetryLayer<S, _>| layer))
            .with_filter(is_traced);
        let (lines, handle) = reload::Layer::new(self.lines);
        let filter_number = Arc::new(AtomicUsize::new(0));
        let (held_filter, hold) = self.held.unzip();
        let mut stamp = self.stamp;
        if let Some(hold) = hold {
            let handle = handle.clone();
            let written = SharedEnvFilter {
                with: Arc::new(move |ask| drop(handle.with_current(|filter| ask(filter)))),
                number: Arc::clone(&filter_number),
            };
            stamp = stamp.with_hold(hold.with_written_filter(written));
        }
        let lines = LinesFilter::new(
            TraceLevelFilter::never_reloaded(lines),
            held_filter,
            span_level,
            self.target_check,
            move |diagnosis| diagnostics.report(diagnosis),
        );
        let held = stamp.held_lines();
        let subscriber = subscriber.with(traced).with(stamp.with_filter(lines));
        let dispatch = Dispatch::new(subscriber);
        let weak = dispatch.downgrade();
        let filter = FilterHandle {
            // Within the dispatch: `tracing` asks the current default which call sites are enabled now.
            set: Arc::new(move |filter| {
                match weak.upgrade() {
                    Some(dispatch) => {
                        dispatcher::with_default(&dispatch, || handle.reload(filter))?;
                    }
                    None => handle.reload(filter)?,
                }
                filter_number.fetch_add(1, Ordering::AcqRel);
                Ok(())
            }),
        };
        Subscriber {
            dispatch,
            filter,
            held,
        }
    }
}
