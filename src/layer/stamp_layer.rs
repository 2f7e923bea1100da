use super::{
    core::Core,
    settings::{LifeLines, Settings, SpanFields},
};
use crate::{
    json::Precision,
    schema::Schema,
    stats::{Diagnosis, Diagnostics, Stats},
    trace_context::{ContextSource, Source, version::OpenTelemetry},
};
use opentelemetry::KeyValue;
use std::{fmt, io, sync::Arc};
use tracing_core::LevelFilter;
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

/// A [`Layer`](tracing_subscriber::Layer) that writes each event as one JSON line with the trace id and span id it
/// belongs to. Made by [`layer`].
///
/// It can stand before or after OpenTelemetry's layer, behind filters, `Option`, `Box` and `reload`, beside `fmt` layers
/// and beside others of its kind. It starts, changes and ends no span.
///
/// A line goes to the writer in one `write_all`, on the thread that logs: the writer decides whether that blocks.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(
///     tracing_stamp::layer()
///         .with_resource([("service.name", "orders")])
///         .with_file(true)
///         .with_line_number(true),
/// );
/// tracing::subscriber::with_default(subscriber, || tracing::info!(items = 3, "order placed"));
/// ```
#[must_use = "a layer does nothing until it is part of a subscriber"]
pub struct StampLayer<W = fn() -> io::Stdout> {
    pub(super) core: Core,
    pub(super) make_writer: W,
}

/// A layer that writes to standard output, in the [default schema](Schema::otel).
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(tracing_stamp::layer());
/// # let _ = subscriber;
/// ```
pub fn layer() -> StampLayer {
    StampLayer {
        core: Core::new(Settings::default()),
        make_writer: io::stdout,
    }
}

impl<W> StampLayer<W> {
    /// Writes to what `make_writer` makes, instead of standard output.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_writer(std::io::stderr);
    /// # let _ = layer;
    /// ```
    pub fn with_writer<W2>(self, make_writer: W2) -> StampLayer<W2>
    where
        W2: for<'writer> MakeWriter<'writer> + 'static,
    {
        StampLayer {
            core: self.core,
            make_writer,
        }
    }

    /// Names and shapes of the fixed keys; [`Schema::otel`] by default.
    ///
    /// ```
    /// use tracing_stamp::Schema;
    ///
    /// let layer = tracing_stamp::layer().with_schema(Schema::datadog());
    /// # let _ = layer;
    /// ```
    pub fn with_schema(self, schema: Schema) -> Self {
        self.set(|settings| settings.schema = schema)
    }

    /// What identifies the process, written on every line: `service.name` and its like.
    ///
    /// Of two attributes of one name the last is written; one that has the name of a fixed key is written as
    /// `field.<name>`. The names are reserved: a user field that has one is written as `field.<name>` too.
    ///
    /// ```
    /// let layer = tracing_stamp::layer()
    ///     .with_resource([("service.name", "orders"), ("service.version", "1.4.2")]);
    /// # let _ = layer;
    /// ```
    pub fn with_resource<K, V>(self, attributes: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<opentelemetry::Key>,
        V: Into<opentelemetry::Value>,
    {
        let attributes = attributes
            .into_iter()
            .map(|(key, value)| KeyValue::new(key, value))
            .collect();
        self.set(|settings| settings.resource = attributes)
    }

    /// How the fields of spans are written; flattened by default.
    ///
    /// ```
    /// use tracing_stamp::SpanFields;
    ///
    /// let layer = tracing_stamp::layer().with_span_fields(SpanFields::Off);
    /// # let _ = layer;
    /// ```
    pub fn with_span_fields(self, span_fields: SpanFields) -> Self {
        self.set(|settings| settings.span_fields = span_fields)
    }

    /// Writes these members of OpenTelemetry's current baggage, as strings, where no field of that name is; none by
    /// default, since baggage can come from anywhere.
    ///
    /// Lines that name a parent explicitly have none: the baggage may be of another trace.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_baggage(["tenant", "user.tier"]);
    /// # let _ = layer;
    /// ```
    pub fn with_baggage<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(Into::into).collect();
        self.set(|settings| settings.baggage = keys)
    }

    /// The longest line in bytes, its newline counted; 262,144 by default, and never below 1,024.
    ///
    /// A line that would be longer is cut: first its longest values, on a character's boundary, then whole user fields
    /// go. It is valid JSON all the same, has `"truncated":true`, and is [counted](Stats::truncated).
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_max_line_bytes(16 * 1024);
    /// # let _ = layer;
    /// ```
    pub fn with_max_line_bytes(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_line_bytes = bytes.max(1_024))
    }

    /// The digits of a second in a timestamp; six by default.
    ///
    /// ```
    /// use tracing_stamp::Precision;
    ///
    /// let layer = tracing_stamp::layer().with_precision(Precision::Nanoseconds);
    /// # let _ = layer;
    /// ```
    pub fn with_precision(self, precision: Precision) -> Self {
        self.set(|settings| settings.precision = precision)
    }

    /// Whether the target is written; it is by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_target(false);
    /// # let _ = layer;
    /// ```
    pub fn with_target(self, target: bool) -> Self {
        self.set(|settings| settings.target = target)
    }

    /// Whether the source file is written; it is not by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_file(true);
    /// # let _ = layer;
    /// ```
    pub fn with_file(self, file: bool) -> Self {
        self.set(|settings| settings.file = file)
    }

    /// Whether the line in the source file is written; it is not by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_line_number(true);
    /// # let _ = layer;
    /// ```
    pub fn with_line_number(self, line_number: bool) -> Self {
        self.set(|settings| settings.line_number = line_number)
    }

    /// Whether the thread's number is written; it is not by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_thread_ids(true);
    /// # let _ = layer;
    /// ```
    pub fn with_thread_ids(self, thread_ids: bool) -> Self {
        self.set(|settings| settings.thread_ids = thread_ids)
    }

    /// Whether the thread's name is written, where it has one; it is not by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_thread_names(true);
    /// # let _ = layer;
    /// ```
    pub fn with_thread_names(self, thread_names: bool) -> Self {
        self.set(|settings| settings.thread_names = thread_names)
    }

    /// Which moments of a span's life are lines of their own: `new`, `enter`, `exit`, `close`; none by default.
    ///
    /// A `new` line has the time at which the span was made. It is written as soon as the span has its ids, which is
    /// when it is first entered. A closing line has `start_time`, `duration_ms`, `busy_ms` and `idle_ms`, and a `parent_span_id`
    /// where the parent is certain, as with [`otel_layer`](crate::otel_layer).
    ///
    /// ```
    /// use tracing_subscriber::fmt::format::FmtSpan;
    ///
    /// let layer = tracing_stamp::layer().with_span_events(FmtSpan::CLOSE);
    /// # let _ = layer;
    /// ```
    pub fn with_span_events(self, kinds: FmtSpan) -> Self {
        let has = |kind: FmtSpan| kinds.clone() & kind.clone() == kind;
        let life = LifeLines {
            new: has(FmtSpan::NEW),
            enter: has(FmtSpan::ENTER),
            exit: has(FmtSpan::EXIT),
            close: has(FmtSpan::CLOSE),
        };
        self.set(|settings| settings.life = life)
    }

    /// Takes the current trace context from elsewhere than OpenTelemetry.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_context_source(|| None);
    /// # let _ = layer;
    /// ```
    pub fn with_context_source(self, source: impl ContextSource) -> Self {
        self.set(|settings| {
            settings.stats.note_own_source();
            settings.source = Source::Other(Box::new(source));
        })
    }

    /// Takes the ids, and baggage, from the OpenTelemetry version that the application has, if that is not the one that this
    /// crate re-exports: see [`opentelemetry_of!`](crate::opentelemetry_of).
    ///
    /// ```
    /// use tracing_stamp::{opentelemetry, opentelemetry_of, tracing_opentelemetry};
    /// use tracing_subscriber::prelude::*;
    ///
    /// // The application's own `opentelemetry` and `tracing_opentelemetry`, of whatever version.
    /// let stamp = tracing_stamp::layer()
    ///     .with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry));
    /// let subscriber = tracing_subscriber::registry().with(stamp);
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("ready"));
    /// ```
    pub fn with_opentelemetry(self, version: impl OpenTelemetry) -> Self {
        self.set(|settings| {
            settings.stats.note_named_version();
            settings.source = Source::version(version);
        })
    }

    /// Tells what is wrong with the set-up to a callback, instead of to standard error.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_diagnostics(|diagnosis| {
    ///     // To wherever this process tells its trouble; not to `tracing`.
    ///     let _ = diagnosis.to_string();
    /// });
    /// # let _ = layer;
    /// ```
    pub fn with_diagnostics(self, tell: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.diagnostics = Some(Diagnostics::Callback(Arc::new(tell))))
    }

    /// Tells whom others tell too; nobody where there is none.
    #[cfg(feature = "setup")]
    pub(crate) fn with_shared_diagnostics(self, diagnostics: Option<Diagnostics>) -> Self {
        self.set(|settings| settings.diagnostics = diagnostics)
    }

    /// Up to which level events are written that belong to no sampled trace; all by default.
    ///
    /// With INFO, DEBUG and TRACE lines are those of sampled traces alone (`trace_flags` 01): the detail of some requests, at the cost
    /// of some.
    ///
    /// ```
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let layer = tracing_stamp::layer().with_unsampled_max_level(LevelFilter::INFO);
    /// # let _ = layer;
    /// ```
    pub fn with_unsampled_max_level(self, level: LevelFilter) -> Self {
        self.set(|settings| settings.unsampled_max_level = level)
    }

    /// The counters of this layer, to be kept for when the layer is installed.
    ///
    /// ```
    /// let layer = tracing_stamp::layer();
    /// let stats = layer.stats();
    /// assert_eq!(stats.stamped(), 0);
    /// ```
    pub fn stats(&self) -> Stats {
        self.core.settings.stats.clone()
    }

    #[cfg(feature = "setup")]
    pub(crate) fn schema(&self) -> &Schema {
        &self.core.settings.schema
    }

    pub(super) fn set(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.core.settings;
        change(&mut settings);
        Self {
            core: Core::new(settings),
            make_writer: self.make_writer,
        }
    }
}

impl<W> fmt::Debug for StampLayer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StampLayer")
            .field("schema", &self.core.settings.schema)
            .field("span_fields", &self.core.settings.span_fields)
            .field("stats", &self.core.settings.stats)
            .finish_non_exhaustive()
    }
}
