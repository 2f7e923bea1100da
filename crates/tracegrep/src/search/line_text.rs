use log_files::Stream;
use std::borrow::Cow;

/// A line without its line ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineText<'l> {
    pub(crate) stream: Stream,
    pub(crate) offset: u64,
    /// The line as it is in the file.
    pub(crate) raw: Cow<'l, [u8]>,
    /// What the application wrote.
    pub(crate) text: Cow<'l, [u8]>,
    pub(crate) is_cut: bool,
}

impl<'l> LineText<'l> {
    /// A line that no container runtime has wrapped.
    pub(crate) fn plain(offset: u64, line: &'l [u8]) -> Self {
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
