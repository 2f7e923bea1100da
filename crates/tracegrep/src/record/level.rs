/// The severity of a line, as OpenTelemetry orders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For following each step.
    Trace,
    /// For finding faults.
    Debug,
    /// Normal operation.
    Info,
    /// Something is wrong, and the program continues.
    Warn,
    /// An operation failed.
    Error,
    /// The program cannot continue.
    Fatal,
}

/// What the numbers of a key mean as levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Those of pino and bunyan (10 to 60) or of syslog (7 to 0). The two do not overlap. Numbers that OpenTelemetry alone uses are none.
    Logger,
    /// Python's, which has no number for trace: 10 (debug) to 50 (critical).
    Python,
    /// Logback's: 5,000 to 40,000.
    Java,
    /// OpenTelemetry's: 1 to 24.
    OpenTelemetry,
    /// The key has other numbers too, such as an HTTP status. Only names are levels.
    Names,
}

impl Level {
    /// The name in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Returns the level with a name, in any case. Go's slog writes `INFO+1` for a level between two names, and OpenTelemetry `INFO2`.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.trim();
        // The longest name is `information`. Anything longer is not copied.
        if name.len() > 16 {
            return None;
        }
        let name = name.to_ascii_lowercase();
        // A thread or a protocol has a number. The level of npm has none.
        if name.starts_with("http") && name != "http" {
            return None;
        }
        if let Some(at) = name.find(['+', '-']) {
            let (name, offset) = name.split_at(at);
            return Self::of_offset(Self::of_word(name)?, offset.parse().ok()?);
        }
        Self::of_word(name.trim_end_matches(|c: char| c.is_ascii_digit()))
    }

    /// Returns the level that a letter stands for. In a text, a letter can be a word.
    pub(super) fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "T" => Self::Trace,
            "D" => Self::Debug,
            "I" => Self::Info,
            "W" => Self::Warn,
            "E" => Self::Error,
            "F" => Self::Fatal,
            _ => return None,
        })
    }

    /// Returns the level that a number means on a scale.
    pub(super) fn of_number(number: i64, scale: Scale) -> Option<Self> {
        match (scale, number) {
            (Scale::Logger, 0..=2) => Some(Self::Fatal),
            (Scale::Logger, 3) => Some(Self::Error),
            (Scale::Logger, 4) => Some(Self::Warn),
            (Scale::Logger, 5..=6) => Some(Self::Info),
            (Scale::Logger, 7) => Some(Self::Debug),
            (Scale::Logger, 10) => Some(Self::Trace),
            (Scale::Logger, 20 | 25..30) => Some(Self::Debug),
            (Scale::Logger, 30..40) => Some(Self::Info),
            (Scale::Logger, 40..50) => Some(Self::Warn),
            (Scale::Logger, 50..60) => Some(Self::Error),
            (Scale::Logger, 60..70) => Some(Self::Fatal),
            (Scale::Python, 1..10) => Some(Self::Trace),
            (Scale::Python, 10..20) => Some(Self::Debug),
            (Scale::Python, 20..30) => Some(Self::Info),
            (Scale::Python, 30..40) => Some(Self::Warn),
            (Scale::Python, 40..50) => Some(Self::Error),
            (Scale::Python, 50..=100) => Some(Self::Fatal),
            (Scale::Java, 5_000..10_000) => Some(Self::Trace),
            (Scale::Java, 10_000..20_000) => Some(Self::Debug),
            (Scale::Java, 20_000..30_000) => Some(Self::Info),
            (Scale::Java, 30_000..40_000) => Some(Self::Warn),
            (Scale::Java, 40_000) => Some(Self::Error),
            (Scale::OpenTelemetry, 1..=4) => Some(Self::Trace),
            (Scale::OpenTelemetry, 5..=8) => Some(Self::Debug),
            (Scale::OpenTelemetry, 9..=12) => Some(Self::Info),
            (Scale::OpenTelemetry, 13..=16) => Some(Self::Warn),
            (Scale::OpenTelemetry, 17..=20) => Some(Self::Error),
            (Scale::OpenTelemetry, 21..=24) => Some(Self::Fatal),
            _ => None,
        }
    }

    /// Returns the level with a name in lower case.
    fn of_word(name: &str) -> Option<Self> {
        Some(match name {
            "trace" | "trce" | "trc" | "silly" | "finest" | "finer" => Self::Trace,
            // winston and npm order `http` and `verbose` between debug and info.
            "debug" | "debg" | "dbug" | "dbg" | "fine" | "config" | "verbose" | "http" => {
                Self::Debug
            }
            "info" | "inf" | "information" | "informational" | "notice" | "success" => Self::Info,
            "warn" | "wrn" | "warning" => Self::Warn,
            "error" | "erro" | "eror" | "err" | "severe" | "fail" => Self::Error,
            "fatal" | "ftl" | "critical" | "crit" | "panic" | "pnc" | "dpanic" | "alert"
            | "emerg" | "emergency" => Self::Fatal,
            _ => return None,
        })
    }

    /// Returns the level that is some steps of Go's slog from a level. Its four levels are four steps apart.
    fn of_offset(level: Self, offset: i64) -> Option<Self> {
        let base = match level {
            Self::Debug => -4,
            Self::Info => 0,
            Self::Warn => 4,
            Self::Error => 8,
            Self::Trace | Self::Fatal => return None,
        };
        Some(match offset.checked_add(base)? {
            ..-4 => Self::Trace,
            -4..0 => Self::Debug,
            0..4 => Self::Info,
            4..8 => Self::Warn,
            8..12 => Self::Error,
            12.. => Self::Fatal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_in_any_case_and_as_each_logger_abbreviates_them() {
        for (level, names) in [
            (Level::Trace, "trace TRACE TRCE trc silly TRACE3 DEBUG-4"),
            (Level::Debug, "debug DEBG DBUG http verbose DEBUG+3 INFO-1"),
            (Level::Info, "info INFO Information notice INFO+1 INFO2"),
            (Level::Warn, "warn WARN warning Warning WARN+2"),
            (Level::Error, "error ERROR ERRO eror err severe ERROR+1"),
            (
                Level::Fatal,
                "fatal CRIT critical panic dpanic emerg ERROR+4",
            ),
        ] {
            for name in names.split(' ') {
                assert_eq!(Level::of_name(name), Some(level), "{name}");
            }
        }
        for name in [
            "",
            "ok",
            "200",
            "information about",
            "INFO+",
            "infos",
            "é+1",
        ] {
            assert_eq!(Level::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_number_means_what_its_key_says() {
        for (scale, number, level) in [
            (Scale::Logger, 10, Some(Level::Trace)),
            (Scale::Logger, 35, Some(Level::Info)),
            (Scale::Logger, 17, None),
            (Scale::Logger, 21, None),
            (Scale::Logger, 60, Some(Level::Fatal)),
            (Scale::Logger, 0, Some(Level::Fatal)),
            (Scale::Logger, 3, Some(Level::Error)),
            (Scale::Logger, 7, Some(Level::Debug)),
            (Scale::Logger, 200, None),
            (Scale::Python, 10, Some(Level::Debug)),
            (Scale::Python, 50, Some(Level::Fatal)),
            (Scale::Java, 20_000, Some(Level::Info)),
            (Scale::Java, 40_000, Some(Level::Error)),
            (Scale::OpenTelemetry, 9, Some(Level::Info)),
            (Scale::OpenTelemetry, 24, Some(Level::Fatal)),
            (Scale::OpenTelemetry, 25, None),
            (Scale::Names, 3, None),
        ] {
            assert_eq!(Level::of_number(number, scale), level, "{scale:?} {number}");
        }
    }
}
