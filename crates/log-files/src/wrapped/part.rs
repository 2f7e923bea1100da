use std::borrow::Cow;

/// A line of a container, or a part of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The time at which the runtime received the part, as it is written, for [`parse_time`](crate::parse_time).
    pub time: &'a [u8],
    /// Where the container wrote it.
    pub stream: Stream,
    /// The text, without its newline.
    pub text: Cow<'a, [u8]>,
    /// Whether the line continues in the next part of the same stream.
    pub is_partial: bool,
}

/// A stream of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// The name that runtimes write: `stdout` or `stderr`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    pub(super) fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"stdout" => Some(Self::Stdout),
            b"stderr" => Some(Self::Stderr),
            _ => None,
        }
    }
}
