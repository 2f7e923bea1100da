//! Lines for reading on a terminal.

use crate::json::entries;
use std::io::{self, Write};

/// Takes JSON lines, and writes them as text.
pub(super) struct Pretty<W> {
    sink: W,
    has_colours: bool,
    /// What the sink has not taken.
    text: Vec<u8>,
    written: usize,
}

impl<W> Pretty<W> {
    pub(super) fn new(sink: W, has_colours: bool) -> Self {
        Self {
            sink,
            has_colours,
            text: Vec::new(),
            written: 0,
        }
    }
}

impl<W: Write> Pretty<W> {
    fn write_rest(&mut self) -> io::Result<()> {
        while self.written < self.text.len() {
            match self.sink.write(&self.text[self.written..])? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => self.written += written,
            }
        }
        self.text.clear();
        self.written = 0;
        Ok(())
    }
}

impl<W: Write> Write for Pretty<W> {
    /// Takes whole lines, and keeps what the sink does not take.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.write_rest()?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            push(&mut self.text, line, self.has_colours);
        }
        // An error comes with the next write or flush: these lines are taken.
        let _ = self.write_rest();
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_rest()?;
        self.sink.flush()
    }
}

/// `11:04:00.123456Z  INFO shop::orders: handled request  method=GET status=200  trace_id=… span_id=…`
fn push(out: &mut Vec<u8>, line: &[u8], has_colours: bool) {
    let line = line.trim_ascii_end();
    let Some(members) = members(line) else {
        out.extend_from_slice(line);
        out.push(b'\n');
        return;
    };
    // The order of a line's first keys is the same in every schema: time, level, message.
    let mut members = members.into_iter();
    let mut next = || members.next().unwrap_or_default();
    let (time, level, message) = (next().1, next().1, next().1);
    let time = time.split_once('T').map_or(&*time, |(_, time)| time);
    let colour = |out: &mut Vec<u8>, code: &str, text: &str| {
        if has_colours {
            out.extend_from_slice(format!("\u{1b}[{code}m{text}\u{1b}[0m").as_bytes());
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    };
    colour(out, "2", time);
    out.push(b' ');
    colour(out, code_of(&level), &format!("{level:>5}"));
    out.push(b' ');
    let rest: Vec<(String, String)> = members.collect();
    let (ids, others): (Vec<_>, Vec<_>) = rest.iter().partition(|(key, _)| {
        key.contains("trace")
            || key.contains("span_id")
            || key.contains("spanId")
            || key == "span.id"
    });
    out.extend_from_slice(message.as_bytes());
    for (key, value) in others {
        out.push(b' ');
        colour(out, "3", key);
        out.push(b'=');
        out.extend_from_slice(value.as_bytes());
    }
    for (key, value) in ids {
        colour(out, "2", &format!(" {key}={value}"));
    }
    out.push(b'\n');
}

fn code_of(level: &str) -> &'static str {
    match level {
        "ERROR" => "31",
        "WARN" | "WARNING" => "33",
        "INFO" => "32",
        "DEBUG" => "34",
        _ => "35",
    }
}

/// Keys and values of a line: strings as their text, where it needs no quotes.
fn members(line: &[u8]) -> Option<Vec<(String, String)>> {
    if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
        return None;
    }
    let mut members = Vec::new();
    for entry in entries(line) {
        let key =
            std::str::from_utf8(line.get(entry.whole.start..entry.value.start.checked_sub(1)?)?)
                .ok()?;
        let value = std::str::from_utf8(line.get(entry.value)?).ok()?;
        members.push((text(key), text(value)));
    }
    (members.len() > 2).then_some(members)
}

/// The text of a string, if it is one and nothing in it is escaped; else the JSON as it is, in which nothing can harm a terminal.
fn text(json: &str) -> String {
    let plain = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|text| !text.contains('\\') && !text.is_empty());
    plain.unwrap_or(json).to_owned()
}
