use super::{HOLE_BYTES, MAX_LINE_BYTES, RawLine, leading_nuls};
use memchr::memchr2;
use std::{borrow::Cow, mem};

/// UTF-8's byte order mark, which some programs write at the start of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Splits a file into lines, from chunks of any length that are given one after another.
///
/// The lines are the same, whatever the lengths of the chunks. Between two chunks it keeps the text of the unfinished line, which is at most
/// the maximum.
///
/// ```
/// use log_files::LineSplitter;
///
/// let mut splitter = LineSplitter::new(0);
/// let lines: Vec<_> = splitter.push(b"first\nsec").collect();
/// assert_eq!((lines.len(), &*lines[0].text), (1, &b"first"[..]));
/// // A reader that stops here continues at this offset.
/// assert_eq!(splitter.unfinished_offset(), 6);
///
/// let lines: Vec<_> = splitter.push(b"ond\n").collect();
/// assert_eq!((lines[0].offset, &*lines[0].text), (6, &b"second"[..]));
/// ```
#[derive(Clone, Debug)]
pub struct LineSplitter {
    max: usize,
    /// The offset of the next byte.
    offset: u64,
    /// The offset at which the unfinished line begins.
    start: u64,
    /// The text of the unfinished line, without NUL bytes.
    text: Vec<u8>,
    /// How many NUL bytes were left out of that text.
    nuls: u64,
    /// How many NUL bytes came last. It depends on the next byte whether they belong to the unfinished line.
    run: u64,
    /// Whether a part of the unfinished line has been given already.
    is_continuation: bool,
}

impl LineSplitter {
    /// Starts at the given offset of a file, which is the beginning of a line.
    #[must_use]
    pub fn new(offset: u64) -> Self {
        Self {
            max: MAX_LINE_BYTES,
            offset,
            start: offset,
            text: Vec::new(),
            nuls: 0,
            run: 0,
            is_continuation: false,
        }
    }

    /// Sets the maximum length of a text, by default [`MAX_LINE_BYTES`]. A longer line is given in parts. The parts end between two
    /// characters if the text is UTF-8.
    #[must_use]
    pub fn with_max_line_bytes(mut self, bytes: usize) -> Self {
        self.max = bytes.max(1);
        self
    }

    /// Returns the lines that end in the next chunk of the file, which begins at [`next_offset`](Self::next_offset).
    ///
    /// The iterator may be dropped early. The next chunk then begins after the last line that it returned.
    pub fn push<'a>(&'a mut self, chunk: &'a [u8]) -> Lines<'a> {
        Lines {
            splitter: self,
            rest: chunk,
        }
    }

    /// The offset of the next byte to be pushed.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.offset
    }

    /// The offset at which the unfinished line begins, or the next line, if there is no unfinished one. All lines before it have been
    /// returned, so a reader that starts again there misses nothing.
    #[must_use]
    pub fn unfinished_offset(&self) -> u64 {
        self.start
    }

    /// Forgets NUL bytes at the end of what has been pushed, and returns the offset of the next byte to be pushed.
    ///
    /// Call this at the end of a file that may still be written: if its writer reserves space in advance, it will write text in place of
    /// these bytes.
    pub fn forget_trailing_nuls(&mut self) -> u64 {
        self.offset -= self.run;
        self.run = 0;
        self.offset
    }

    /// Returns the text after the last line ending, if there is one. Call this at the end of a file to which nothing will be appended. NUL
    /// bytes at its end are left out, and not counted.
    pub fn finish(&mut self) -> Option<RawLine<'static>> {
        self.forget_trailing_nuls();
        if self.text.is_empty() {
            return None;
        }
        let text = mem::take(&mut self.text);
        Some(self.emit(self.offset, Cow::Owned(text), false))
    }

    /// Makes a line out of a text that ends at the given offset, and begins the next line there.
    fn emit<'a>(&mut self, end: u64, text: Cow<'a, [u8]>, is_continued: bool) -> RawLine<'a> {
        let has_mark = self.start == 0 && text.starts_with(BYTE_ORDER_MARK);
        let line = RawLine {
            offset: self.start,
            length: end - self.start,
            text: if has_mark {
                without(text, BYTE_ORDER_MARK.len())
            } else {
                text
            },
            nuls: mem::take(&mut self.nuls),
            is_continuation: mem::replace(&mut self.is_continuation, is_continued),
            is_continued,
        };
        self.start = end;
        line
    }
}

/// The lines of one chunk. See [`LineSplitter::push`].
#[derive(Debug)]
#[must_use = "lines are only found while this is iterated over"]
pub struct Lines<'a> {
    splitter: &'a mut LineSplitter,
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = RawLine<'a>;

    fn next(&mut self) -> Option<RawLine<'a>> {
        while !self.rest.is_empty() {
            if let Some(line) = self.pass_nuls() {
                return Some(line);
            }
            let room = self.splitter.max - self.splitter.text.len();
            let window = &self.rest[..self.rest.len().min(room + 1)];
            match memchr2(b'\n', 0, window) {
                Some(at) if window[at] == b'\n' => return Some(self.line_until(at)),
                Some(at) => self.keep(at),
                None if window.len() > room => return Some(self.part(room)),
                None => self.keep(window.len()),
            }
        }
        None
    }
}

impl<'a> Lines<'a> {
    /// Passes NUL bytes. Returns the line before them if they are a hole that has ended.
    fn pass_nuls(&mut self) -> Option<RawLine<'a>> {
        let splitter = &mut *self.splitter;
        if self.rest[0] == 0 {
            let nuls = leading_nuls(self.rest);
            self.rest = &self.rest[nuls..];
            splitter.run += nuls as u64;
            splitter.offset += nuls as u64;
            if self.rest.is_empty() {
                return None;
            }
        }
        if splitter.run == 0 {
            return None;
        }
        let hole = mem::take(&mut splitter.run);
        let line = if hole >= HOLE_BYTES && !splitter.text.is_empty() {
            let text = mem::take(&mut splitter.text);
            Some(splitter.emit(splitter.offset - hole, Cow::Owned(text), false))
        } else {
            None
        };
        splitter.nuls += hole;
        line
    }

    /// Takes the line that ends with the newline at this index.
    fn line_until(&mut self, at: usize) -> RawLine<'a> {
        let (piece, rest) = self.rest.split_at(at);
        self.rest = &rest[1..];
        let splitter = &mut *self.splitter;
        splitter.offset += at as u64 + 1;
        let text = if splitter.text.is_empty() {
            Cow::Borrowed(piece.strip_suffix(b"\r").unwrap_or(piece))
        } else {
            let mut text = mem::take(&mut splitter.text);
            text.extend_from_slice(piece);
            text.pop_if(|last| *last == b'\r');
            Cow::Owned(text)
        };
        splitter.emit(splitter.offset, text, false)
    }

    /// Adds the next bytes to the unfinished line.
    fn keep(&mut self, bytes: usize) {
        let (piece, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.splitter.text.extend_from_slice(piece);
        self.splitter.offset += bytes as u64;
    }

    /// Takes a part of a line that is too long: these bytes, and no newline after them.
    fn part(&mut self, room: usize) -> RawLine<'a> {
        self.keep(room);
        let splitter = &mut *self.splitter;
        let mut text = mem::take(&mut splitter.text);
        // The offset of the next part must be exact, so this is only done if there were no NUL bytes between these bytes.
        if splitter.nuls == 0 && self.rest.first().is_some_and(|next| is_within_char(*next)) {
            splitter.text = text.split_off(start_of_last_char(&text));
        }
        let end = splitter.offset - splitter.text.len() as u64;
        splitter.emit(end, Cow::Owned(text), true)
    }
}

/// Whether a byte of UTF-8 is not the first one of its character.
fn is_within_char(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// The index of the first byte of the last character. Returns the length if that is not UTF-8.
fn start_of_last_char(text: &[u8]) -> usize {
    let back = text.iter().rev().take(3).position(|b| !is_within_char(*b));
    match back {
        Some(back) if back + 1 < text.len() && !text[text.len() - back - 1].is_ascii() => {
            text.len() - back - 1
        }
        _ => text.len(),
    }
}

fn without(text: Cow<'_, [u8]>, first: usize) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[first..]),
        Cow::Owned(mut text) => {
            text.drain(..first);
            Cow::Owned(text)
        }
    }
}
