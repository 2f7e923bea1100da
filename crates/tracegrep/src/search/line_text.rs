use log_files::Stream;
use std::borrow::Cow;

/// A line without its line ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineText<'l> {
    pub(super) stream: Stream,
    pub(super) offset: u64,
    /// The line as it is in the file.
    pub(super) raw: Cow<'l, [u8]>,
    /// What the application wrote.
    pub(super) text: Cow<'l, [u8]>,
    pub(super) is_cut: bool,
}

impl<'l> LineText<'l> {
    /// A line that no container runtime has wrapped.
    pub(super) fn plain(offset: u64, line: &'l [u8]) -> Self {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Self {
            stream: Stream::Stdout,
            offset,
            raw: Cow::Borrowed(line),
            text: Cow::Borrowed(line),
            is_cut: false,
        }
    }
}
