use crate::trace_context::{ContextSource, Source, TraceContext, version::OpenTelemetry};
use slog::{Drain, KV, Key, OwnedKVList, Record, Serializer, o};
use std::{fmt, panic::AssertUnwindSafe};

/// A [`slog::Drain`] in front of another one, which adds the current `trace_id`, `span_id` and `trace_flags` to each record.
///
/// It reads the ids on the thread that logs, so put it in front of `slog_async`. The ids are key-values of the outermost logger, in
/// lower-case hexadecimal as on this crate's lines. Outside of any trace, none are added. The current ids are those of
/// OpenTelemetry's current context: the context of the entered span, unless the context activation of `tracing_opentelemetry`'s
/// layer is off.
///
/// ```
/// use slog::{Drain as _, Logger, o};
/// use tracing_stamp::bridge::slog::TraceIdDrain;
///
/// // In place of `Discard`: a drain that formats records, such as `slog_json` or `slog_bunyan`, or `slog_async` in front of one.
/// let drain = slog::Discard;
/// let root = Logger::root(TraceIdDrain::new(drain).fuse(), o!());
/// slog::info!(root, "order placed"; "order" => 1017);
/// ```
#[must_use = "a drain does nothing until a logger has it"]
pub struct TraceIdDrain<D> {
    drain: D,
    /// Unwind safe: after a panic of its own, the source is simply asked again.
    source: AssertUnwindSafe<Source>,
}

impl<D> TraceIdDrain<D> {
    /// Creates a drain that adds the ids to each record and passes it to `drain`.
    pub fn new(drain: D) -> Self {
        Self {
            drain,
            source: AssertUnwindSafe(Source::Native),
        }
    }

    /// Reads the current trace context from the given source instead of OpenTelemetry.
    pub fn with_context_source(self, source: impl ContextSource) -> Self {
        self.with_source(Source::Other(Box::new(source)))
    }

    /// Reads the current trace context from the application's own OpenTelemetry version: see
    /// [`opentelemetry_of!`](crate::opentelemetry_of).
    ///
    /// Before `tracing-opentelemetry` 0.32, spans do not make their context current. Then records only get the ids of a context that was
    /// attached by hand, and not those of a `tracing` span. A [`TracingDrain`](super::TracingDrain) has those too.
    ///
    /// ```
    /// use slog::{Drain as _, Logger, o};
    /// use tracing_stamp::{bridge::slog::TraceIdDrain, opentelemetry, opentelemetry_of, tracing_opentelemetry};
    ///
    /// let drain = TraceIdDrain::new(slog::Discard)
    ///     .with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry));
    /// slog::info!(Logger::root(drain.fuse(), o!()), "order placed"; "order" => 1017);
    /// ```
    pub fn with_opentelemetry(self, version: impl OpenTelemetry) -> Self {
        self.with_source(Source::version(version))
    }

    fn with_source(self, source: Source) -> Self {
        Self {
            source: AssertUnwindSafe(source),
            ..self
        }
    }
}

impl<D: Drain> Drain for TraceIdDrain<D> {
    type Ok = D::Ok;
    type Err = D::Err;

    fn log(&self, record: &Record<'_>, loggers: &OwnedKVList) -> Result<D::Ok, D::Err> {
        match self.source.current() {
            Some(context) => self
                .drain
                .log(record, &o!(Ids(context), loggers.clone()).into()),
            None => self.drain.log(record, loggers),
        }
    }

    fn is_enabled(&self, level: slog::Level) -> bool {
        self.drain.is_enabled(level)
    }

    fn flush(&self) -> Result<(), slog::FlushError> {
        self.drain.flush()
    }
}

impl<D: fmt::Debug> fmt::Debug for TraceIdDrain<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceIdDrain").field(&self.drain).finish()
    }
}

/// The three ids as key-values.
pub(super) struct Ids(pub(super) TraceContext);

impl KV for Ids {
    fn serialize(&self, _: &Record<'_>, serializer: &mut dyn Serializer) -> slog::Result {
        let Self(context) = self;
        serializer.emit_arguments(
            Key::from("trace_id"),
            &format_args!("{}", context.trace_id()),
        )?;
        serializer.emit_arguments(Key::from("span_id"), &format_args!("{}", context.span_id()))?;
        if !context.is_sampling_decided() {
            return Ok(());
        }
        let flags = context.flags().to_u8();
        serializer.emit_arguments(Key::from("trace_flags"), &format_args!("{flags:02x}"))
    }
}
