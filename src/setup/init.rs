use super::{builder::Setup, guard::ShutdownGuard};
use crate::Error;

/// Starts logging and tracing for the whole process, configured by environment variables. Short for `setup().init()`.
///
/// ```
/// let _guard = tracing_stamp::init()?;
/// tracing::info_span!("checkout", order = 1017).in_scope(|| tracing::info!(items = 3, "cart received"));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
///
/// Keep the guard to the end of `main`: dropping it exports the remaining spans and writes the remaining lines.
///
/// `init` installs a subscriber with a filter, the stamping layer and OpenTelemetry's layer; OpenTelemetry's tracer provider and
/// propagators; a bridge that turns records of the `log` crate into lines; and a [panic hook](crate::writer::log_panics) that writes each
/// panic as a line. No backend has to run. If neither an OTLP endpoint nor `OTEL_TRACES_EXPORTER` is set, nothing is exported, and spans
/// still get their ids.
///
/// It uses the OpenTelemetry version that this crate depends on, re-exported as [`opentelemetry`](crate::opentelemetry). An application
/// on another version keeps its own start-up and adds [`layer()`](crate::layer()) to it: see [`version`](crate::version).
///
/// # Environment variables
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `RUST_LOG` | which events become lines | `info` |
/// | `LOG_SCHEMA` | names of the fixed keys: `otel`, `ecs`, `gcp` (needs `GOOGLE_CLOUD_PROJECT`) or `datadog` | `otel` |
/// | `LOG_FORMAT` | `json`, or `pretty` for a terminal | `json` |
/// | `NO_COLOR` | any text: `pretty` uses no colours, which it otherwise does on a terminal | unset |
/// | `LOG_FILE` | a rolling file, a device or a named pipe for the lines | none: lines go to the stream of `LOG_OUTPUT`, or with `LOG_SHIP` to `log/<service>.jsonl` |
/// | `LOG_FILE_GZIP` | `true`: closed files of `LOG_FILE` are compressed, with an index of trace ids beside each (feature `gzip`) | `false` |
/// | `LOG_OUTPUT` | the standard stream for the lines: `stdout` or `stderr` | `stdout` |
/// | `LOG_BACKGROUND` | `true`: a separate thread writes the lines, see [`Setup::with_background`] | `false` |
/// | `LOG_SPAN_EVENTS` | which moments of a span's life are lines: `new`, `enter`, `exit`, `close`, `active` (`enter` and `exit`), `full` (all four) or `none`, with commas between them; see [`Setup::with_span_events`] | `none` |
/// | `LOG_PARENT_SPAN_ID` | `true`: each line within a span has the id of that span's parent, see [`Setup::with_parent_span_id`] | `false` |
/// | `LOG_BURST` | how many lines of one call site are written during a storm: `100/s` writes the first 100 of a second, and `100/s,every=100` then every hundredth; periods such as `10s`, `500ms`, `m` and `h` work too. Errors are not limited; see [`Setup::with_burst`] | none: all are written |
/// | `LOG_HOLD` | which events are held in memory until their trace fails, beside those that `RUST_LOG` writes, in the same grammar; see [`Setup::with_hold`] | none |
/// | `LOG_HOLD_RELEASE` | the level of lines that release what `LOG_HOLD` holds of their trace: `error`, `warn` or `info` | `error` |
/// | `LOG_REDACT` | which secrets are redacted on lines, exported spans and URLs: `keys` (the values of [secret keys](crate::Redaction::secret_keys)), `secrets`, `cards`, `emails`, `ips` (these four need the feature `redact`), with commas between them, or `none`. A word can name its replacement: `redacted`, `pseudonym`, `last4` or `remove`, as in `emails=pseudonym`; see [`Setup::with_redaction`] | `keys` |
/// | `LOG_REDACT_KEYS` | keys whose values are redacted too, with commas between them, such as `ssn,iban=last4,card*` | none |
/// | `LOG_REDACT_KEY` | the key of pseudonyms, at least 16 bytes (feature `redact`). With it, e-mail addresses, IP addresses and the keys of `LOG_REDACT_KEYS` are replaced by pseudonyms, unless their word names another replacement | random for each start |
/// | `LOG_LEVEL_KEY` | the key of tokens that set the level of one trace, at least 32 bytes (feature `level-token`): see [`trace_level`](crate::trace_level) | none: no token is valid |
/// | `LOG_SHIP` | the server that lines are shipped to (feature `ship`): `loki=URL`, `elasticsearch=URL/INDEX`, `opensearch=URL/INDEX` or `otlp=URL`. If `LOG_FILE` is not set, lines are written to `log/<service>.jsonl`. Each line has [an id](crate::StampLayer::with_record_uid). Credentials, certificates and proxies come from [the variables of shipping](https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/shipping.md#credentials-certificates-and-proxies) | none |
/// | `OTEL_SERVICE_NAME` | the name of the service | unknown on spans, absent on lines |
/// | `OTEL_RESOURCE_ATTRIBUTES` | more attributes, as `key=value` pairs with commas between them; values are percent-encoded | none |
/// | `OTEL_TRACES_EXPORTER` | `otlp`, `zipkin` (feature `zipkin`), `console` (standard error) or `none` | `otlp` if an OTLP endpoint is set, else `none` |
/// | `OTEL_EXPORTER_OTLP_ENDPOINT` | the endpoint that spans are sent to; for HTTP, `/v1/traces` is appended | if `OTEL_TRACES_EXPORTER=otlp`: `http://localhost:4318`, or `:4317` for gRPC |
/// | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf`, `http/json` or `grpc` (feature `otlp-grpc`) | `http/protobuf` |
/// | `OTEL_EXPORTER_OTLP_HEADERS` | headers of each request, as `key=value` pairs with commas between them; values are percent-encoded | none |
/// | `OTEL_EXPORTER_OTLP_TIMEOUT` | the time limit for one export, in milliseconds | 10,000 |
/// | `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` or `none` | `none` |
/// | `OTEL_EXPORTER_OTLP_CERTIFICATE` | a PEM file of certificates that are trusted in place of the usual ones | the usual ones |
/// | `OTEL_EXPORTER_OTLP_TRACES_…` | each of the six above for traces alone, which takes precedence; `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is used as it is | unset |
/// | `OTEL_EXPORTER_ZIPKIN_ENDPOINT` | the endpoint of Zipkin | `http://localhost:9411/api/v2/spans` |
/// | `OTEL_EXPORTER_ZIPKIN_TIMEOUT` | the time limit for one export, in milliseconds | 10,000 |
/// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | `always_on`, `always_off`, `traceidratio`, and each of them as `parentbased_…` | `parentbased_always_on` |
/// | `OTEL_BSP_SCHEDULE_DELAY` | the pause between two batches of spans, in milliseconds | 5,000 |
/// | `OTEL_BSP_MAX_QUEUE_SIZE` | the maximum number of spans in the queue | 2,048 |
/// | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | the maximum number of spans in one batch | 512 |
/// | `OTEL_BSP_EXPORT_TIMEOUT` | another time limit for one export, of any exporter, in milliseconds; the shorter limit applies | 30,000 |
/// | `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_SPAN_EVENT_COUNT_LIMIT`, `OTEL_SPAN_LINK_COUNT_LIMIT` | limits of one span | 128 each |
/// | `OTEL_PROPAGATORS` | `tracecontext`, `baggage`, `b3` and `b3multi` (feature `zipkin`), `xray` (feature `xray`), or `none` | `tracecontext,baggage` |
/// | `OTEL_SDK_DISABLED` | `true`: the service records no spans, and its lines have no ids except those of a caller | `false` |
///
/// Names and defaults of the `OTEL_` variables are those of OpenTelemetry's [specification], except the default of
/// `OTEL_TRACES_EXPORTER`. An empty variable counts as unset.
///
/// Spans carry all resource attributes. Lines carry `service.name`, `service.namespace`, `service.version` and
/// `deployment.environment.name`, where they are set.
///
/// These parts of the specification are not supported: limits on the length of attributes, the attribute count limits for events and
/// links, the general attribute count limit, client certificates, and `OTEL_CONFIG_FILE`. If such a variable is set, `init` reports it.
/// `init` ignores the variables for metrics and logs. To send lines to a collector, use `LOG_SHIP=otlp=URL`.
///
/// # What does not stop a service
///
/// A problem that depends on the machine or the network is reported as a [`Diagnosis`](crate::Diagnosis), by default on standard error:
/// a log file that cannot be opened, a certificate that cannot be read, a server that is down. So is an invalid directive of `RUST_LOG`,
/// an unknown word in `LOG_SPAN_EVENTS`, and a logger of the `log` crate that the process has already. The guide describes [what happens when something is wrong], where
/// lines go if a [log file] is not available, the [proxies] between the service and its servers, and the [shutdown].
///
/// # Errors
///
/// Returns an error if
///
/// - a variable other than `RUST_LOG` has an invalid value. The error lists all such variables, their values without secrets, and the
///   accepted values;
/// - a variable needs a feature that is off;
/// - the process has a `tracing` subscriber already.
///
/// [specification]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
/// [what happens when something is wrong]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#when-something-is-wrong
/// [log file]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#log-files
/// [proxies]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#proxies
/// [shutdown]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#shutdown
pub fn init() -> Result<ShutdownGuard, Error> {
    setup().init()
}

/// Returns a builder for what [`init`] starts. Its methods take precedence over the environment.
///
/// ```
/// let _guard = tracing_stamp::setup().with_service_name("orders").with_filter("info,shop=debug").init()?;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn setup() -> Setup {
    Setup::new()
}
