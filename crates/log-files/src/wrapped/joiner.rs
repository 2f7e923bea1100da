use super::{Part, Stream};
use std::{borrow::Cow, mem};

/// Joins the parts of lines, for each stream of a container.
///
/// ```
/// use log_files::{Joiner, Wrapping};
///
/// let lines: [&[u8]; 2] =
///     [b"2026-11-28T18:53:17.1Z stdout P be", b"2026-11-28T18:53:17.2Z stdout F gin"];
/// let mut joiner = Joiner::new();
/// let first = Wrapping::Cri.part(lines[0]).expect("a part");
/// assert_eq!(joiner.push(0, first), None);
/// assert_eq!(joiner.unfinished_offset(), Some(0));
/// let last = Wrapping::Cri.part(lines[1]).expect("a part");
/// let joined = joiner.push(35, last).expect("a line");
/// assert_eq!((joined.offset, &*joined.text), (0, &b"begin"[..]));
/// ```
#[derive(Clone, Debug)]
pub struct Joiner {
    max: usize,
    stdout: Unfinished,
    stderr: Unfinished,
}

/// A line of a container that may have been joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined<'a> {
    /// The offset of its first part in the file.
    pub offset: u64,
    /// The time of its first part, for [`parse_time`](crate::parse_time).
    pub time: Cow<'a, [u8]>,
    /// Where the container wrote it.
    pub stream: Stream,
    /// The text of all its parts.
    pub text: Cow<'a, [u8]>,
    /// Whether the last part is missing, because the line is longer than the maximum or the file has ended. Later parts are then given as
    /// another line.
    pub is_cut: bool,
}

/// The parts so far of a line.
#[derive(Clone, Debug, Default)]
struct Unfinished {
    /// The offset of the first part.
    offset: Option<u64>,
    time: Vec<u8>,
    text: Vec<u8>,
}

impl Joiner {
    /// Joins lines of up to 1 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max: 1 << 20,
            stdout: Unfinished::default(),
            stderr: Unfinished::default(),
        }
    }

    /// Sets the length from which on a text is given although its last part is missing. The text may be longer than that by one part.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max = bytes;
        self
    }

    /// Adds the part at an offset of the file. Returns the line if this is its last part, or if the line is too long.
    pub fn push<'a>(&mut self, offset: u64, part: Part<'a>) -> Option<Joined<'a>> {
        let max = self.max;
        let unfinished = self.of(part.stream);
        if unfinished.offset.is_none() && (!part.is_partial || part.text.len() >= max) {
            return Some(Joined {
                offset,
                time: Cow::Borrowed(part.time),
                stream: part.stream,
                text: part.text,
                is_cut: part.is_partial,
            });
        }
        unfinished.add(offset, &part);
        if part.is_partial && unfinished.text.len() < max {
            return None;
        }
        unfinished.take(part.stream, part.is_partial)
    }

    /// The offset at which the oldest unfinished line began, if there is one. A reader that starts again must start there. It then reads
    /// lines of the other stream again that it may have read already.
    #[must_use]
    pub fn unfinished_offset(&self) -> Option<u64> {
        let offsets = [self.stdout.offset, self.stderr.offset];
        offsets.into_iter().flatten().min()
    }

    /// Returns an unfinished line, the oldest first, or `None` if there are no more. Call this when nothing will be appended to the file.
    pub fn finish(&mut self) -> Option<Joined<'static>> {
        let oldest = self.unfinished_offset()?;
        let stream = match self.stdout.offset {
            Some(offset) if offset == oldest => Stream::Stdout,
            _ => Stream::Stderr,
        };
        self.of(stream).take(stream, true)
    }

    fn of(&mut self, stream: Stream) -> &mut Unfinished {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

impl Default for Joiner {
    fn default() -> Self {
        Self::new()
    }
}

impl Unfinished {
    fn add(&mut self, offset: u64, part: &Part<'_>) {
        if self.offset.is_none() {
            self.offset = Some(offset);
            self.time = part.time.to_vec();
        }
        self.text.extend_from_slice(&part.text);
    }

    fn take(&mut self, stream: Stream, is_cut: bool) -> Option<Joined<'static>> {
        let Self { offset, time, text } = mem::take(self);
        Some(Joined {
            offset: offset?,
            time: Cow::Owned(time),
            stream,
            text: Cow::Owned(text),
            is_cut,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(stream: Stream, text: &str, is_partial: bool) -> Part<'_> {
        Part {
            time: b"2026-11-28T18:53:17Z",
            stream,
            text: Cow::Borrowed(text.as_bytes()),
            is_partial,
        }
    }

    fn summary(joined: Option<Joined<'_>>) -> Option<(u64, String, bool)> {
        let joined = joined?;
        let text = String::from_utf8(joined.text.into_owned()).expect("the text is UTF-8");
        Some((joined.offset, text, joined.is_cut))
    }

    #[test]
    fn the_parts_of_two_streams_are_joined_separately() {
        let mut joiner = Joiner::new();
        assert_eq!(joiner.push(0, part(Stream::Stdout, "ou", true)), None);
        assert_eq!(joiner.push(10, part(Stream::Stderr, "er", true)), None);
        assert_eq!(joiner.unfinished_offset(), Some(0));
        let out = joiner.push(20, part(Stream::Stdout, "t", false));
        assert_eq!(summary(out), Some((0, "out".to_owned(), false)));
        assert_eq!(joiner.unfinished_offset(), Some(10));
        let whole = joiner.push(30, part(Stream::Stdout, "whole", false));
        assert_eq!(summary(whole), Some((30, "whole".to_owned(), false)));
        let err = joiner.push(40, part(Stream::Stderr, "r", false));
        assert_eq!(summary(err), Some((10, "err".to_owned(), false)));
        assert_eq!(joiner.unfinished_offset(), None);
    }

    #[test]
    fn a_line_that_is_too_long_is_given_without_its_last_part() {
        let mut joiner = Joiner::new().with_max_bytes(4);
        assert_eq!(joiner.push(0, part(Stream::Stdout, "abc", true)), None);
        let cut = joiner.push(9, part(Stream::Stdout, "def", true));
        assert_eq!(summary(cut), Some((0, "abcdef".to_owned(), true)));
        assert_eq!(joiner.unfinished_offset(), None);
        let long = joiner.push(18, part(Stream::Stdout, "ghij", true));
        assert_eq!(summary(long), Some((18, "ghij".to_owned(), true)));
        let end = joiner.push(27, part(Stream::Stdout, "k", false));
        assert_eq!(summary(end), Some((27, "k".to_owned(), false)));
    }

    #[test]
    fn unfinished_lines_are_given_at_the_end_of_the_file_oldest_first() {
        let mut joiner = Joiner::new();
        assert_eq!(joiner.push(0, part(Stream::Stderr, "first", true)), None);
        assert_eq!(joiner.push(9, part(Stream::Stdout, "second", true)), None);
        assert_eq!(
            summary(joiner.finish()),
            Some((0, "first".to_owned(), true))
        );
        assert_eq!(
            summary(joiner.finish()),
            Some((9, "second".to_owned(), true))
        );
        assert_eq!(joiner.finish(), None);
    }
}
