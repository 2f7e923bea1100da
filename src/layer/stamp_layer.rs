use super::{
    holding::Holding,
    ids::IdTracker,
    line_sink::LineSink,
    render::{LifecycleLines, LineSettings, Renderer, SpanFields},
};
use crate::{
    burst::{Burst, BurstGuard, Limits, LimitsOwner},
    hold::Hold,
    json::Precision,
    schema::Schema,
    stats::{Diagnosis, Diagnostics, Stats},
    trace_context::{ContextSource, Source, version::OpenTelemetry},
};
use log_redaction::{Redaction, Redactor};
use opentelemetry::KeyValue;
use std::{fmt, io, sync::Arc};
use tracing_core::LevelFilter;
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

/// A [`Layer`](tracing_subscriber::Layer) that writes each event as one JSON line with the trace id and span id that it
/// belongs to. [`layer`] creates one.
///
/// It works before or after OpenTelemetry's layer, behind filters, `Option`, `Box` and `reload`, beside `fmt` layers
/// and beside others of its kind. It starts, changes and ends no span.
///
/// A line goes to the writer in one `write_all`, on the thread that logs. The writer decides whether that blocks.
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
    pub(super) renderer: Renderer,
    pub(super) ids: IdTracker,
    pub(super) make_writer: Arc<W>,
    /// The same writer.
    pub(super) sink: Arc<dyn LineSink>,
    limits: Option<LimitsOwner>,
    /// `None` if all lines are written at once.
    pub(super) holding: Option<Holding>,
    pub(super) lifecycle: LifecycleLines,
    /// The most verbose level of events that belong to no sampled trace.
    pub(super) unsampled_max_level: LevelFilter,
    /// `None` if diagnoses are not reported.
    pub(super) diagnostics: Option<Diagnostics>,
    pub(super) stats: Stats,
}

/// Returns a layer that writes to standard output, in the [default schema](Schema::otel).
pub fn layer() -> StampLayer {
    let stats = Stats::default();
    let make_writer: Arc<fn() -> io::Stdout> = Arc::new(io::stdout);
    StampLayer {
        renderer: Renderer::new(LineSettings::default(), stats.clone()),
        ids: IdTracker::new(Source::Native, stats.clone()),
        sink: Arc::clone(&make_writer) as Arc<dyn LineSink>,
        make_writer,
        limits: None,
        holding: None,
        lifecycle: LifecycleLines::default(),
        unsampled_max_level: LevelFilter::TRACE,
        diagnostics: Some(Diagnostics::default()),
        stats,
    }
}

impl<W> StampLayer<W> {
    /// Sets the writer; standard output by default.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_writer(std::io::stderr);
    /// # let _ = layer;
    /// ```
    pub fn with_writer<W2>(self, make_writer: W2) -> StampLayer<W2>
    where
        W2: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
    {
        let make_writer = Arc::new(make_writer);
        let Self {
            renderer,
            ids,
            make_writer: _,
            sink: _,
            limits,
            holding,
            lifecycle,
            unsampled_max_level,
            diagnostics,
            stats,
        } = self;
        StampLayer {
            renderer,
            ids,
            sink: Arc::clone(&make_writer) as Arc<dyn LineSink>,
            make_writer,
            limits,
            holding: holding.map(Holding::anew),
            lifecycle,
            unsampled_max_level,
            diagnostics,
            stats,
        }
    }

    /// Sets the names and shapes of the fixed keys; [`Schema::otel`] by default.
    pub fn with_schema(self, schema: Schema) -> Self {
        self.set(|lines| lines.schema = schema)
    }

    /// Sets attributes that identify the process, such as `service.name`. Every line has them.
    ///
    /// If two attributes have the same name, the last one is written. An attribute with the name of a fixed key is written as
    /// `field.<name>`. The names are reserved, so a user field with such a name is written as `field.<name>` too.
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
        self.set(|lines| lines.resource = attributes)
    }

    /// Sets how the fields of spans are written; flattened by default.
    pub fn with_span_fields(self, span_fields: SpanFields) -> Self {
        self.set(|lines| lines.span_fields = span_fields)
    }

    /// Writes the members of OpenTelemetry's current baggage that have these keys, as strings. A field of the same name hides such
    /// a member. By default no baggage is written, since it can come from anywhere.
    ///
    /// Lines that name a parent explicitly have no baggage, because the current baggage may belong to another trace.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_baggage(["tenant", "user.tier"]);
    /// # let _ = layer;
    /// ```
    pub fn with_baggage<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(Into::into).collect();
        self.set(|lines| lines.baggage = keys)
    }

    /// Replaces secrets in lines by these rules. By default nothing is replaced. [`init`](crate::init) has rules for the keys of secrets.
    ///
    /// - A rule for a key is looked up once for each call site, by the field's own name. The value of such a field is replaced, whatever its
    ///   type is, and an error's sources are left out. This applies to fields of events and spans, values that a span records, key-values
    ///   of `log` and slog, baggage and the resource. The message has no key.
    /// - Within nested values, such as those of slog, keys and paths are looked up for each value.
    /// - Patterns, which need the feature `redact`, are searched for in messages and in all values that are strings, after they were
    ///   formatted. A line is only cut to its [maximum length](Self::with_max_line_bytes) after that.
    ///
    /// Keys, times, levels, targets, ids and the names of threads are left as they are, and patterns change no numbers. A span's name is part
    /// of the program, so only the name under which a span of [`http`](crate::http) is exported is searched by patterns.
    ///
    /// If a value is so long that it is not formatted to its end, patterns may make it much shorter. What was after its last secret is then
    /// left out, and the value ends with `…`. [`Stats::redacted`] counts by rule. The rules stay if other settings are changed later.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use tracing_stamp::{Redaction, Replacement};
    /// use tracing_subscriber::prelude::*;
    ///
    /// # #[derive(Clone, Default)]
    /// # struct Lines(Arc<Mutex<Vec<u8>>>);
    /// # impl std::io::Write for Lines {
    /// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
    /// #         self.0.lock().unwrap().extend_from_slice(bytes);
    /// #         Ok(bytes.len())
    /// #     }
    /// #     fn flush(&mut self) -> std::io::Result<()> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # let lines = Lines::default();
    /// # let writer = lines.clone();
    /// let redaction = Redaction::new()
    ///     .secret_keys()
    ///     .replaced_by(Replacement::LastFour)
    ///     .key("iban");
    /// let layer = tracing_stamp::layer()
    ///     .with_redaction(redaction)
    ///     .with_writer(move || writer.clone());
    /// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
    ///     let _login = tracing::info_span!("login", api_key = "s3cr3t").entered();
    ///     tracing::info!(user = "ada", password = "hunter2", has_token = true, "welcome");
    /// });
    /// # let line = String::from_utf8(lines.0.lock().unwrap().clone())?;
    /// assert!(line.contains(r#""api_key":"[redacted]","user":"ada","password":"[redacted]","has_token":true"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_redaction(self, redaction: Redaction) -> Self {
        self.with_redactor(redaction.build())
    }

    /// Replaces secrets by the rules of a redactor, which counts for other parts of the set-up too.
    pub(crate) fn with_redactor(self, redactor: Redactor) -> Self {
        self.stats.set_redactor(redactor.clone());
        self.set(|lines| lines.redactor = Some(redactor))
    }

    /// Sets the maximum length of a line in bytes, including the newline; 262,144 by default, and at least 1,024.
    ///
    /// A longer line is cut: first its longest values, between two characters, then whole user fields. It stays valid JSON, has
    /// `"truncated":true`, and is [counted](Stats::truncated).
    pub fn with_max_line_bytes(self, bytes: usize) -> Self {
        self.set(|lines| lines.max_line_bytes = bytes.max(1_024))
    }

    /// Sets the number of digits after the decimal point of a timestamp's seconds; six by default.
    pub fn with_precision(self, precision: Precision) -> Self {
        self.set(|lines| lines.precision = precision)
    }

    /// Sets whether to write the target; on by default.
    pub fn with_target(self, target: bool) -> Self {
        self.set(|lines| lines.target = target)
    }

    /// Sets whether to write the source file; off by default.
    pub fn with_file(self, file: bool) -> Self {
        self.set(|lines| lines.file = file)
    }

    /// Sets whether to write the line in the source file; off by default.
    pub fn with_line_number(self, line_number: bool) -> Self {
        self.set(|lines| lines.line_number = line_number)
    }

    /// Sets whether to write the thread's number; off by default.
    pub fn with_thread_ids(self, thread_ids: bool) -> Self {
        self.set(|lines| lines.thread_ids = thread_ids)
    }

    /// Sets whether to write the thread's name, if it has one; off by default.
    pub fn with_thread_names(self, thread_names: bool) -> Self {
        self.set(|lines| lines.thread_names = thread_names)
    }

    /// Sets whether each line has an id of its own, under `log.record.uid` ([`FixedKey::RecordUid`](crate::FixedKey::RecordUid)); off by
    /// default. `init` switches it on if lines are shipped.
    ///
    /// The id is a [ULID](https://github.com/ulid/spec): 26 characters, which begin with the time in milliseconds. Lines of other processes,
    /// machines and forked children have other ids, so a reader that gets a line twice can recognise the repeat. An exception is a copy of
    /// the process that has the same process id, such as one in the clone of a running virtual machine.
    ///
    /// Within a process the ids increase in the order in which lines are rendered, across all threads and layers. If the clock is set back,
    /// the time in the ids stays until the clock reaches it again.
    ///
    /// ```
    /// use tracing_subscriber::prelude::*;
    ///
    /// let layer = tracing_stamp::layer().with_record_uid(true);
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// // {"timestamp":"…","level":"INFO","message":"ready","target":"shop","log.record.uid":"01KB2F6YTS0009R4C8XG71ZQ5M"}
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("ready"));
    /// ```
    pub fn with_record_uid(self, record_uid: bool) -> Self {
        self.set(|lines| lines.record_uid = record_uid)
    }

    /// Sets whether each line within a span has the id of that span's parent, under `parent_span_id`
    /// ([`FixedKey::ParentSpanId`](crate::FixedKey::ParentSpanId)); off by default. Closing lines have it regardless.
    ///
    /// From such lines alone, a program such as [`tracegrep`] can tell which span called which. The parent can be a span of
    /// another service: the caller's span, which the `traceparent` of a request names.
    ///
    /// The key is left out if the span has no parent, if OpenTelemetry's API has created it, or if its parent is not certain. The
    /// parent is certain with [`otel_layer`](crate::otel_layer()), which `init` uses, with `tracing-opentelemetry` 0.28 to 0.31, and
    /// with a source of your own.
    ///
    /// ```
    /// use tracing_stamp::opentelemetry::trace::TracerProvider;
    /// use tracing_subscriber::prelude::*;
    ///
    /// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
    /// let tracer = provider.tracer("shop");
    /// let subscriber = tracing_subscriber::registry()
    ///     .with(tracing_stamp::otel_layer(tracer, |layer| layer))
    ///     .with(tracing_stamp::layer().with_parent_span_id(true));
    /// tracing::subscriber::with_default(subscriber, || {
    ///     let _checkout = tracing::info_span!("checkout").entered();
    ///     // {…,"span_id":"6b221d5bc9e6496c",…,"span_name":"payment","parent_span_id":"00f067aa0ba902b7"}
    ///     tracing::info_span!("payment").in_scope(|| tracing::info!("card charged"));
    /// });
    /// ```
    ///
    /// [`tracegrep`]: https://docs.rs/tracegrep
    pub fn with_parent_span_id(self, parent_span_id: bool) -> Self {
        let mut layer = self.set(|lines| lines.parent_span_id = parent_span_id);
        layer.ids.needs_parents = parent_span_id;
        layer
    }

    /// Sets which moments of a span's lifecycle are lines of their own: `new`, `enter`, `exit`, `close`; none by default.
    ///
    /// A `new` line has the time of the span's creation. It is written as soon as the span has its ids, that is, when the span is
    /// first entered. A closing line has `start_time`, `duration_ms`, `busy_ms` and `idle_ms`. It has a `parent_span_id` if the
    /// parent is certain, as with [`otel_layer`](crate::otel_layer).
    ///
    /// ```
    /// use tracing_subscriber::fmt::format::FmtSpan;
    ///
    /// let layer = tracing_stamp::layer().with_span_events(FmtSpan::CLOSE);
    /// # let _ = layer;
    /// ```
    pub fn with_span_events(self, kinds: FmtSpan) -> Self {
        let has = |kind: FmtSpan| kinds.clone() & kind.clone() == kind;
        let lifecycle = LifecycleLines {
            new: has(FmtSpan::NEW),
            enter: has(FmtSpan::ENTER),
            exit: has(FmtSpan::EXIT),
            close: has(FmtSpan::CLOSE),
        };
        Self { lifecycle, ..self }.anew()
    }

    /// Holds lines in memory until their trace fails, and then writes them: see [`Hold`].
    ///
    /// The layer must see the events to hold: a filter such as `with_filter(LevelFilter::DEBUG)` decides what is held at most, and
    /// [`Hold::with_written`] what is written at once. Events that belong to no trace are not held, so those beyond what is written are
    /// left out.
    ///
    /// ```
    /// use tracing::level_filters::LevelFilter;
    /// use tracing_stamp::Hold;
    ///
    /// let layer = tracing_stamp::layer().with_hold(Hold::new().with_written(LevelFilter::WARN));
    /// # let _ = layer;
    /// ```
    pub fn with_hold(self, hold: Hold) -> Self {
        let holding = Some(Holding::new(hold));
        Self { holding, ..self }.anew()
    }

    /// Takes the current trace context from a source other than OpenTelemetry.
    pub fn with_context_source(self, source: impl ContextSource) -> Self {
        self.stats.note_own_source();
        self.with_source(Source::Other(Box::new(source)))
    }

    /// Takes ids and baggage from the application's own OpenTelemetry version. This is for applications on a version other than
    /// the one that this crate re-exports: see [`opentelemetry_of!`](crate::opentelemetry_of).
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
        self.stats.note_named_version();
        self.with_source(Source::version(version))
    }

    /// Reports problems with the set-up to a callback, instead of to standard error.
    ///
    /// ```
    /// let layer = tracing_stamp::layer().with_diagnostics(|diagnosis| {
    ///     // Anything but `tracing`, which would write it as a line of this layer.
    ///     eprintln!("logging: {diagnosis}");
    /// });
    /// # let _ = layer;
    /// ```
    pub fn with_diagnostics(self, report: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        Self {
            diagnostics: Some(Diagnostics::Callback(Arc::new(report))),
            ..self
        }
    }

    /// Reports to the same diagnostics as other parts of the set-up, or to none if `None` is given.
    #[cfg(feature = "setup")]
    pub(crate) fn with_shared_diagnostics(self, diagnostics: Option<Diagnostics>) -> Self {
        Self {
            diagnostics,
            ..self
        }
    }

    /// Sets the most verbose level of events that belong to no sampled trace; all are written by default.
    ///
    /// With INFO, DEBUG and TRACE lines are written only for sampled traces (`trace_flags` 01). So sampled requests have full
    /// detail, and the other requests do not pay for it.
    ///
    /// ```
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let layer = tracing_stamp::layer().with_unsampled_max_level(LevelFilter::INFO);
    /// # let _ = layer;
    /// ```
    pub fn with_unsampled_max_level(self, level: LevelFilter) -> Self {
        Self {
            unsampled_max_level: level,
            ..self
        }
    }

    /// Limits how many lines of one call site are written during a storm. By default all are written.
    ///
    /// It applies to events, also those of the [bridges](crate::bridge), and not to lines about a span's life. The first line that is left
    /// out starts a thread, `tracing-stamp-burst`, which ends with the layer. Lines are counted by [`Stats::suppressed`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_stamp::Burst;
    /// use tracing_subscriber::prelude::*;
    ///
    /// let burst = Burst::per_call_site(100, Duration::from_secs(1)).then_every(100);
    /// let layer = tracing_stamp::layer().with_writer(std::io::sink).with_burst(burst);
    /// let stats = layer.stats();
    /// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
    ///     (0..150).for_each(|_| tracing::error!("connection lost"));
    ///     (0..150).for_each(|_| tracing::warn!("connection slow"));
    /// });
    /// assert_eq!(stats.unstamped(), 150 + 100);
    /// assert_eq!(stats.suppressed(), 50);
    /// ```
    pub fn with_burst(self, burst: Burst) -> Self {
        let limits = Arc::new(Limits::new(burst, self.stats.clone()));
        Self {
            renderer: self.renderer.with_limits(Arc::clone(&limits)),
            limits: Some(LimitsOwner(limits)),
            ..self
        }
        .anew()
    }

    /// Returns a guard that writes, when it is dropped, how many lines [`with_burst`](Self::with_burst) has left out and no line has
    /// reported yet. Call this after `with_burst`.
    ///
    /// A layer does the same when it is dropped. But a layer of the global subscriber never is, so a `main` that does not start with
    /// `init` needs this guard. Drop it before the guard of a [`Background`](crate::writer::Background).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_stamp::Burst;
    /// use tracing_subscriber::prelude::*;
    ///
    /// let burst = Burst::per_call_site(100, Duration::from_secs(1));
    /// let layer = tracing_stamp::layer().with_burst(burst);
    /// let _guard = layer.burst_guard();
    /// tracing_subscriber::registry().with(layer).init();
    /// (0..300).for_each(|_| tracing::info!("hello"));
    /// ```
    pub fn burst_guard(&self) -> BurstGuard {
        BurstGuard::new(self.limits.as_ref().map(|owner| &owner.0))
    }

    /// Returns the counters of this layer. Call this before you pass the layer to the subscriber.
    ///
    /// ```
    /// let layer = tracing_stamp::layer();
    /// let stats = layer.stats();
    /// assert_eq!(stats.stamped(), 0);
    /// ```
    pub fn stats(&self) -> Stats {
        self.stats.clone()
    }

    #[cfg(feature = "setup")]
    pub(crate) fn schema(&self) -> &Schema {
        &self.renderer.settings().schema
    }

    #[cfg(feature = "setup")]
    pub(crate) fn redactor(&self) -> Option<&Redactor> {
        self.renderer.settings().redactor.as_ref()
    }

    #[cfg(feature = "setup")]
    pub(crate) fn has_record_uid(&self) -> bool {
        self.renderer.settings().record_uid
    }

    fn set(self, change: impl FnOnce(&mut LineSettings)) -> Self {
        Self {
            renderer: self.renderer.with(change),
            ids: self.ids.anew(),
            ..self
        }
    }

    fn with_source(self, source: Source) -> Self {
        let mut ids = IdTracker::new(source, self.stats.clone());
        ids.needs_parents = self.ids.needs_parents;
        Self { ids, ..self }
    }

    /// Returns a layer that knows no spans yet, because the known spans were rendered with the previous settings.
    fn anew(self) -> Self {
        Self {
            ids: self.ids.anew(),
            holding: self.holding.map(Holding::anew),
            ..self
        }
    }
}

impl<W> fmt::Debug for StampLayer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StampLayer")
            .field("schema", &self.renderer.settings().schema)
            .field("span_fields", &self.renderer.settings().span_fields)
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}
