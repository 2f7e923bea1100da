use super::{
    origin,
    record_fields::{KeyValues, RecordFields},
};
use crate::{
    layer::{IdLayer, is_opentelemetrys},
    trace_context::version::OpenTelemetry,
};
use slog::{BorrowedKV, Drain, OwnedKVList, Record, RecordLocation, RecordStatic, o};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tracing_core::{
    Dispatch, Event, Level, Metadata, Subscriber, span,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// A [`Layer`] that passes events to a slog drain or logger, with the fields of their spans and with their ids.
///
/// Events become slog records with their own module, file and line. A target other than the module becomes the record's tag. Fields
/// keep their types. If several fields have the same name, the event's beats those of spans, and an inner span's beats an outer
/// span's. The ids are those that a [`StampLayer`](crate::StampLayer) would write, as the key-values `trace_id`, `span_id` and `trace_flags`.
///
/// This layer ignores events that come from slog through a [`TracingDrain`](super::TracingDrain), and that drain ignores records from
/// this layer. So both can be installed at once.
///
/// ```
/// use slog::{Drain as _, Logger, o};
/// use tracing_stamp::bridge::slog::SlogLayer;
/// use tracing_subscriber::prelude::*;
///
/// // The application's logger, whatever its drain.
/// let root = Logger::root(slog::Discard, o!("service" => "orders"));
/// let subscriber = tracing_subscriber::registry().with(SlogLayer::new(root));
/// tracing::subscriber::with_default(subscriber, || tracing::info!(order = 1017, "order placed"));
/// ```
#[must_use = "a layer does nothing until it is part of a subscriber"]
pub struct SlogLayer<D> {
    drain: D,
    /// The key-values of loggers in a record from this layer: none.
    no_loggers: OwnedKVList,
    /// Determines the ids of each event.
    ids: IdLayer,
    /// Distinguishes several layers of this kind in the extensions of spans.
    id: u64,
}

/// The fields of a span, separately for each layer of this kind.
struct FieldsByLayer(Vec<(u64, RecordFields)>);

impl<D> SlogLayer<D>
where
    D: Drain<Ok = (), Err = slog::Never>,
{
    /// Creates a layer that passes events to `drain`: a logger, or a drain that never fails (`fuse`, `ignore_res`).
    pub fn new(drain: D) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            drain,
            no_loggers: o!().into(),
            ids: IdLayer::new(),
            id: NEXT_ID.fetch_add(1, Relaxed),
        }
    }

    /// Reads the ids from the application's own OpenTelemetry version: see
    /// [`opentelemetry_of!`](crate::opentelemetry_of).
    ///
    /// ```
    /// use tracing_stamp::{bridge::slog::SlogLayer, opentelemetry, opentelemetry_of, tracing_opentelemetry};
    /// use tracing_subscriber::prelude::*;
    ///
    /// let to_slog = SlogLayer::new(slog::Discard)
    ///     .with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry));
    /// let subscriber = tracing_subscriber::registry().with(to_slog);
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("order placed"));
    /// ```
    pub fn with_opentelemetry(self, version: impl OpenTelemetry) -> Self {
        Self {
            ids: IdLayer::of_version(version),
            ..self
        }
    }

    fn own_fields<'s>(&self, all: &'s FieldsByLayer) -> Option<&'s RecordFields> {
        let mut all = all.0.iter();
        all.find_map(|(layer, fields)| (*layer == self.id).then_some(fields))
    }

    fn log(&self, metadata: &'static Metadata<'static>, message: &str, key_values: &KeyValues) {
        let module = metadata.module_path().unwrap_or(metadata.target());
        let tag = if metadata.target() == module {
            ""
        } else {
            metadata.target()
        };
        let location = RecordLocation {
            file: metadata.file().unwrap_or_default(),
            line: metadata.line().unwrap_or_default(),
            column: 0,
            function: origin::FROM_TRACING,
            module,
        };
        let fixed = RecordStatic {
            location: &location,
            tag,
            level: level(metadata.level()),
        };
        let logged = self.drain.log(
            &Record::new(&fixed, &format_args!("{message}"), BorrowedKV(key_values)),
            &self.no_loggers,
        );
        match logged {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
}

impl<S, D> Layer<S> for SlogLayer<D>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    D: Drain<Ok = (), Err = slog::Never> + 'static,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        Layer::<S>::on_register_dispatch(&self.ids, dispatch);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let metadata = attributes.metadata();
        let fields = RecordFields::of(metadata, |visit| attributes.record(visit));
        if let Some(span) = ctx.span(id) {
            let mut extensions = span.extensions_mut();
            match extensions.get_mut::<FieldsByLayer>() {
                Some(FieldsByLayer(all)) => all.push((self.id, fields)),
                None => extensions.insert(FieldsByLayer(vec![(self.id, fields)])),
            }
        }
        self.ids.on_new_span(attributes, id, ctx);
    }

    fn on_record(&self, id: &Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let later = RecordFields::of(span.metadata(), |visit| values.record(visit));
        if let Some(FieldsByLayer(all)) = span.extensions_mut().get_mut()
            && let Some((_, fields)) = all.iter_mut().find(|(layer, _)| *layer == self.id)
        {
            fields.record(later);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.name() == origin::EVENTS || !self.drain.is_enabled(level(metadata.level())) {
            return;
        }
        let context = self.ids.context_of(event, &ctx);
        let of_event = RecordFields::of(metadata, |visit| event.record(visit));
        let mut fields = Vec::new();
        // OpenTelemetry logs while it holds locks on the extensions of spans.
        let scope = if is_opentelemetrys(metadata) {
            None
        } else {
            ctx.event_scope(event)
        };
        for span in scope.into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields_of_span) =
                span.extensions().get().and_then(|all| self.own_fields(all))
            {
                fields.extend_from_slice(&fields_of_span.fields);
            }
        }
        fields.extend(of_event.fields);
        self.log(metadata, &of_event.message, &KeyValues { fields, context });
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        self.ids.on_enter(id, ctx);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        self.ids.on_exit(id, ctx);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        self.ids.on_close(id, ctx);
    }
}

impl<D: fmt::Debug> fmt::Debug for SlogLayer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SlogLayer").field(&self.drain).finish()
    }
}

fn level(level: &Level) -> slog::Level {
    match *level {
        Level::ERROR => slog::Level::Error,
        Level::WARN => slog::Level::Warning,
        Level::INFO => slog::Level::Info,
        Level::DEBUG => slog::Level::Debug,
        Level::TRACE => slog::Level::Trace,
    }
}
