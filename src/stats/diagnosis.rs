use std::io;

/// A problem with the set-up or the output that log lines cannot report. Its `Display` says what happened and what to do.
///
/// By default it is written to standard error;
/// [`StampLayer::with_diagnostics`](crate::StampLayer::with_diagnostics) passes it to a callback instead.
///
/// ```
/// use std::sync::mpsc;
///
/// let (sender, diagnoses) = mpsc::channel();
/// let layer = tracing_stamp::layer().with_diagnostics(move |diagnosis| {
///     let _ = sender.send(diagnosis.to_string());
/// });
/// # let _ = (layer, diagnoses);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Diagnosis {
    /// A span has no trace context, and no line of the process has had one so far.
    ///
    /// If the layer was given no version of OpenTelemetry, the thread that closes the span reads the executable once (20 ms for
    /// 48 MB) to find out which versions of `tracing-opentelemetry` it contains.
    ///
    /// Each process reports at most one reason for lines without ids: this one, [`NoSpans`](Self::NoSpans),
    /// [`LinesOutsideSpans`](Self::LinesOutsideSpans), [`NoContextFromSource`](Self::NoContextFromSource) or
    /// [`GuardDropped`](Self::GuardDropped).
    #[non_exhaustive]
    NoTraceContext {
        /// The name of the span.
        span: &'static str,
        /// The versions of `tracing-opentelemetry` in this program.
        versions: LinkedVersions,
    },
    /// No line has ids, because the stamping layer has seen no span. Reported after 256 lines, or when the
    /// [`ShutdownGuard`](crate::setup::ShutdownGuard) of [`init`](crate::init) is dropped.
    #[non_exhaustive]
    NoSpans {
        /// The number of lines so far.
        lines: u64,
    },
    /// No line has ids, although spans have them: all lines are logged outside of these spans. Reported at the same times as
    /// [`NoSpans`](Self::NoSpans).
    #[non_exhaustive]
    LinesOutsideSpans {
        /// The number of lines so far.
        lines: u64,
    },
    /// No line has ids, because the [`ContextSource`](crate::ContextSource) given to the layer has never returned any. Reported at
    /// the same times as [`NoSpans`](Self::NoSpans).
    #[non_exhaustive]
    NoContextFromSource {
        /// The number of lines so far.
        lines: u64,
    },
    /// The guard of [`init`](crate::init) was dropped before anything was logged, as by `let _ = init()?`.
    #[non_exhaustive]
    GuardDropped,
    /// The program that reads standard output has exited, as in `app | head -1`. All further lines are lost.
    #[non_exhaustive]
    OutputClosed {
        /// The error of the sink.
        error: io::Error,
    },
    /// Another logger of the `log` crate is installed, so [`init`](crate::init) cannot turn its records into lines.
    #[non_exhaustive]
    LoggerTaken,
    /// A directive of the filter is invalid, or the whole filter lets no line through.
    #[non_exhaustive]
    FilterDirective {
        /// The directive.
        directive: String,
        /// What is wrong with it, and its effect.
        why: String,
    },
    /// `LOG_SPAN_EVENTS` has an unknown word. The other words of the variable apply.
    #[non_exhaustive]
    SpanEventIgnored {
        /// The word.
        word: String,
    },
    /// The writer failed for the first time. The line is lost; later lines are still attempted. Reported once per layer.
    #[non_exhaustive]
    WriteFailed {
        /// The error of the writer.
        error: io::Error,
    },
    /// The sink of a [`Background`](crate::writer::Background) or of [`init`](crate::init) fails. Lines wait, and the write is tried
    /// again. Reported once until the sink works again. A `Background` reports it at most once a minute.
    #[non_exhaustive]
    WritesFailing {
        /// The error of the sink.
        error: io::Error,
    },
    /// The sink works again, and all lines that waited are written.
    #[non_exhaustive]
    WritesResumed,
    /// A backend rejects spans, or cannot be reached. Reported once until it works again.
    #[non_exhaustive]
    ExportFailing {
        /// The endpoint of the backend.
        endpoint: String,
        /// The exporter's error.
        error: String,
    },
    /// The backend accepts spans again.
    #[non_exhaustive]
    ExportResumed {
        /// The endpoint of the backend.
        endpoint: String,
    },
    /// [`init`](crate::init) was shut down before the backend accepted these spans. They are lost.
    #[non_exhaustive]
    SpansLost {
        /// The number of lost spans since the start.
        spans: u64,
    },
    /// A variable of OpenTelemetry's specification is set that this crate does not support.
    #[non_exhaustive]
    Unsupported {
        /// The name of the variable.
        variable: &'static str,
    },
    /// A [`Background`](crate::writer::Background), or the writer of [`init`](crate::init), was shut down before its sink accepted
    /// these lines. They are lost.
    #[non_exhaustive]
    LinesAbandoned {
        /// The number of lost lines.
        lines: u64,
    },
    /// The log file cannot be opened, or another process writes it. Lines are written elsewhere until this process ends.
    #[non_exhaustive]
    LogFileUnavailable {
        /// What is wrong, and what to do.
        why: String,
        /// Where lines are written instead.
        instead: String,
    },
    /// Lines go to the writer of [`with_writer`](crate::setup::Setup::with_writer), so the log file that `LOG_FILE` or `with_log_file`
    /// names is not written.
    #[non_exhaustive]
    LogFileIgnored {
        /// The log file.
        file: std::path::PathBuf,
    },
    /// The shipper has a problem.
    #[cfg(feature = "ship")]
    Shipping(crate::ship::Diagnosis),
    /// The shipper started by [`init`](crate::init) cannot keep its cursor beside the log file, and keeps it in a separate folder.
    #[non_exhaustive]
    SeparateCursor {
        /// What is wrong.
        why: String,
        /// The folder.
        folder: std::path::PathBuf,
    },
    /// [`init`](crate::init) could not start to ship lines. They are still written, and if they are in a file, a later start ships
    /// them.
    #[non_exhaustive]
    NotShipped {
        /// What is wrong, and what to do.
        why: String,
    },
    /// Shutdown ended before all lines were shipped. The next start ships them.
    #[non_exhaustive]
    LinesUnshipped {
        /// The number of bytes that were not shipped.
        bytes: u64,
    },
}

/// The versions of `tracing-opentelemetry` that the executable contains, as far as they can explain a missing trace context.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkedVersions {
    /// The executable does not name a version that helps, or was not read.
    Unknown,
    /// The executable contains versions other than the one that this crate is built on.
    #[non_exhaustive]
    Others {
        /// Which versions these are, and what to do about each.
        advice: String,
    },
    /// The executable contains one version. This crate is built on it, but the application may use another one: a version leaves no
    /// trace in the executable if nothing uses its layer.
    #[non_exhaustive]
    Only {
        /// The version.
        version: String,
    },
}
