//! Lines in files beside the cursor: those that were rejected, and those that wait to be sent again.
//!
//! Each line of such a file is a JSON object, from which the line can be sent again as it was:
//!
//! ```text
//! id           the id that the line was sent with
//! offset       its place in its file
//! nanos        the time that it was sent with, in nanoseconds since 1970
//! why          the server's message, and why the line is not waited for (any more)
//! line         the line, or
//! line_base64  a line that is not UTF-8
//! stream       the stream of a container that wrote it, if it is known
//! redacted_by  the fingerprint of the rules by which the line is redacted, in hexadecimal, if there were any
//! ```

use super::batch::{Batch, Entry, Line, Source};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use log_files::{LineReader, Stream};
use serde_json::{Value, json};
use std::io::Write as _;

/// Appends the record of a line.
pub(super) fn push(out: &mut Vec<u8>, line: Line<'_>, why: &str) {
    let mut record =
        json!({ "id": line.id(), "offset": line.offset(), "nanos": line.nanos(), "why": why });
    match std::str::from_utf8(line.text()) {
        Ok(text) => record["line"] = text.into(),
        Err(_) => record["line_base64"] = BASE64_STANDARD.encode(line.text()).into(),
    }
    if let Some(stream) = line.stream() {
        record["stream"] = stream.into();
    }
    if let Some(rules) = line.redacted_by() {
        record["redacted_by"] = format!("{rules:08x}").into();
    }
    // Writing to a `Vec` cannot fail.
    let _ = writeln!(out, "{record}");
}

/// Adds the line of a record to a batch. Returns whether it will be sent with the same id as before.
pub(super) fn add(batch: &mut Batch, record: &[u8], reader: &LineReader) -> bool {
    let Some((id, mut entry, text)) = parse(record) else {
        return false;
    };
    let start = batch.text.len();
    batch.text.extend_from_slice(&text);
    entry.range = start..batch.text.len();
    entry.located = reader.locate(&text);
    batch.lines.push(entry);
    let added = batch.line(batch.len() - 1);
    if added.is_some_and(|line| line.id() == id) {
        return true;
    }
    batch.lines.pop();
    batch.text.truncate(start);
    false
}

/// Reads a record. Returns the id and the text of its line too.
fn parse(record: &[u8]) -> Option<(String, Entry, Vec<u8>)> {
    let record: Value = serde_json::from_slice(record).ok()?;
    let text = match (&record["line"], &record["line_base64"]) {
        (Value::String(line), _) => line.as_bytes().to_vec(),
        (_, Value::String(line)) => BASE64_STANDARD.decode(line).ok()?,
        _ => return None,
    };
    let id = record["id"].as_str()?.to_owned();
    // An id that is not the line's own consists of the lineage and the offset.
    let lineage = id
        .rsplit_once('-')
        .and_then(|(lineage, _)| lineage.parse().ok());
    let entry = Entry {
        source: Source::File,
        range: 0..0,
        lineage: lineage.or_else(|| "0".parse().ok())?,
        offset: record["offset"].as_u64()?,
        nanos: record["nanos"].as_i64()?,
        located: None,
        stream: match record["stream"].as_str() {
            Some("stdout") => Some(Stream::Stdout),
            Some("stderr") => Some(Stream::Stderr),
            _ => None,
        },
        redacted_by: record["redacted_by"]
            .as_str()
            .and_then(|rules| u32::from_str_radix(rules, 16).ok()),
    };
    Some((id, entry, text))
}
