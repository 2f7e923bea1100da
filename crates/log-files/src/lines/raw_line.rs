use std::borrow::Cow;

/// A line of a file, or a part of a very long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine<'a> {
    /// The offset in the file at which the line begins: the end of the line before it.
    pub offset: u64,
    /// How many bytes of the file the line takes, including its line ending, NUL bytes and byte order mark.
    pub length: u64,
    /// The text, without its line ending (`\n` or `\r\n`), without NUL bytes, and without the byte order mark of UTF-8 at the start of the
    /// file.
    pub text: Cow<'a, [u8]>,
    /// How many NUL bytes were left out.
    pub nuls: u64,
    /// The text continues that of the previous part of the same line, because the line is longer than the maximum.
    pub is_continuation: bool,
    /// The text is continued by the next part of the same line.
    pub is_continued: bool,
}

impl RawLine<'_> {
    /// The offset in the file after this line, at which the next one begins.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset + self.length
    }
}
