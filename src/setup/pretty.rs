//! Turns JSON lines into text for a terminal.

use crate::schema::Schema;
use log_files::{KeyNames, LineReader, TextRange, json::entries};
use std::{
    io::{self, Write},
    ops::Range,
};

/// Writer that takes JSON lines and writes them to `sink` as text.
pub(super) struct Pretty<W> {
    sink: W,
    has_colours: bool,
    reader: LineReader,
    /// Text that is not written to the sink yet.
    text: Vec<u8>,
    written: usize,
}

impl<W> Pretty<W> {
    /// Returns a writer for lines of a schema.
    pub(super) fn new(sink: W, schema: &Schema, has_colours: bool) -> Self {
        Self {
            sink,
            has_colours,
            reader: LineReader::new(Some(&KeyNames::from(schema))),
            text: Vec::new(),
            written: 0,
        }
    }
}

impl<W: Write> Pretty<W> {
    fn write_pending(&mut self) -> io::Result<()> {
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
    /// Accepts whole lines, and keeps text that the sink does not accept.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.write_pending()?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            push(&mut self.text, line, &self.reader, self.has_colours);
        }
        match self.write_pending() {
            // None of it is written: the caller keeps the lines, and tries again.
            Err(error) if self.written == 0 => {
                self.text.clear();
                Err(error)
            }
            // Some of it is written, so the lines are accepted. The next write or flush continues, and returns the error.
            _ => Ok(lines.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_pending()?;
        self.sink.flush()
    }
}

/// Appends a line as text:
/// `11:04:00.123456Z  INFO handled request target=shop::orders method=GET status=200 trace_id=… span_id=…`
fn push(out: &mut Vec<u8>, line: &[u8], reader: &LineReader, has_colours: bool) {
    let line = line.trim_ascii_end();
    let located = reader.locate(line).unwrap_or_default();
    let (Some(time), Some(level), Some(message_at)) =
        (located.time, located.level, located.message)
    else {
        out.extend_from_slice(line);
        out.push(b'\n');
        return;
    };
    let value = |at: TextRange| word(json_at(line, at));
    let (time, level) = (value(time), value(level));
    let message = message(json_at(line, message_at));
    let time = time.split_once('T').map_or(time, |(_, time)| time);
    let colour = |out: &mut Vec<u8>, code: &str, text: &str| {
        if has_colours {
            out.extend_from_slice(format!("\u{1b}[{code}m{text}\u{1b}[0m").as_bytes());
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    };
    colour(out, "2", time);
    out.push(b' ');
    colour(out, colour_code(level), &format!("{level:>5}"));
    out.push(b' ');
    let has = |value: &Range<usize>, at: Option<TextRange>| {
        at.map(TextRange::range)
            .is_some_and(|at| value.start <= at.start && at.end <= value.end)
    };
    let (mut ids, mut others) = (Vec::new(), Vec::new());
    for entry in entries(line) {
        let at = &entry.value;
        if has(at, located.time) || has(at, located.level) || has(at, located.message) {
            continue;
        }
        let is_id = has(at, located.trace_id)
            || has(at, located.span_id)
            || has(at, located.trace_flags)
            || has(at, located.record_uid);
        let list = if is_id { &mut ids } else { &mut others };
        let key = entry.key.start - 1..entry.key.end + 1;
        list.push((word(text(line, &key)), word(text(line, at))));
    }
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

fn colour_code(level: &str) -> &'static str {
    match level {
        "ERROR" => "31",
        "WARN" | "WARNING" => "33",
        "INFO" => "32",
        "DEBUG" => "34",
        _ => "35",
    }
}

/// The JSON of a located value, with the quotes of a string.
fn json_at(line: &[u8], value: TextRange) -> &str {
    let value = value.range();
    let is_string = value.start > 0 && line.get(value.start - 1) == Some(&b'"');
    match is_string {
        true => text(line, &(value.start - 1..value.end + 1)),
        false => text(line, &value),
    }
}

fn text<'l>(line: &'l [u8], range: &Range<usize>) -> &'l str {
    let bytes = line.get(range.clone()).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Shows a key or a value. A string of one word is shown without quotes. Everything else is shown as its JSON, which has no control
/// characters for the terminal and cannot be taken for another member: `note="x status=200"`.
fn word(json: &str) -> &str {
    unquoted(json)
        .filter(|text| !text.contains(|c: char| c.is_whitespace() || c == '='))
        .unwrap_or(json)
}

/// Shows a message, in quotes if its end could be taken for a member.
fn message(json: &str) -> &str {
    unquoted(json)
        .filter(|text| !text.contains('='))
        .unwrap_or(json)
}

/// The text of a JSON string that is not empty and has no escapes.
fn unquoted(json: &str) -> Option<&str> {
    json.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|text| !text.contains('\\') && !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(line: &str) -> String {
        let mut out = Vec::new();
        push(&mut out, line.as_bytes(), &LineReader::default(), false);
        String::from_utf8(out).expect("pretty lines are UTF-8")
    }

    #[test]
    fn no_message_key_or_value_can_be_taken_for_another_member() {
        let begin = r#"{"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"#;
        for (rest, shown) in [
            (r#""order placed","status":500}"#, "order placed status=500"),
            (r#""order placed","note":"ok"}"#, "order placed note=ok"),
            (
                r#""order placed","note":"x status=200"}"#,
                r#"order placed note="x status=200""#,
            ),
            (
                "\"order placed\",\"note\":\"x\u{a0}status\"}",
                "order placed note=\"x\u{a0}status\"",
            ),
            (
                r#""order placed","note":"a=b"}"#,
                r#"order placed note="a=b""#,
            ),
            (
                r#""order placed","x status":"200"}"#,
                r#"order placed "x status"=200"#,
            ),
            (
                r#""placed status=200","n":1}"#,
                r#""placed status=200" n=1"#,
            ),
            (
                r#""order placed","note":"\u202ex"}"#,
                r#"order placed note="\u202ex""#,
            ),
            (r#""order placed","note":""}"#, r#"order placed note="""#),
        ] {
            let line = pretty(&format!("{begin}{rest}\n"));
            assert_eq!(line, format!("11:04:00.123456Z  INFO {shown}\n"));
        }
    }
}
