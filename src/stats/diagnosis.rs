use crate::foreign::Printable;
use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// Whether any layer of this process has ever written a line with ids.
static EVER_STAMPED: AtomicBool = AtomicBool::new(false);

/// Notes that a line has ids.
#[inline]
pub(super) fn note_stamped() {
    // Read first: a store takes the flag away from all other threads.
    if !EVER_STAMPED.load(Relaxed) {
        EVER_STAMPED.store(true, Relaxed);
    }
}

/// Whether any line had ids.
pub(super) fn was_ever_stamped() -> bool {
    EVER_STAMPED.load(Relaxed)
}

/// A thing that is wrong with the set-up and that no log line can tell. Its `Display` says what to do.
///
/// By default it goes to standard error, once; see [`StampLayer::with_diagnostics`](crate::StampLayer::with_diagnostics).
///
/// ```
/// use std::sync::mpsc;
///
/// let (told, diagnoses) = mpsc::channel();
/// let layer = tracing_stamp::layer().with_diagnostics(move |diagnosis| {
///     let _ = told.send(diagnosis.to_string());
/// });
/// # let _ = (layer, diagnoses);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Diagnosis {
    /// A span has no trace context, and no line of the process ever had one. Where the layer was given no version of
    /// OpenTelemetry, the thread that closes the span reads the executable once (20 ms for 48 MB), and reports other versions
    /// of `tracing-opentelemetry` in it. Of this and the other reasons for lines without ids
    /// ([`NoSpans`](Self::NoSpans), [`LinesOutsideSpans`](Self::LinesOutsideSpans),
    /// [`NoContextFromSource`](Self::NoContextFromSource), [`GuardDropped`](Self::GuardDropped)) one is reported per process.
    #[non_exhaustive]
    NoTraceContext {
        /// The name of that span.
        span: &'static str,
        /// Which other versions of `tracing-opentelemetry` this program has, and what to do about it.
        other_versions: Option<String>,
        /// The only version in this program, where it need not be the one that this crate is built on.
        only_version: Option<String>,
    },
    /// No line has ids, and the stamping layer has seen no span. Reported after 256 lines, or when the [`ShutdownGuard`](crate::setup::ShutdownGuard) of
    /// [`init`](crate::init) is dropped.
    #[non_exhaustive]
    NoSpans {
        /// Lines so far.
        lines: u64,
    },
    /// No line has ids, although spans have: lines are logged outside of them. Reported at the same times.
    #[non_exhaustive]
    LinesOutsideSpans {
        /// Lines so far.
        lines: u64,
    },
    /// No line has ids, because the layer's own [`ContextSource`](crate::ContextSource) has never returned any. Reported at the
    /// same times.
    #[non_exhaustive]
    NoContextFromSource {
        /// Lines so far.
        lines: u64,
    },
    /// The guard of [`init`](crate::init) was dropped before anything was logged, as by `let _ = init()?`.
    #[non_exhaustive]
    GuardDropped,
    /// Nobody reads standard output any more, as in `app | head -1`. Lines are lost from here on.
    #[non_exhaustive]
    OutputClosed {
        /// The sink's error.
        error: io::Error,
    },
    /// `log` has another logger, so [`init`](crate::init) cannot make lines of its records.
    #[non_exhaustive]
    LoggerTaken,
    /// A directive of the filter is wrong, or matches nothing.
    #[non_exhaustive]
    FilterDirective {
        /// The directive.
        directive: String,
        /// What is wrong with it, and what is done.
        why: String,
    },
    /// The writer failed for the first time; that line is lost, later ones are tried. Told once per layer.
    #[non_exhaustive]
    WriteFailed {
        /// The writer's error.
        error: io::Error,
    },
    /// The sink of a [`Background`](crate::writer::Background) or of [`init`](crate::init) fails; lines wait, and it is tried again.
    /// Reported once, until it has worked again. A `Background` reports it no more often than once a minute.
    #[non_exhaustive]
    WritesFailing {
        /// The sink's error.
        error: io::Error,
    },
    /// It works again, and nothing waits any more that waited.
    #[non_exhaustive]
    WritesResumed,
    /// A backend refuses spans, or nobody listens there. Told once, until it has worked again.
    #[non_exhaustive]
    ExportFailing {
        /// Where they were to go.
        endpoint: String,
        /// The exporter's words.
        error: String,
    },
    /// It takes spans again.
    #[non_exhaustive]
    ExportResumed {
        /// Where they go.
        endpoint: String,
    },
    /// What [`init`](crate::init) has started was shut down before these spans were taken by their backend. They are gone.
    #[non_exhaustive]
    SpansLost {
        /// How many, since the start.
        spans: u64,
    },
    /// A variable of OpenTelemetry's specification is set that nothing here honours.
    #[non_exhaustive]
    Unsupported {
        /// Its name.
        variable: &'static str,
    },
    /// A [`Background`](crate::writer::Background), or the writer of [`init`](crate::init), was shut down before its sink took these
    /// lines. They are gone.
    #[non_exhaustive]
    LinesAbandoned {
        /// How many.
        lines: u64,
    },
    /// A server does not take log lines: it refuses them for now, or nobody listens there. They wait in their files, and it is tried
    /// again. Told once, until it has worked again.
    #[non_exhaustive]
    ShippingFailing {
        /// Where they go.
        target: String,
        /// The server's words, or what hinders.
        error: String,
    },
    /// It takes them again.
    #[non_exhaustive]
    ShippingResumed {
        /// Where they go.
        target: String,
    },
    /// A log file or the cursor cannot be read or written. It is tried again; each is told once.
    #[non_exhaustive]
    ShippingHindered {
        /// Which, and why.
        what: String,
    },
    /// A server will never take some lines. They are set aside. Told once a minute at most.
    #[non_exhaustive]
    LinesRejected {
        /// The server's words.
        why: String,
        /// The file that has them now.
        kept: std::path::PathBuf,
    },
    /// A cursor was not whole and is not trusted: all files are shipped again, and what a server has already it does not keep twice.
    #[non_exhaustive]
    CursorTorn {
        /// Which, and what became of it.
        what: String,
    },
    /// The log file cannot be opened, or another process writes it. Lines are written elsewhere for as long as this process runs.
    #[non_exhaustive]
    LogFileUnavailable {
        /// What is wrong, and what to do.
        why: String,
        /// Where lines are written.
        instead: String,
    },
    /// The shipper that [`init`](crate::init) has started cannot keep its cursor beside the log file, and keeps it in a folder of its own.
    #[non_exhaustive]
    ShippedApart {
        /// What is wrong.
        why: String,
        /// The folder.
        state: std::path::PathBuf,
    },
    /// [`init`](crate::init) could not start to ship lines. They are written, and a later start ships them if they are in a file.
    #[non_exhaustive]
    NotShipped {
        /// What is wrong, and what to do.
        why: String,
    },
    /// The log server has another address, port, tenant or index than at the last start. Shipping continues at the place that the
    /// former one has confirmed. Printed once for each change.
    #[non_exhaustive]
    TargetChanged {
        /// The former server.
        from: String,
        /// The present one.
        to: String,
        /// The file that says how far each log file was confirmed.
        cursor: std::path::PathBuf,
    },
    /// A log file is no longer among those that are shipped, as where a service has a new name, and was not shipped to its end.
    /// Its place is kept.
    #[non_exhaustive]
    UnshippedLeft {
        /// Its name.
        file: String,
        /// How much of it was not.
        bytes: u64,
    },
    /// What is shut down has not shipped all lines; the next start ships them.
    #[non_exhaustive]
    LinesUnshipped {
        /// How much of their files.
        bytes: u64,
    },
    /// A log file was removed before all of it was shipped.
    #[non_exhaustive]
    UnshippedRemoved {
        /// Its last name.
        file: String,
        /// How much of it was not.
        bytes: u64,
    },
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All of it: words of servers, errors and names of files are in most of them.
        let f = &mut Printable(f);
        match self {
            Self::NoTraceContext {
                span,
                other_versions: Some(other_versions),
                ..
            } => write!(
                f,
                "tracing-stamp: the span `{span}` has no trace context, and no line has had a trace_id so far: {other_versions}"
            ),
            Self::NoTraceContext {
                span, only_version, ..
            } => write!(
                f,
                "tracing-stamp: the span `{span}` has no trace context, and no line has had a trace_id so far. \
                 One of these is the reason: the subscriber has no `tracing_opentelemetry::layer()`; it has one of another \
                 version than the stamping layer asks ({}name the application's own crates: \
                 `.with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry))`); it has one without a tracer (`.with_tracer(provider.tracer(\"…\"))` is \
                 missing, or the tracer is a no-op); it hides behind a `reload` layer or a filter; or its context \
                 activation is off",
                OnlyVersion(only_version.as_deref()),
            ),
            Self::NoSpans { lines } => write!(
                f,
                "tracing-stamp: none of the {lines} log lines so far has a trace_id, because no span has reached the stamping \
                 layer. A line has the ids of the span in which it is logged: put `tracing` spans around requests and jobs \
                 (`tracing_stamp::http::ServerLayer`, `#[tracing::instrument]`, `info_span!`), or let the filter of the subscriber \
                 pass the spans that there are"
            ),
            Self::LinesOutsideSpans { lines } => write!(
                f,
                "tracing-stamp: none of the {lines} log lines so far has a trace_id, because all were logged outside of the spans \
                 that OpenTelemetry sees. On other threads and in spawned tasks use `tracing_stamp::carry`; a filter or \
                 `Setup::with_span_level` may hide spans from OpenTelemetry; `Stats::unstamped_call_sites` names the places"
            ),
            Self::NoContextFromSource { lines } => write!(
                f,
                "tracing-stamp: none of the {lines} log lines so far has a trace_id, because the `ContextSource` given to \
                 `with_context_source` has returned `None` each time"
            ),
            Self::GuardDropped => f.write_str(
                "tracing-stamp: the guard that `init` returned was dropped at once, so spans are not exported and lines have no \
                 trace_id. Keep it to the end of `main`: `let _guard = tracing_stamp::init()?;`, not `let _ = …`",
            ),
            Self::OutputClosed { error } => write!(
                f,
                "tracing-stamp: nobody reads the log lines any more ({error}); they are lost from here on"
            ),
            Self::LoggerTaken => f.write_str(
                "tracing-stamp: the `log` crate has another logger already, so its records do not become lines of `init`. Remove the \
                 other logger (`env_logger::init()` or the like). If it is the `LogTracer` of `tracing-log`, records arrive, but \
                 without their key-values",
            ),
            Self::FilterDirective { directive, why } => write!(
                f,
                "tracing-stamp: the filter has the directive `{}`: {why}",
                directive.escape_debug()
            ),
            Self::WriteFailed { error } => write!(
                f,
                "tracing-stamp: a log line could not be written and is lost: {error}. Later lines are tried again; \
                 `Stats::lost` counts"
            ),
            Self::WritesFailing { error } => write!(
                f,
                "tracing-stamp: log lines cannot be written: {error}. They wait in memory, and writing is tried again; what \
                 there is no room for is counted, and told by the log itself as soon as it can"
            ),
            Self::ExportFailing { endpoint, error } => write!(
                f,
                "tracing-stamp: spans are not taken by {endpoint}: {error}. It is tried again with each batch; what does not fit \
                 into the queue meanwhile is lost. Lines are not affected"
            ),
            Self::ExportResumed { endpoint } => {
                write!(f, "tracing-stamp: spans are taken by {endpoint} again")
            }
            Self::SpansLost { spans } => write!(
                f,
                "tracing-stamp: {spans} spans were not delivered: their backend did not take them in time, or there were more at once \
                 than OTEL_BSP_MAX_QUEUE_SIZE"
            ),
            Self::Unsupported { variable } => write!(
                f,
                "tracing-stamp: {variable} is set and has no effect: it is not supported"
            ),
            Self::WritesResumed => f.write_str("tracing-stamp: log lines are written again"),
            Self::LinesAbandoned { lines } => write!(
                f,
                "tracing-stamp: {lines} log lines were not written before the writer was shut down, and are lost: its sink \
                 failed or was too slow; a longer shutdown timeout gives it more time"
            ),
            Self::ShippingFailing { target, error } => write!(
                f,
                "tracing-stamp: log lines are not taken by {target}: {error}. They wait in their files, and it is tried again"
            ),
            Self::ShippingResumed { target } => {
                write!(f, "tracing-stamp: log lines are taken by {target} again")
            }
            Self::ShippingHindered { what } => {
                write!(
                    f,
                    "tracing-stamp: log lines are not shipped: {what}. It is tried again"
                )
            }
            Self::LinesRejected { why, kept } => write!(
                f,
                "tracing-stamp: a log line was rejected for good: {why}. It is kept in {}, as will be others like it",
                kept.display()
            ),
            Self::CursorTorn { what } => {
                write!(f, "tracing-stamp: {what}; all files are shipped again")
            }
            Self::LogFileUnavailable { why, instead } => write!(
                f,
                "tracing-stamp: {why}. Until the next start, lines are written to {instead}"
            ),
            Self::ShippedApart { why, state } => write!(
                f,
                "tracing-stamp: {why}. Lines are shipped all the same, and their cursor is kept in {}",
                state.display()
            ),
            Self::NotShipped { why } => write!(
                f,
                "tracing-stamp: log lines are written and not shipped: {why}"
            ),
            Self::TargetChanged { from, to, cursor } => write!(
                f,
                "tracing-stamp: log lines now go to {to}, and went to {from} before: shipping continues at the place that was \
                 confirmed. To ship all files again, remove {} while nothing ships them",
                cursor.display()
            ),
            Self::UnshippedLeft { file, bytes } => write!(
                f,
                "tracing-stamp: {bytes} bytes of {file} are not shipped, and it is not among the files to ship any more. Their place \
                 is kept: to ship the rest, start a shipper with that file and the same state folder"
            ),
            Self::LinesUnshipped { bytes } => write!(
                f,
                "tracing-stamp: {bytes} bytes of log lines were not shipped before the end; the next start ships them from their file"
            ),
            Self::UnshippedRemoved { file, bytes } => write!(
                f,
                "tracing-stamp: the log file {file} was removed before {bytes} bytes of it were shipped; they are lost. Keep files longer"
            ),
        }
    }
}

/// A clause that names the version of `tracing-opentelemetry`, where it is known.
struct OnlyVersion<'a>(Option<&'a str>);

impl fmt::Display for OnlyVersion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => write!(f, "this program has tracing-opentelemetry {version}; "),
            None => Ok(()),
        }
    }
}

/// Who is told: standard error, or a callback. A clone tells the same.
#[derive(Clone, Default)]
pub(crate) enum Diagnostics {
    #[default]
    StandardError,
    Callback(Arc<dyn Fn(&Diagnosis) + Send + Sync>),
}

impl Diagnostics {
    pub(crate) fn tell(&self, diagnosis: &Diagnosis) {
        match self {
            // Not `eprintln!`, which panics where standard error is closed. Nobody is left to be told of an error here.
            Self::StandardError => drop(writeln!(io::stderr(), "{diagnosis}")),
            Self::Callback(callback) => callback(diagnosis),
        }
    }
}
