//! The messages of diagnoses. Each says what happened, and what to do about it.

use super::{Diagnosis, LinkedVersions};
use log_files::Printable;
use std::fmt::{self, Write as _};

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Most messages contain text from servers, errors or file names, so the whole message is made safe to print.
        let f = &mut Printable(f);
        f.write_str("tracing-stamp: ")?;
        match self {
            Self::NoTraceContext { span, versions } => no_trace_context(f, span, versions),
            Self::NoSpans { lines } => write!(
                f,
                "none of the {lines} log lines so far has a trace_id, because the stamping layer has seen no span. Put `tracing` spans \
                 around requests and jobs (`tracing_stamp::http::ServerLayer`, `#[tracing::instrument]`, `info_span!`), or let the \
                 subscriber's filter pass the existing spans"
            ),
            Self::LinesOutsideSpans { lines } => write!(
                f,
                "none of the {lines} log lines so far has a trace_id, because all of them were logged outside of the spans that \
                 OpenTelemetry sees. Use `tracing_stamp::carry` for spawned tasks and other threads, and check that neither a filter \
                 nor `Setup::with_span_level` hides spans from OpenTelemetry; `Stats::unstamped_call_sites` lists the call sites"
            ),
            Self::NoContextFromSource { lines } => write!(
                f,
                "none of the {lines} log lines so far has a trace_id, because the `ContextSource` given to `with_context_source` has \
                 always returned `None`. Check that it returns the current trace context"
            ),
            Self::GuardDropped => f.write_str(
                "the guard returned by `init` was dropped at once, so spans are not exported and lines have no trace_id. Keep it until \
                 the end of `main`: write `let _guard = tracing_stamp::init()?;`, not `let _ = …`",
            ),
            Self::OutputClosed { error } => write!(
                f,
                "nothing reads the log output any more ({error}), so all further log lines are lost"
            ),
            Self::LoggerTaken => f.write_str(
                "the `log` crate has another logger already, so `init` cannot turn its records into lines. Remove the other logger \
                 (`env_logger::init()` or the like); if it is the `LogTracer` of `tracing-log`, records arrive, but without their \
                 key-values",
            ),
            Self::FilterDirective { directive, why } => write!(
                f,
                "problem with the filter directive `{}`: {why}",
                directive.escape_debug()
            ),
            Self::SpanEventIgnored { word } => write!(
                f,
                "LOG_SPAN_EVENTS has the unknown word `{}`, which is ignored; expected `new`, `enter`, `exit`, `close`, `active`, `full` \
                 or `none`, with commas between them",
                word.escape_debug()
            ),
            Self::WriteFailed { error } => write!(
                f,
                "a log line could not be written and is lost: {error}. Later lines are still attempted; `Stats::lost` counts the lost ones"
            ),
            Self::WritesFailing { error } => write!(
                f,
                "log lines cannot be written: {error}. They wait in memory, and writing is tried again; lines for which there is no room \
                 are counted, and the log reports their number once it can be written"
            ),
            Self::WritesResumed => f.write_str("log lines are written again"),
            Self::ExportFailing { endpoint, error } => write!(
                f,
                "spans cannot be delivered to {endpoint}: {error}. Each new batch is tried; spans that do not fit into the queue until \
                 then are lost, and log lines are not affected"
            ),
            Self::ExportResumed { endpoint } => {
                write!(f, "spans are delivered to {endpoint} again")
            }
            Self::SpansLost { spans } => write!(
                f,
                "{} and {} lost: the backend did not accept spans in time, or there were more at once than OTEL_BSP_MAX_QUEUE_SIZE",
                were(*spans, "span", "not delivered"),
                are(*spans)
            ),
            Self::Unsupported { variable } => write!(
                f,
                "{variable} is set and has no effect, because it is not supported"
            ),
            Self::LinesAbandoned { lines } => write!(
                f,
                "{}, and {} lost: its sink failed or was too slow. A longer shutdown timeout gives it more time",
                were(*lines, "log line", "not written before the writer was shut down"),
                are(*lines)
            ),
            Self::LogFileUnavailable { why, instead } => write!(
                f,
                "{why}. Until the next start, lines are written to {instead}"
            ),
            Self::LogFileIgnored { file } => write!(
                f,
                "lines go to the writer of `with_writer`, so the log file {} is ignored. Remove the writer, or LOG_FILE and `with_log_file`",
                file.display()
            ),
            #[cfg(feature = "ship")]
            Self::Shipping(diagnosis) => write!(f, "{diagnosis}"),
            Self::SeparateCursor { why, folder } => write!(
                f,
                "{why}. Lines are shipped all the same, and their cursor is kept in {}",
                folder.display()
            ),
            Self::NotShipped { why } => {
                write!(f, "log lines are written but not shipped: {why}")
            }
            Self::LinesUnshipped { bytes } => write!(
                f,
                "{bytes} bytes of log lines were not shipped before shutdown. The next start ships them from their file"
            ),
        }
    }
}

/// Returns, for example, "1 span was not delivered" or "2 spans were not delivered".
fn were(count: u64, noun: &str, what: &str) -> String {
    match count {
        1 => format!("1 {noun} was {what}"),
        _ => format!("{count} {noun}s were {what}"),
    }
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn no_trace_context(f: &mut impl fmt::Write, span: &str, versions: &LinkedVersions) -> fmt::Result {
    write!(
        f,
        "the span `{span}` has no trace context, and no log line has had a trace_id so far"
    )?;
    let version = match versions {
        LinkedVersions::Others { advice } => return write!(f, ": {advice}"),
        LinkedVersions::Only { version } => {
            format!("this program contains tracing-opentelemetry {version}; ")
        }
        LinkedVersions::Unknown => String::new(),
    };
    write!(
        f,
        ". Check the possible reasons: the subscriber has no `tracing_opentelemetry::layer()`; its version is not the one that the stamping \
         layer reads ({version}name the application's own crates: \
         `.with_opentelemetry(opentelemetry_of!(opentelemetry, tracing_opentelemetry))`); it has no tracer, or a no-op one \
         (`.with_tracer(provider.tracer(\"…\"))` is missing); a `reload` layer or a filter hides it; or its context activation is off"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_span_or_line_is_singular() {
        for (diagnosis, begin) in [
            (
                Diagnosis::SpansLost { spans: 1 },
                "1 span was not delivered and is lost:",
            ),
            (
                Diagnosis::SpansLost { spans: 2 },
                "2 spans were not delivered and are lost:",
            ),
            (
                Diagnosis::LinesAbandoned { lines: 1 },
                "1 log line was not written before the writer was shut down, and is lost:",
            ),
            (
                Diagnosis::LinesAbandoned { lines: 2 },
                "2 log lines were not written before the writer was shut down, and are lost:",
            ),
        ] {
            let text = diagnosis.to_string();
            assert!(text.contains(&format!("tracing-stamp: {begin}")), "{text}");
        }
    }
}
