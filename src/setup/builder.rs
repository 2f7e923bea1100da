use super::{
    guard::ShutdownGuard,
    install,
    options::Options,
    otel_events::OtelEvents,
    settings::{Format, Output},
};
use crate::{
    Error,
    burst::Burst,
    hold::Hold,
    layer::StampLayer,
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
};
use log_redaction::Redaction;
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{SdkTracerProvider, ShouldSample};
use std::{fmt, io::Write, path::PathBuf, sync::Arc, time::Duration};
use tracing_core::{Dispatch, LevelFilter};
use tracing_subscriber::{Layer, Registry, fmt::format::FmtSpan};

/// Builder for what [`init`](crate::init) starts, returned by [`setup`](crate::setup()).
///
/// A setting that is not made here comes from the environment variable of the same meaning: see [`init`](crate::init).
///
/// ```
/// use tracing::level_filters::LevelFilter;
/// use tracing_stamp::setup::OtelEvents;
///
/// let (dispatch, guard) = tracing_stamp::setup()
///     .with_service_name("orders")
///     .with_resource([("service.version", "1.4.2")])
///     .with_filter("info,shop=debug")
///     .with_span_level(LevelFilter::DEBUG)
///     .with_otel_events(OtelEvents::None)
///     .configure_layer(|layer| layer.with_file(true).with_line_number(true))
///     .build()?;
/// tracing::dispatcher::with_default(&dispatch, || {
///     tracing::info_span!("checkout", order = 1017).in_scope(|| tracing::info!(items = 3, "cart received"));
/// });
/// assert_eq!(guard.stats().stamped(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[must_use = "nothing is started before `init` or `build`"]
pub struct Setup {
    options: Options,
}

impl Setup {
    pub(super) fn new() -> Self {
        Self {
            options: Options::default(),
        }
    }

    /// Sets which events become lines, in the grammar of `RUST_LOG`. An invalid directive makes [`init`](Self::init) and
    /// [`build`](Self::build) return an error.
    pub fn with_filter(mut self, directives: impl Into<String>) -> Self {
        self.options.filter = Some(directives.into());
        self
    }

    /// Sets the names and shapes of the fixed keys.
    pub fn with_schema(mut self, schema: Schema) -> Self {
        self.options.schema = Some(schema);
        self
    }

    /// Sets the format of the lines: JSON, or text for a terminal.
    pub fn with_format(mut self, format: Format) -> Self {
        self.options.format = Some(format);
        self
    }

    /// Writes the lines to a [`RollingFile`](crate::writer::RollingFile).
    ///
    /// It is closed at midnight (UTC) and before it grows beyond 256 MiB, and 4 GiB of closed files are kept. They are compressed if
    /// `with_log_file_gzip` says so. For other limits, pass a `RollingFile` of your own to [`with_writer`](Self::with_writer).
    ///
    /// If the file cannot be opened, lines go to a file beside it, or else to the stream of [`with_output`](Self::with_output): see
    /// [log files] in the guide.
    ///
    /// [log files]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#log-files
    pub fn with_log_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.log_file = Some(path.into());
        self
    }

    /// Sets whether closed files of the [log file](Self::with_log_file) are compressed, with an index of trace ids beside each. Off by
    /// default. See [`RollingFile::with_gzip`](crate::writer::RollingFile::with_gzip) and
    /// [`with_trace_index`](crate::writer::RollingFile::with_trace_index).
    ///
    /// The limit of 4 GiB then applies to the compressed files. Closed files of an earlier start are compressed too. A device or a named
    /// pipe is never closed, so this has no effect on it.
    ///
    /// ```no_run
    /// let _guard = tracing_stamp::setup()
    ///     .with_log_file("/var/log/orders/orders.jsonl")
    ///     .with_log_file_gzip(true)
    ///     .init()?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[cfg(feature = "gzip")]
    pub fn with_log_file_gzip(mut self, enabled: bool) -> Self {
        self.options.log_file_gzip = Some(enabled);
        self
    }

    /// Ships lines from their file to a server: see [`ship`](crate::ship). If no [log file](Self::with_log_file) is set, lines are written
    /// to `log/<service>.jsonl`. Each line has [an id](StampLayer::with_record_uid), unless [`configure_layer`](Self::configure_layer)
    /// switches that off.
    #[cfg(feature = "ship")]
    pub fn with_shipping(mut self, target: impl Into<crate::ship::Target>) -> Self {
        self.options.shipping = Some(target.into());
        self
    }

    /// Sets the standard stream for the lines. It is used if neither a file nor a writer is set.
    pub fn with_output(mut self, output: Output) -> Self {
        self.options.output = Some(output);
        self
    }

    /// Sets whether a separate thread writes the lines, as [`Background`](crate::writer::Background) does. Off by default.
    ///
    /// When off, a line is written before the call that logs it returns, as `fmt()` does. So no line is missing after
    /// `std::process::exit`, a signal or a crash, with a few exceptions. While a write fails, no thread waits: up to 16 MiB of lines are
    /// kept in memory, and writing is tried again. A thread waits at most one second for another thread that writes, which then writes the
    /// line later. Lines are lost after the reader of standard output has exited. A line costs one system call, and a second one if it
    /// goes to a file, because the file is looked up by its path. A slow stream or disk slows down the threads that log.
    ///
    /// When on, the threads that log never wait and make no system calls. If the process ends without dropping the [`ShutdownGuard`], the
    /// lines in the buffer are lost: those of the last 10 ms, or more if the sink is slow. Call `guard.writer().flush(…)` before
    /// `std::process::exit`, and see `with_flush_on_signals`.
    pub fn with_background(mut self, background: bool) -> Self {
        self.options.background = Some(background);
        self
    }

    /// Writes the lines to `sink`, in place of a file or a standard stream. One thread at a time uses it, and it is dropped together with
    /// the guard.
    ///
    /// A log file that `LOG_FILE` or [`with_log_file`](Self::with_log_file) names is then not written, and [`init`](Self::init) reports
    /// this as [`Diagnosis::LogFileIgnored`].
    pub fn with_writer(mut self, sink: impl Write + Send + 'static) -> Self {
        self.options.writer = Some(Box::new(sink));
        self
    }

    /// Sets which moments of a span's life are lines of their own; none by default. The filter of [`with_filter`](Self::with_filter)
    /// also decides about these lines, by the level and target of the span. See [`StampLayer::with_span_events`].
    ///
    /// ```
    /// use tracing_subscriber::fmt::format::FmtSpan;
    ///
    /// let (dispatch, guard) = tracing_stamp::setup().with_span_events(FmtSpan::CLOSE).build()?;
    /// tracing::dispatcher::with_default(&dispatch, || drop(tracing::info_span!("checkout").entered()));
    /// assert_eq!(guard.stats().stamped(), 1);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_span_events(mut self, kinds: FmtSpan) -> Self {
        self.options.span_events = Some(kinds);
        self
    }

    /// Sets whether each line within a span has the id of that span's parent; off by default. See
    /// [`StampLayer::with_parent_span_id`].
    pub fn with_parent_span_id(mut self, parent_span_id: bool) -> Self {
        self.options.parent_span_id = Some(parent_span_id);
        self
    }

    /// Limits how many lines of one call site are written during a storm. By default all are written. See [`StampLayer::with_burst`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_stamp::Burst;
    ///
    /// let burst = Burst::per_call_site(100, Duration::from_secs(1));
    /// let (dispatch, guard) = tracing_stamp::setup().with_burst(burst).build()?;
    /// tracing::dispatcher::with_default(&dispatch, || {
    ///     (0..300).for_each(|_| tracing::warn!("connection slow"));
    /// });
    /// assert_eq!(guard.stats().suppressed(), 200);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_burst(mut self, burst: Burst) -> Self {
        self.options.burst = Some(burst);
        self
    }

    /// Holds further lines in memory until their trace fails, and then writes them: see [`Hold`]. `directives` says which events are held beside
    /// those that the [filter](Self::with_filter) writes, in the grammar of `RUST_LOG`.
    ///
    /// Only events that belong to a trace are held. The filter alone decides about the lifecycle lines of spans. The guard has
    /// counters of held, released and dropped lines ([`ShutdownGuard::stats`]).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_stamp::Hold;
    ///
    /// let hold = Hold::new().with_slow_after(Duration::from_secs(2));
    /// let (dispatch, guard) = tracing_stamp::setup()
    ///     .with_filter("info")
    ///     .with_hold("debug", hold)
    ///     .build()?;
    /// tracing::dispatcher::with_default(&dispatch, || {
    ///     tracing::info_span!("request").in_scope(|| tracing::debug!("3 items in stock"));
    /// });
    /// assert_eq!((guard.stats().held(), guard.stats().held_dropped()), (1, 1));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_hold(mut self, directives: impl Into<String>, hold: Hold) -> Self {
        self.options.hold = Some((directives.into(), hold));
        self
    }

    /// Sets what is redacted on lines, on exported spans, and in the URLs of the [`http`] layers. By default these are the values of
    /// [secret keys](Redaction::secret_keys), such as `password`. These rules replace the default and those of `LOG_REDACT` and
    /// `LOG_REDACT_KEYS`.
    ///
    /// Spans are redacted by an exporter that `init` makes. A [provider of your own](Self::with_tracer_provider) needs a
    /// [`RedactingExporter`](super::RedactingExporter). The page [Redaction] of the guide describes the rules.
    ///
    /// ```
    /// use tracing_stamp::{Redaction, Replacement};
    ///
    /// let redaction = Redaction::new()
    ///     .secret_keys()
    ///     .replaced_by(Replacement::LastFour)
    ///     .key("iban");
    /// let (dispatch, guard) = tracing_stamp::setup().with_redaction(redaction).build()?;
    /// tracing::dispatcher::with_default(&dispatch, || {
    ///     tracing::info!(iban = "DE02 1203 0000 0000 2020 51", "paid");
    /// });
    /// let counts = guard.stats().redacted();
    /// assert_eq!((&*counts[0].rule, counts[0].count), ("iban", 1));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    ///
    /// [`http`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/http/
    /// [Redaction]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/redaction.md
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.options.redaction = Some(redaction);
        self
    }

    /// Sets the name of the service: the resource attribute `service.name`.
    pub fn with_service_name(self, name: impl Into<String>) -> Self {
        self.with_resource([("service.name", name.into())])
    }

    /// Adds resource attributes to those that are set already. They take precedence over those of the environment.
    ///
    /// All of them are on exported spans. `service.name`, `service.namespace`, `service.version` and `deployment.environment.name` are
    /// on lines too.
    pub fn with_resource<K, V>(mut self, attributes: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<opentelemetry::Key>,
        V: Into<opentelemetry::Value>,
    {
        let attributes = attributes.into_iter();
        self.options
            .resource
            .extend(attributes.map(|(key, value)| KeyValue::new(key, value)));
        self
    }

    /// Sets which traces are sampled.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.options.sampler = Some(Box::new(sampler));
        self
    }

    /// Sets a tracer provider of your own, in place of sampler, limits, exporter and the resource of spans. The guard shuts it down.
    ///
    /// Its spans are not [redacted](Self::with_redaction), unless its exporter is a [`RedactingExporter`](super::RedactingExporter).
    pub fn with_tracer_provider(mut self, provider: SdkTracerProvider) -> Self {
        self.options.tracer_provider = Some(provider);
        self
    }

    /// Sets which events OpenTelemetry's layer copies into their spans. ERROR events by default.
    pub fn with_otel_events(mut self, events: OtelEvents) -> Self {
        self.options.otel_events = events;
        self
    }

    /// Sets the most verbose level of spans that are traced. INFO by default.
    ///
    /// `RUST_LOG` does not decide which spans are traced: even if only warnings are written, they have the ids of their request.
    pub fn with_span_level(mut self, level: LevelFilter) -> Self {
        self.options.span_level = level;
        self
    }

    /// Changes further settings of the stamping layer. The closure receives the layer with its schema, resource and diagnostics; its writer
    /// is set afterwards.
    pub fn configure_layer(
        mut self,
        configure: impl FnOnce(StampLayer) -> StampLayer + Send + 'static,
    ) -> Self {
        self.options.configure_layer = Some(Box::new(configure));
        self
    }

    /// Sets whether a last line reports how many lines have no ids. Off by default.
    ///
    /// The line is written when the [`ShutdownGuard`] is dropped or shut down. Its level is WARN, and the filter does not apply to it. It
    /// has the number of lines without ids, the number of their call sites, and the
    /// [call site with the most of them](crate::Stats::unstamped_call_sites):
    ///
    /// ```json
    /// {"timestamp":"2026-11-22T11:04:00.123456Z","level":"WARN","message":"lines outside of any trace","target":"tracing_stamp::setup","service.name":"orders","lines":57,"call_sites":3,"worst":"shop::jobs (src/jobs.rs:17): 42 lines"}
    /// ```
    ///
    /// If lines came from [more call sites](crate::Stats::unstamped_elsewhere) than are counted one by one, `elsewhere` has the number of
    /// those lines. If every line had ids, this line is not written.
    pub fn with_unstamped_report(mut self, report: bool) -> Self {
        self.options.unstamped_report = report;
        self
    }

    /// Adds another layer, before those of this crate.
    pub fn with_layer(mut self, layer: impl Layer<Registry> + Send + Sync + 'static) -> Self {
        self.options.layers.push(Box::new(layer));
        self
    }

    /// Sets the maximum time that dropping the [`ShutdownGuard`] waits, for exporter and writer together. 5 s by default.
    pub fn with_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.options.shutdown_timeout = timeout;
        self
    }

    /// Sets the callback for problems that a log line cannot report, such as spans that cannot be delivered or lines that cannot be
    /// written. By default they are written to standard error.
    pub fn with_diagnostics(
        mut self,
        callback: impl Fn(&Diagnosis) + Send + Sync + 'static,
    ) -> Self {
        self.options.diagnostics = Diagnostics::Callback(Arc::new(callback));
        self
    }

    /// Writes waiting lines before SIGTERM or SIGINT takes effect, which takes at most two seconds: see
    /// [`flush_on_signals`](crate::writer::flush_on_signals). Lines wait only in the [background](Self::with_background).
    ///
    /// Off by default, because only the application knows whether it handles these signals.
    #[cfg(all(unix, feature = "signals"))]
    pub fn with_flush_on_signals(mut self, then: crate::writer::AfterFlush) -> Self {
        self.options.after_flush = Some(then);
        self
    }

    /// Starts logging and tracing for the whole process.
    ///
    /// It sets the global subscriber of `tracing`, OpenTelemetry's global tracer provider and propagators, the logger of the `log` crate
    /// and the [panic hook](crate::writer::log_panics).
    ///
    /// # Errors
    ///
    /// The errors of [`init`](crate::init). Also if the filter of [`with_filter`](Self::with_filter) is invalid, or if shipping is combined
    /// with a [writer](Self::with_writer) or with a format other than JSON.
    ///
    /// ```
    /// let _guard = tracing_stamp::setup().init()?;
    /// let error = tracing_stamp::setup().init().expect_err("the process has a subscriber");
    /// assert!(error.is_already_in_use());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn init(self) -> Result<ShutdownGuard, Error> {
        install::init(self.options)
    }

    /// The same as [`init`](Self::init). In `tracing_subscriber`, `try_init` is the method that does not panic; here neither method panics.
    ///
    /// # Errors
    ///
    /// The errors of [`init`](Self::init).
    pub fn try_init(self) -> Result<ShutdownGuard, Error> {
        self.init()
    }

    /// Starts logging and tracing for a scope, and changes nothing global.
    ///
    /// # Errors
    ///
    /// The errors of [`init`](Self::init), except that the process may have a subscriber already.
    ///
    /// ```
    /// let (dispatch, guard) = tracing_stamp::setup().build()?;
    /// tracing::dispatcher::with_default(&dispatch, || tracing::info!("hello"));
    /// assert_eq!(guard.stats().unstamped(), 1);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn build(self) -> Result<(Dispatch, ShutdownGuard), Error> {
        install::build(self.options)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}
