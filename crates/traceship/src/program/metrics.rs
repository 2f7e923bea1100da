//! The metrics as text.
//!
//! Prometheus asks for [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/), which is the default. A client that accepts
//! only Prometheus' older text format gets that one.

use std::{fmt::Write as _, time::UNIX_EPOCH};
use traceship::Stats;

/// The format of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    OpenMetrics,
    Prometheus,
}

impl Format {
    /// Returns the format for a request's `Accept` header.
    pub(crate) fn accepted_by(accept: &str) -> Self {
        let has = |kind| accept.to_ascii_lowercase().contains(kind);
        match has("text/plain") && !has("application/openmetrics-text") {
            true => Self::Prometheus,
            false => Self::OpenMetrics,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// Returns all metrics.
pub(crate) fn render(stats: &Stats, format: Format) -> String {
    let mut text = Text {
        out: String::new(),
        format,
    };
    text.counters(stats);
    text.gauges(stats);
    text.build();
    if format == Format::OpenMetrics {
        text.out.push_str("# EOF\n");
    }
    text.out
}

struct Text {
    out: String,
    format: Format,
}

impl Text {
    fn counters(&mut self, stats: &Stats) {
        for (name, help, value) in [
            (
                "lines_shipped",
                "Lines that the server has confirmed, or already had.",
                stats.shipped(),
            ),
            (
                "bytes_shipped",
                "Bytes of shipped lines, with their newlines.",
                stats.shipped_bytes(),
            ),
            (
                "lines_repeated",
                "Shipped lines that the server already had.",
                stats.repeated(),
            ),
            (
                "lines_cut",
                "Lines that were cut to the limit of the server.",
                stats.cut(),
            ),
            ("requests", "Requests that were sent.", stats.requests()),
            (
                "requests_retried",
                "Requests that have to be sent again.",
                stats.retried(),
            ),
            (
                "bytes_lost",
                "Unshipped bytes of files that were removed.",
                stats.lost_bytes(),
            ),
            (
                "rejected_bytes_removed",
                "Bytes of rejected lines that were removed because their file was full.",
                stats.rejected_bytes_removed(),
            ),
        ] {
            self.counter(name, help);
            self.sample(&format!("{name}_total"), None, value);
        }
        self.counter(
            "lines_rejected",
            "Lines that the server will never accept, by reason.",
        );
        for (reason, lines) in stats.rejected_by_reason() {
            self.sample("lines_rejected_total", Some(("reason", reason)), lines);
        }
        self.counter(
            "values_redacted",
            "Values and parts of texts that were redacted, by rule.",
        );
        for (rule, values) in stats.redacted_by_rule() {
            self.sample("values_redacted_total", Some(("rule", &rule)), values);
        }
    }

    fn gauges(&mut self, stats: &Stats) {
        self.gauge(
            "lag_seconds",
            "Present time less the time of the last confirmed line, or 0 while no line waits.",
        );
        self.sample("lag_seconds", None, stats.lag().as_secs_f64());
        self.gauge(
            "last_success_timestamp_seconds",
            "When the server last accepted lines, in seconds since 1970.",
        );
        let last = stats.last_success();
        if let Some(time) = last.and_then(|last| last.duration_since(UNIX_EPOCH).ok()) {
            self.sample("last_success_timestamp_seconds", None, time.as_secs_f64());
        }
        self.gauge("bytes_waiting", "Bytes of files that wait to be shipped.");
        self.sample("bytes_waiting", None, stats.waiting_bytes());
        self.gauge("files_waiting", "Files with bytes that wait to be shipped.");
        self.sample("files_waiting", None, stats.waiting_files());
        self.gauge(
            "file_bytes_waiting",
            "Bytes that wait in the files with the most of them, at most 50 files.",
        );
        for (file, bytes) in stats.largest_waiting_files() {
            self.sample(
                "file_bytes_waiting",
                Some(("file", &file.to_string_lossy())),
                bytes,
            );
        }
    }

    fn build(&mut self) {
        let name = match self.format {
            Format::OpenMetrics => "build",
            Format::Prometheus => "build_info",
        };
        let kind = match self.format {
            Format::OpenMetrics => "info",
            Format::Prometheus => "gauge",
        };
        self.family(name, kind, "Version of traceship.");
        self.sample(
            "build_info",
            Some(("version", env!("CARGO_PKG_VERSION"))),
            1,
        );
    }

    /// Begins a counter. In OpenMetrics, only its samples have the ending `_total`.
    fn counter(&mut self, name: &str, help: &str) {
        match self.format {
            Format::OpenMetrics => self.family(name, "counter", help),
            Format::Prometheus => self.family(&format!("{name}_total"), "counter", help),
        }
    }

    fn gauge(&mut self, name: &str, help: &str) {
        self.family(name, "gauge", help);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a `String` cannot fail.
        let _ = write!(
            self.out,
            "# HELP traceship_{name} {help}\n# TYPE traceship_{name} {kind}\n"
        );
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: impl std::fmt::Display) {
        let _ = match label {
            Some((label, of)) => writeln!(
                self.out,
                "traceship_{name}{{{label}=\"{}\"}} {value}",
                escaped(of)
            ),
            None => writeln!(self.out, "traceship_{name} {value}"),
        };
    }
}

/// Escapes the value of a label. Otherwise the name of a file could forge other samples.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    /// Checks the rules of the format for texts without histograms. Returns the samples.
    fn samples(text: &str, format: Format) -> HashMap<String, f64> {
        let is_open = format == Format::OpenMetrics;
        assert!(text.ends_with('\n'));
        assert_eq!(text.matches("# EOF\n").count(), usize::from(is_open));
        assert_eq!(text.ends_with("\n# EOF\n"), is_open);
        let (mut family, mut kind, mut samples) = ("", "", HashMap::new());
        let mut families = HashSet::new();
        for line in text.lines().filter(|line| *line != "# EOF") {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words[..] {
                ["#", "HELP", name, help] => {
                    assert!(families.insert(name) && !help.is_empty(), "{line}");
                    family = name;
                }
                ["#", "TYPE", name, of] => {
                    assert_eq!(name, family);
                    kind = of;
                }
                _ => {
                    let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
                    let bare = name.split('{').next().unwrap_or_default();
                    let expected = match (kind, is_open) {
                        ("counter", true) => format!("{family}_total"),
                        ("info", true) => format!("{family}_info"),
                        _ => family.to_owned(),
                    };
                    assert_eq!(bare, expected);
                    assert!(kind != "counter" || bare.ends_with("_total"));
                    let value = value.parse().expect("the value is a number");
                    assert!(samples.insert(name.to_owned(), value).is_none(), "{line}");
                }
            }
        }
        samples
    }

    #[test]
    fn the_text_keeps_the_rules_of_both_formats_and_has_the_same_samples() {
        let stats = Stats::default();
        let open = samples(&render(&stats, Format::OpenMetrics), Format::OpenMetrics);
        let plain = samples(&render(&stats, Format::Prometheus), Format::Prometheus);
        assert_eq!(open, plain);
        for name in [
            "traceship_lag_seconds",
            "traceship_lines_rejected_total{reason=\"too_old\"}",
            "traceship_files_waiting",
        ] {
            assert_eq!(open.get(name), Some(&0.0), "{name}");
        }
        let never = "traceship_last_success_timestamp_seconds";
        assert_eq!(open.get(never), None, "nothing was sent");
    }

    #[test]
    fn the_name_of_a_file_cannot_forge_a_sample() {
        let mut text = Text {
            out: String::new(),
            format: Format::OpenMetrics,
        };
        text.sample("x", Some(("file", "a\"} 1\nb\\")), 2);
        assert_eq!(text.out, "traceship_x{file=\"a\\\"} 1\\nb\\\\\"} 2\n");
    }

    #[test]
    fn only_a_client_that_asks_for_plain_text_alone_gets_the_older_format() {
        for (accept, format) in [
            ("", Format::OpenMetrics),
            ("*/*", Format::OpenMetrics),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                Format::OpenMetrics,
            ),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Format::Prometheus),
        ] {
            assert_eq!(Format::accepted_by(accept), format, "{accept}");
        }
    }
}
