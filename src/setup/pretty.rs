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
    let mut next = || members.next().map_or("", |(_, value)| value);
    let (time, level, message) = (word(next()), word(next()), message(next()));
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
    colour(out, code_of(level), &format!("{level:>5}"));
    out.push(b' ');
    let rest = members.map(|(key, value)| (word(key), word(value)));
    let (ids, others): (Vec<_>, Vec<_>) = rest.partition(|(key, _)| {
        key.contains("trace")
            || key.contains("span_id")
            || key.contains("spanId")
            || *key == "span.id"
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

/// Keys and values of a line, as JSON.
fn members(line: &[u8]) -> Option<Vec<(&str, &str)>> {
    if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
        return None;
    }
    let mut members = Vec::new();
    for entry in entries(line) {
        let key = entry.whole.start..entry.value.start.checked_sub(1)?;
        let key = std::str::from_utf8(line.get(key)?).ok()?;
        let value = std::str::from_utf8(line.get(entry.value)?).ok()?;
        members.push((key, value));
    }
    (members.len() > 2).then_some(members)
}

/// A key or a value: of a string its text, where that is one word. Else the JSON, with its quotes, in which nothing can harm a
/// terminal, and which cannot be read as another member: `note="x status=200"`.
fn word(json: &str) -> &str {
    unquoted(json)
        .filter(|text| !text.contains(|c: char| c.is_whitespace() || c == '='))
        .unwrap_or(json)
}

/// A message, which has words, in quotes where the end of it could be read as a member.
fn message(json: &str) -> &str {
    unquoted(json)
        .filter(|text| !text.contains('='))
        .unwrap_or(json)
}

/// The text of a string, if there is any and nothing in it is escaped.
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
        push(&mut out, line.as_bytes(), false);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn neither_a_message_nor_a_key_nor_a_value_can_pass_for_another_member() {
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
