use super::{
    guard::ShutdownGuard,
    install,
    settings::{Format, Output},
};
use crate::{
    Error,
    layer::StampLayer,
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
};
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{SdkTracerProvider, ShouldSample};
use std::{fmt, io::Write, path::PathBuf, sync::Arc, time::Duration};
use tracing_core::{Dispatch, LevelFilter};
use tracing_subscriber::{Layer, Registry};

/// Starts everything, by what the environment says: `setup().init()`.
///
/// It works with the OpenTelemetry version that this crate depends on, the re-exported [`opentelemetry`](crate::opentelemetry). An
/// application on another version keeps its own start-up, and adds [`layer()`](crate::layer()) to it: see
/// [`version`](crate::version).
///
/// | variable | what it says | without it |
/// |---|---|---|
/// | `RUST_LOG` | which events become lines; a wrong directive is reported and stops nothing | `info` |
/// | `LOG_SCHEMA` | names of the fixed keys: `otel`, `ecs`, `gcp` (with `GOOGLE_CLOUD_PROJECT`), `datadog` | `otel` |
/// | `LOG_FORMAT` | `json`, or `pretty` for a terminal | `json` |
/// | `LOG_FILE` | a rolling file, or a device or named pipe | `LOG_OUTPUT` |
/// | `LOG_OUTPUT` | the stream for lines: `stdout`, `stderr` | `stdout` |
/// | `LOG_BACKGROUND` | `true`: lines are written by a thread of their own, see [`Setup::with_background`] | `false` |
/// | `LOG_SHIP` | where lines go from there: `loki=URL`, `elasticsearch=URL/INDEX`, `otlp=URL` (feature `ship`); without `LOG_FILE` the file is `log/<service>.jsonl` | nowhere |
/// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | what the service is: on spans, and on each line `service.name`, `service.namespace`, `service.version` and `deployment.environment.name` | unknown, and not on lines |
/// | `OTEL_TRACES_EXPORTER` | where spans go: `otlp`, `zipkin`, `console` (standard error), `none` | `otlp` with an endpoint, else `none` |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT`, `…_PROTOCOL`, `…_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION`, `…_CERTIFICATE`, and each as `OTEL_EXPORTER_OTLP_TRACES_…` | how, by OTLP: `http/protobuf`, `http/json`, `grpc`; `gzip`, `none` | `http://localhost:4318` or `:4317`, `http/protobuf`, 10,000 ms |
/// | `OTEL_EXPORTER_ZIPKIN_ENDPOINT`, `OTEL_EXPORTER_ZIPKIN_TIMEOUT` | where Zipkin is | `http://localhost:9411/api/v2/spans`, 10,000 ms |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces are sampled: `always_on`, `always_off`, `traceidratio`, and each as `parentbased_…` | `parentbased_always_on` |
/// | `OTEL_BSP_SCHEDULE_DELAY`, `…_MAX_QUEUE_SIZE`, `…_MAX_EXPORT_BATCH_SIZE`, `…_EXPORT_TIMEOUT` | batches of spans; no export takes longer than `…_EXPORT_TIMEOUT` | 5,000 ms, 2,048, 512, 30,000 ms |
/// | `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `…_EVENT_COUNT_LIMIT`, `…_LINK_COUNT_LIMIT` | limits of a span | 128 each |
/// | `OTEL_PROPAGATORS` | `tracecontext`, `baggage`, `none`, with the feature `zipkin` `b3`, `b3multi`, with the feature `xray` `xray` | `tracecontext,baggage` |
/// | `OTEL_SDK_DISABLED` | `true`: no spans, and no ids but a caller's | `false` |
///
/// Names and defaults are those of OpenTelemetry's [specification of environment variables]; an empty variable is as good as none.
/// Of that specification these are not supported, and told on standard error where they are set: limits of an attribute's length,
/// of the attributes of events, links and anything but spans, and client certificates. Metrics and logs are not exported here.
///
/// [specification of environment variables]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
///
/// Records of the `log` crate become lines too. Where the process has another logger already, that is reported.
///
/// # Log files that are not available
///
/// A log file stops no service. Where another process writes it, or it cannot be opened, lines are written to a file beside it, such as
/// `orders.instance-2.jsonl`. Where that is not possible either, they are written to the stream of `LOG_OUTPUT`. Two services with different log
/// files in one folder both ship their lines: the second keeps its cursor in a folder of its own, such as `.orders.jsonl.ship`. Where
/// shipping cannot start, lines stay in their file until a later start ships them. Each of these is a [`Diagnosis`], by default on
/// standard error.
///
/// # Proxies
///
/// Spans and shipped lines go through the proxy that curl would use. For an `https` URL it is the first of `https_proxy`, `HTTPS_PROXY`,
/// `all_proxy` and `ALL_PROXY` that is set; for an `http` URL the first of `http_proxy`, `all_proxy` and `ALL_PROXY`. (Not `HTTP_PROXY`: in CGI
/// a request's header sets it.) A proxy is an `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` URL. `no_proxy`, or else `NO_PROXY`,
/// lists what is reached without it: `example.com` (with all below it), `example.com:3100`, `10.0.0.7`, `10.0.0.0/8`, `[::1]:4318`, `fd00::/8`, `*`.
/// A loopback address is never proxied.
///
/// Through an HTTP proxy `http` URLs too go by CONNECT, which the proxy has to allow for that port; curl sends the absolute URL instead.
/// OTLP over gRPC uses no proxy. A message about a server names the proxy as well.
///
/// # What stops a service, and what does not
///
/// A variable whose text is wrong is an error: that is a mistake at the first set-up. (Of `RUST_LOG`, a wrong directive is reported.) What
/// depends on the machine or the network is reported and stops nothing, since it can change from one start to the next: a certificate
/// that cannot be read, a server that is down, the cursor of shipping. Where the log server has another address, port or tenant than at the last start, shipping
/// continues there at the place that the former one confirmed.
///
/// # Errors
///
/// When a variable other than `RUST_LOG` is wrong: its name, its value without secrets, and what is accepted, of all that are; when the
/// process has a subscriber already; when a feature is missing.
///
/// ```
/// let _guard = tracing_stamp::init()?;
/// tracing::info_span!("checkout", order = 1017).in_scope(|| tracing::info!(items = 3, "cart received"));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn init() -> Result<ShutdownGuard, Error> {
    setup().init()
}

/// The same as [`init`], with parts of it in code: what is said here goes before the environment.
///
/// ```
/// let _guard = tracing_stamp::setup().with_service_name("orders").with_filter("info,shop=debug").init()?;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn setup() -> Setup {
    Setup {
        filter: None,
        schema: None,
        format: None,
        file: None,
        ship: None,
        output: None,
        writer: None,
        background: None,
        resource: Vec::new(),
        sampler: None,
        provider: None,
        span_events: OtelEvents::default(),
        span_level: LevelFilter::INFO,
        stamp: Box::new(|layer| layer),
        report_unstamped: false,
        layers: Vec::new(),
        shutdown_timeout: Duration::from_secs(5),
        diagnostics: Diagnostics::default(),
        #[cfg(all(unix, feature = "signals"))]
        after_flush: None,
    }
}

/// Which events OpenTelemetry is told about, which copies them into the span that they happen in.
///
/// That copy costs twice what writing the line does: an event of six fields takes 900 ns and 10 allocations with it, and 280 ns and none
/// without (`tracing-opentelemetry` 0.34; the repository's `benches/peers`).
///
/// ```
/// use tracing_stamp::setup::OtelEvents;
///
/// let setup = tracing_stamp::setup().with_otel_events(OtelEvents::None);
/// # let _ = setup;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtelEvents {
    /// All that there are.
    All,
    /// ERROR events, which also set the span's status. The default.
    #[default]
    Errors,
    /// None: lines alone tell.
    None,
}

pub(super) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What is started. Made by [`setup`].
///
/// ```
/// let (dispatch, _guard) = tracing_stamp::setup().with_service_name("orders").build()?;
/// tracing::dispatcher::with_default(&dispatch, || tracing::info!("only here"));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[must_use = "nothing is started before `init` or `build`"]
pub struct Setup {
    pub(super) filter: Option<String>,
    pub(super) schema: Option<Schema>,
    pub(super) format: Option<Format>,
    pub(super) file: Option<PathBuf>,
    pub(super) ship: super::shipping::ShipTo,
    pub(super) output: Option<Output>,
    pub(super) writer: Option<Box<dyn Write + Send>>,
    pub(super) background: Option<bool>,
    pub(super) resource: Vec<KeyValue>,
    pub(super) sampler: Option<Box<dyn ShouldSample>>,
    pub(super) provider: Option<SdkTracerProvider>,
    pub(super) span_events: OtelEvents,
    pub(super) span_level: LevelFilter,
    pub(super) stamp: Box<dyn FnOnce(StampLayer) -> StampLayer + Send>,
    pub(super) report_unstamped: bool,
    pub(super) layers: Vec<BoxedLayer>,
    pub(super) shutdown_timeout: Duration,
    pub(super) diagnostics: Diagnostics,
    #[cfg(all(unix, feature = "signals"))]
    pub(super) after_flush: Option<crate::writer::AfterFlush>,
}

impl Setup {
    /// Which events become lines, by `RUST_LOG`'s grammar.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_filter("info,shop=debug");
    /// # let _ = setup;
    /// ```
    pub fn with_filter(mut self, directives: impl Into<String>) -> Self {
        self.filter = Some(directives.into());
        self
    }

    /// Names and shapes of the fixed keys.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_schema(tracing_stamp::Schema::ecs());
    /// # let _ = setup;
    /// ```
    pub fn with_schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The form of lines.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_format(tracing_stamp::setup::Format::Pretty);
    /// # let _ = setup;
    /// ```
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Writes to a [`RollingFile`](crate::writer::RollingFile), closed at midnight (UTC) and before it is longer than 256 MiB, of which
    /// 4 GiB are kept. For other limits, give [`with_writer`](Self::with_writer) one of your own.
    /// [`init`] documents where lines go if the file cannot be opened.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_log_file("/var/log/orders/orders.jsonl");
    /// # let _ = setup;
    /// ```
    pub fn with_log_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Ships lines from their file to a server: see [`ship`](crate::ship). Without [`with_log_file`](Self::with_log_file) they are in `log/<service>.jsonl`.
    ///
    /// ```
    /// use tracing_stamp::ship::Loki;
    ///
    /// let setup = tracing_stamp::setup().with_log_file("/var/log/orders/orders.jsonl").with_shipping(Loki::new("http://localhost:3100")?);
    /// # let _ = setup;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[cfg(feature = "ship")]
    pub fn with_shipping(mut self, target: impl Into<crate::ship::Target>) -> Self {
        self.ship = Some(target.into());
        self
    }

    /// Which standard stream lines are written to, where no file and no writer is set.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_output(tracing_stamp::setup::Output::Stderr);
    /// # let _ = setup;
    /// ```
    pub fn with_output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// Whether lines are written by a thread of their own ([`Background`](crate::writer::Background)); not by default.
    ///
    /// By default a line is written before the call that logs it returns, as `fmt()` does it, so that nothing is missing after
    /// `std::process::exit`, a signal or a crash. That costs one system call per line, and a second one where lines go to a file, which is
    /// looked up by its path. A stream or disk that is slow slows down the threads that log. While a sink fails, nobody waits: up to
    /// 16 MiB of lines are kept and tried again.
    ///
    /// In the background the threads that log never wait and make no system calls. What was logged in the last 10 ms is lost where the
    /// process ends without dropping the [`ShutdownGuard`]: call `guard.writer().flush(…)` before `std::process::exit`, and see
    /// `flush_on_signals`.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_background(true);
    /// # let _ = setup;
    /// ```
    pub fn with_background(mut self, background: bool) -> Self {
        self.background = Some(background);
        self
    }

    /// Writes there instead of to standard output. One thread at a time uses the writer, and it is dropped when the guard is.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_writer(Vec::new());
    /// # let _ = setup;
    /// ```
    pub fn with_writer(mut self, sink: impl Write + Send + 'static) -> Self {
        self.writer = Some(Box::new(sink));
        self
    }

    /// The service's name.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_service_name("orders");
    /// # let _ = setup;
    /// ```
    pub fn with_service_name(self, name: impl Into<String>) -> Self {
        self.with_resource([("service.name", name.into())])
    }

    /// Attributes of the resource, beside those that are there already.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_resource([("service.version", "1.4.2")]);
    /// # let _ = setup;
    /// ```
    pub fn with_resource<K, V>(mut self, attributes: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<opentelemetry::Key>,
        V: Into<opentelemetry::Value>,
    {
        let attributes = attributes.into_iter();
        self.resource
            .extend(attributes.map(|(key, value)| KeyValue::new(key, value)));
        self
    }

    /// Which traces are sampled.
    ///
    /// ```
    /// use opentelemetry_sdk::trace::Sampler;
    ///
    /// let setup = tracing_stamp::setup().with_sampler(Sampler::TraceIdRatioBased(0.1));
    /// # let _ = setup;
    /// ```
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(Box::new(sampler));
        self
    }

    /// A tracer provider of your own, in place of sampler, resource of spans, limits and exporter. The guard shuts it down.
    ///
    /// ```
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// let setup = tracing_stamp::setup().with_tracer_provider(SdkTracerProvider::builder().build());
    /// # let _ = setup;
    /// ```
    pub fn with_tracer_provider(mut self, provider: SdkTracerProvider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Which events OpenTelemetry is told about.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_otel_events(tracing_stamp::setup::OtelEvents::All);
    /// # let _ = setup;
    /// ```
    pub fn with_otel_events(mut self, events: OtelEvents) -> Self {
        self.span_events = events;
        self
    }

    /// Up to which level spans are traced; INFO by default. `RUST_LOG` says nothing of it: also where only warnings are written, they
    /// have the ids of their request.
    ///
    /// ```
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let setup = tracing_stamp::setup().with_span_level(LevelFilter::DEBUG);
    /// # let _ = setup;
    /// ```
    pub fn with_span_level(mut self, level: LevelFilter) -> Self {
        self.span_level = level;
        self
    }

    /// Other settings of the stamping layer. Its writer, schema, resource and diagnostics are set before.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().configure_layer(|layer| layer.with_file(true).with_line_number(true));
    /// # let _ = setup;
    /// ```
    pub fn configure_layer(
        mut self,
        set: impl FnOnce(StampLayer) -> StampLayer + Send + 'static,
    ) -> Self {
        self.stamp = Box::new(set);
        self
    }

    /// Whether a last line, at WARN and whatever the filter says, tells how many lines had no trace id, from how many call sites,
    /// and where the [worst](crate::Stats::unstamped_call_sites) is; not by default. Where all had one, there is no such line.
    ///
    /// It is written when the [`ShutdownGuard`] is dropped or shut down, like
    ///
    /// ```json
    /// {"timestamp":"2026-11-22T11:04:00.123456Z","level":"WARN","message":"lines outside of any trace","target":"tracing_stamp::setup","service.name":"orders","lines":57,"call_sites":3,"worst":"shop::jobs (src/jobs.rs:17): 42 lines"}
    /// ```
    ///
    /// `elsewhere` is there too where lines came from [more call sites](crate::Stats::unstamped_elsewhere) than have their numbers.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_unstamped_report(true);
    /// # let _ = setup;
    /// ```
    pub fn with_unstamped_report(mut self, report: bool) -> Self {
        self.report_unstamped = report;
        self
    }

    /// Another layer, before all of these.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_layer(tracing_subscriber::fmt::layer().with_writer(std::io::sink));
    /// # let _ = setup;
    /// ```
    pub fn with_layer(mut self, layer: impl Layer<Registry> + Send + Sync + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// How long the [`ShutdownGuard`]'s drop waits for exporter and writer, together; 5 s by default.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_shutdown_timeout(std::time::Duration::from_secs(2));
    /// # let _ = setup;
    /// ```
    pub fn with_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Who is told what no log line can tell: that spans are not taken, that lines cannot be written; standard error by default.
    ///
    /// ```
    /// let setup = tracing_stamp::setup().with_diagnostics(|diagnosis| eprintln!("{diagnosis}"));
    /// # let _ = setup;
    /// ```
    pub fn with_diagnostics(mut self, tell: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        self.diagnostics = Diagnostics::Callback(Arc::new(tell));
        self
    }

    /// Writes waiting lines before SIGTERM or SIGINT, for two seconds at most: see
    /// [`flush_on_signals`](crate::writer::flush_on_signals). Only lines in the [background](Self::with_background) wait. Not by default, since
    /// only the application knows whether it handles these signals.
    ///
    /// ```
    /// use tracing_stamp::writer::AfterFlush;
    ///
    /// let setup = tracing_stamp::setup().with_flush_on_signals(AfterFlush::Terminate);
    /// # let _ = setup;
    /// ```
    #[cfg(all(unix, feature = "signals"))]
    pub fn with_flush_on_signals(mut self, then: crate::writer::AfterFlush) -> Self {
        self.after_flush = Some(then);
        self
    }

    /// Starts it for the whole process: as the global default of `tracing`, with OpenTelemetry's tracer provider and propagators,
    /// `log`'s logger (feature `log`) and the [panic hook](crate::writer::log_panics).
    ///
    /// # Errors
    ///
    /// Those of [`init`].
    ///
    /// ```
    /// let _guard = tracing_stamp::setup().init()?;
    /// assert!(tracing_stamp::setup().init().is_err());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn init(self) -> Result<ShutdownGuard, Error> {
        install::init(self)
    }

    /// The same as [`init`](Self::init), by the name that `tracing_subscriber` has for it: neither panics.
    ///
    /// # Errors
    ///
    /// Those of [`init`].
    ///
    /// ```
    /// let _guard = tracing_stamp::setup().try_init()?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn try_init(self) -> Result<ShutdownGuard, Error> {
        self.init()
    }

    /// Starts it for a scope, and touches nothing global: for tests.
    ///
    /// # Errors
    ///
    /// Those of [`init`], but for what the process has already.
    ///
    /// ```
    /// let (dispatch, _guard) = tracing_stamp::setup().build()?;
    /// tracing::dispatcher::with_default(&dispatch, || tracing::info!("hello"));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn build(self) -> Result<(Dispatch, ShutdownGuard), Error> {
        install::build(self)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}
