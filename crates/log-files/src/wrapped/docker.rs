use super::{
    Part, Stream,
    cri::is_time,
    string::{split_string, unescape_to_quote},
};
use memchr::memchr2;
use std::borrow::Cow;

/// Unwraps a line: an object with the members `log`, `stream`, `time` and maybe `attrs`, in any order.
///
/// Docker puts a newline at the end of `log` in the last part of a line only. It leaves `log` out if it is empty.
pub(super) fn part(line: &[u8]) -> Option<Part<'_>> {
    let mut members = Members::new(line)?;
    let (mut log, mut stream, mut time) = (Log::default(), None, None);
    while let Some(key) = members.key()? {
        match key {
            b"log" => log = members.log()?,
            b"stream" => stream = Stream::from_name(members.string()?),
            b"time" => time = Some(members.string()?),
            b"attrs" => members.skip_strings()?,
            _ => return None,
        }
    }
    Some(Part {
        time: time.filter(|time| is_time(time))?,
        stream: stream?,
        text: log.text,
        is_partial: !log.is_complete,
    })
}

/// The member `log`.
#[derive(Default)]
struct Log<'a> {
    /// The text without its newline. A container with a terminal writes `\r\n`.
    text: Cow<'a, [u8]>,
    is_complete: bool,
}

/// The members of an object that takes a whole line.
struct Members<'a> {
    rest: &'a [u8],
    is_first: bool,
}

impl<'a> Members<'a> {
    fn new(line: &'a [u8]) -> Option<Self> {
        let rest = line.trim_ascii().strip_prefix(b"{")?;
        let is_first = true;
        Some(Self { rest, is_first })
    }

    /// Returns the next key, or `Some(None)` at the end of the object and the line.
    fn key(&mut self) -> Option<Option<&'a [u8]>> {
        if self.take(b"}") {
            return self.rest.is_empty().then_some(None);
        }
        if !self.is_first && !self.take(b",") {
            return None;
        }
        self.is_first = false;
        let key = self.string()?;
        self.take(b":").then_some(Some(key))
    }

    /// Takes a token, if it comes next.
    fn take(&mut self, token: &[u8]) -> bool {
        let rest = self.rest.trim_ascii_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes a string, with its escapes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let (string, rest) = split_string(self.rest.trim_ascii_start())?;
        self.rest = rest;
        Some(string)
    }

    /// Takes the string of `log`.
    fn log(&mut self) -> Option<Log<'a>> {
        let inside = self.rest.trim_ascii_start().strip_prefix(b"\"")?;
        let (plain, after) = inside.split_at(memchr2(b'"', b'\\', inside)?);
        // A plain text has no escapes but its newline, and is borrowed.
        for (end, is_complete) in [(&b"\\n\""[..], true), (b"\"", false), (b"\\r\\n\"", true)] {
            if let Some(rest) = after.strip_prefix(end) {
                self.rest = rest;
                let text = Cow::Borrowed(plain);
                return Some(Log { text, is_complete });
            }
        }
        let (mut text, rest) = unescape_to_quote(inside)?;
        self.rest = rest;
        let is_complete = text.pop_if(|last| *last == b'\n').is_some();
        if is_complete {
            text.pop_if(|last| *last == b'\r');
        }
        let text = Cow::Owned(text);
        Some(Log { text, is_complete })
    }

    /// Passes an object of strings.
    fn skip_strings(&mut self) -> Option<()> {
        if !self.take(b"{") {
            return None;
        }
        if self.take(b"}") {
            return Some(());
        }
        loop {
            self.string()?;
            if !self.take(b":") {
                return None;
            }
            self.string()?;
            if self.take(b"}") {
                return Some(());
            }
            if !self.take(b",") {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-11-28T18:53:17.298748123Z";

    fn unwrapped(line: &str) -> Option<(Stream, String, bool)> {
        let part = part(line.as_bytes())?;
        assert_eq!(part.time, TIME.as_bytes());
        let text = String::from_utf8(part.text.into_owned()).expect("the text is UTF-8");
        Some((part.stream, text, part.is_partial))
    }

    #[test]
    fn members_are_found_in_any_order_and_with_spaces() {
        let expected = Some((Stream::Stderr, "a".to_owned(), false));
        for line in [
            format!(r#"{{"log":"a\n","stream":"stderr","time":"{TIME}"}}"#),
            format!(r#" {{ "time" : "{TIME}" , "stream" : "stderr" , "log" : "a\n" }} "#),
            format!(r#"{{"log":"a\n","stream":"stderr","attrs":{{}},"time":"{TIME}"}}"#),
            format!(
                r#"{{"log":"a\n","stream":"stderr","attrs":{{"tag":"x","}}":"\"{{"}},"time":"{TIME}"}}"#
            ),
        ] {
            assert_eq!(unwrapped(&line), expected, "{line}");
        }
    }

    #[test]
    fn a_text_without_a_newline_at_its_end_is_a_part() {
        for (log, text, is_partial) in [
            (r"whole\n", "whole", false),
            (r"begin", "begin", true),
            (r"a path\\n", r"a path\n", true),
            (r"a path\\\n", r"a path\", false),
            (r"terminal\r\n", "terminal", false),
            (r"a path\\r\n", r"a path\r", false),
            (r"two\nlines\n", "two\nlines", false),
            (r"\n", "", false),
            ("", "", true),
        ] {
            let line = format!(r#"{{"log":"{log}","stream":"stdout","time":"{TIME}"}}"#);
            let expected = Some((Stream::Stdout, text.to_owned(), is_partial));
            assert_eq!(unwrapped(&line), expected, "{line}");
        }
        let line = format!(r#"{{"stream":"stdout","time":"{TIME}"}}"#);
        let expected = Some((Stream::Stdout, String::new(), true));
        assert_eq!(unwrapped(&line), expected, "an empty part");
    }

    #[test]
    fn a_text_without_escapes_is_borrowed() {
        let line = format!(r#"{{"log":"text\n","stream":"stdout","time":"{TIME}"}}"#);
        let part = part(line.as_bytes()).expect("a line of Docker");
        assert!(matches!(part.text, Cow::Borrowed(b"text")));
    }

    #[test]
    fn torn_lines_are_not_unwrapped() {
        let line =
            format!(r#"{{"log":"a\n","stream":"stdout","attrs":{{"a":"b"}},"time":"{TIME}"}}"#);
        for end in 0..line.len() {
            assert_eq!(part(&line.as_bytes()[..end]), None, "{}", &line[..end]);
        }
    }
}
