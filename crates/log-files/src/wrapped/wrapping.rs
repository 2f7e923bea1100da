use super::{Part, cri, docker};
use crate::time::parse_time;

/// The form in which a container runtime stores lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrapping {
    /// Docker's log driver `json-file`.
    Docker,
    /// The format of Kubernetes' container runtime interface.
    Cri,
}

impl Wrapping {
    /// Recognizes the form of a line. Give it the first complete line of a file.
    ///
    /// A JSON line is only Docker's if it has all of `log`, `stream` and `time`, and no member that Docker does not write. Lines of other
    /// loggers with a member `log` have others too.
    ///
    /// ```
    /// use log_files::{Stream, Wrapping};
    ///
    /// let line = br#"{"log":"ready\n","stream":"stderr","time":"2026-11-28T18:53:17.298748123Z"}"#;
    /// let wrapping = Wrapping::detect(line).expect("a line of Docker");
    /// let part = wrapping.part(line).expect("a line of Docker");
    /// assert_eq!((&*part.text, part.stream, part.is_partial), (&b"ready"[..], Stream::Stderr, false));
    /// assert_eq!(Wrapping::detect(br#"{"log":"ready","level":"info"}"#), None);
    /// ```
    #[must_use]
    pub fn detect(line: &[u8]) -> Option<Self> {
        let wrapping = match line.first()? {
            b'{' => Self::Docker,
            b'0'..=b'9' => Self::Cri,
            _ => return None,
        };
        let part = wrapping.part(line)?;
        parse_time(part.time).map(|_| wrapping)
    }

    /// Unwraps a line. Returns `None` if the line does not have this form. The runtime did not write such a line, and all of it is text.
    #[must_use]
    pub fn part(self, line: &[u8]) -> Option<Part<'_>> {
        match self {
            Self::Docker => docker::part(line),
            Self::Cri => cri::part(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_with_a_member_log_is_not_a_line_of_docker() {
        for line in [
            r#"{"log":"text\n","stream":"stdout"}"#,
            r#"{"log":"text\n","time":"2026-11-28T18:53:17Z"}"#,
            r#"{"log":"text\n","stream":"stdout","time":"2026-11-28T18:53:17Z","level":"info"}"#,
            r#"{"log":{"level":"info"},"stream":"stdout","time":"2026-11-28T18:53:17Z"}"#,
            r#"{"log":"text\n","stream":"kafka","time":"2026-11-28T18:53:17Z"}"#,
            r#"{"log":"text\n","stream":"stdout","time":"yesterday"}"#,
            r#"{"log":"text\n","stream":"stdout","time":"2026-11-28T18:53:17Z""#,
            r#"{"log":"text\n","stream":"stdout","time":"2026-11-28T18:53:17Z"}{}"#,
            r#"{"message":"text"}"#,
            "{}",
            "",
        ] {
            assert_eq!(Wrapping::detect(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_text_line_that_begins_with_a_time_is_not_a_line_of_cri() {
        for line in [
            "2026-11-28T18:53:17Z INFO text",
            "2026-11-28T18:53:17Z stdout",
            "2026-11-28T18:53:17Z stdout text",
            "2026-11-28T18:53:17Z stdout Ftext",
            "2026-11-28T18:53:17Z  stdout F text",
            "2026-11-28 18:53:17Z stdout F text",
            "35 stdout F text",
        ] {
            assert_eq!(Wrapping::detect(line.as_bytes()), None, "{line}");
        }
    }
}
