//! Encodes a `PushRequest` of Loki's `pkg/push/push.proto` in protobuf's wire format, and sends it.

use super::labels::{Labels, unescaped};
use crate::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    cut::cut_line,
    verdict::Verdict,
};
use std::collections::HashMap;

pub(super) const PATH: &str = "/loki/api/v1/push";

/// Encodes lines as a push request. These are the messages:
///
/// ```text
/// message PushRequest  { repeated StreamAdapter streams = 1; }
/// message StreamAdapter { string labels = 1; repeated EntryAdapter entries = 2; }
/// message EntryAdapter  { Timestamp timestamp = 1; string line = 2; repeated LabelPairAdapter structuredMetadata = 3; }
/// message Timestamp     { int64 seconds = 1; int32 nanos = 2; }
/// message LabelPair     { string name = 1; string value = 2; }
/// ```
pub(super) fn encode(
    labels: &Labels,
    max_line_bytes: usize,
    batch: &Batch,
    lines: &[usize],
    body: &mut Body,
) {
    // Finds the stream of each line. Lines of the same stream keep their order.
    let mut by_key: HashMap<Vec<u8>, usize> = HashMap::new();
    let (mut key, mut last_key, mut last) = (Vec::new(), Vec::new(), None);
    let mut sorted: Vec<(usize, Line<'_>)> = Vec::with_capacity(lines.len());
    for line in lines.iter().filter_map(|index| batch.line(*index)) {
        key.clear();
        labels.push_key(line, &mut key);
        let next = by_key.len();
        let at = match last {
            Some(at) if key == last_key => at,
            _ => *by_key.entry(key.clone()).or_insert(next),
        };
        last = Some(at);
        std::mem::swap(&mut key, &mut last_key);
        sorted.push((at, line));
    }
    sorted.sort_by_key(|(stream, _)| *stream);

    let mut cut = 0;
    body.snappy(|request| {
        for stream in sorted.chunk_by(|(one, _), (other, _)| one == other) {
            let start = begin_message(request, 1);
            if let Some((_, line)) = stream.first() {
                push_bytes(request, 1, labels.render(*line).as_bytes());
            }
            for (_, line) in stream {
                let start = begin_message(request, 2);
                cut += u64::from(push_entry(request, *line, max_line_bytes));
                end_message(request, start);
            }
            end_message(request, start);
        }
    });
    body.cut = cut;
}

/// Appends an entry. Returns whether its line was cut.
fn push_entry(entry: &mut Vec<u8>, line: Line<'_>, max_line_bytes: usize) -> bool {
    let nanos = line.nanos();
    let mut time = [0; 24];
    let mut length = 0;
    let mut put = |tag: u8, value: u64| {
        time[length] = tag;
        length += 1 + write_varint(&mut time[length + 1..], value);
    };
    put(0x08, nanos.div_euclid(1_000_000_000).cast_unsigned());
    put(0x10, nanos.rem_euclid(1_000_000_000).cast_unsigned());
    push_bytes(entry, 1, &time[..length]);

    let text = line.text();
    let shorter =
        (text.len() > max_line_bytes).then(|| cut_line(text, line.is_json(), max_line_bytes));
    let text = shorter.as_deref().unwrap_or(text);
    match std::str::from_utf8(text) {
        Ok(text) => push_bytes(entry, 2, text.as_bytes()),
        // A protobuf string has to be UTF-8.
        Err(_) => push_bytes(entry, 2, String::from_utf8_lossy(text).as_bytes()),
    }
    let metadata = [
        ("trace_id", line.member(|located| &located.trace_id)),
        ("span_id", line.member(|located| &located.span_id)),
        ("trace_flags", line.member(|located| &located.trace_flags)),
    ];
    for (name, value) in metadata {
        let Some(value) = value else { continue };
        let is_plain = value.is_ascii() && !value.contains(&b'\\');
        let owned = (!is_plain).then(|| unescaped(value));
        let value = owned.as_deref().map_or(value, str::as_bytes);
        push_field_head(
            entry,
            3,
            2 + name.len() + 1 + varint_length(value.len() as u64) + value.len(),
        );
        push_bytes(entry, 1, name.as_bytes());
        push_bytes(entry, 2, value);
    }
    shorter.is_some()
}

fn push_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    push_field_head(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends the tag and the length of a field that is a string or a message.
fn push_field_head(out: &mut Vec<u8>, field: u8, length: usize) {
    let mut head = [0; 11];
    head[0] = field << 3 | 2;
    let used = 1 + write_varint(&mut head[1..], length as u64);
    out.extend_from_slice(&head[..used]);
}

/// How many bytes are reserved for a length that is not known yet. A varint may have more bytes than it needs.
const RESERVED_LENGTH: usize = 5;

/// Appends the tag of a message of still unknown length. Returns the index at which its contents begin.
fn begin_message(out: &mut Vec<u8>, field: u8) -> usize {
    out.push(field << 3 | 2);
    out.extend_from_slice(&[0; RESERVED_LENGTH]);
    out.len()
}

/// Writes the length of everything after `start` into the bytes that were reserved for it.
fn end_message(out: &mut [u8], start: usize) {
    let mut length = out.len() - start;
    for (at, byte) in out[start - RESERVED_LENGTH..start].iter_mut().enumerate() {
        let more = if at == RESERVED_LENGTH - 1 { 0 } else { 0x80 };
        *byte = (length & 0x7f) as u8 | more;
        length >>= 7;
    }
}

/// Writes a varint. Returns the number of its bytes.
fn write_varint(out: &mut [u8], mut value: u64) -> usize {
    let mut at = 0;
    while value >= 0x80 {
        out[at] = (value as u8) | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

fn varint_length(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Sends a push request. Loki's status applies to the whole request, but Loki has stored those lines that it could accept.
pub(super) fn send(client: &Client, body: &[u8]) -> Verdict {
    let headers = [("content-type", "application/x-protobuf")];
    match client.post(PATH, &headers, body) {
        Ok(response) => {
            Verdict::from_status(response.status, response.retry_after, &response.text())
        }
        Err(why) => Verdict::no_response(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varint_has_as_many_bytes_as_it_needs() {
        for (value, length) in [
            (0, 1),
            (127, 1),
            (128, 2),
            (16_383, 2),
            (16_384, 3),
            (u64::MAX, 10),
        ] {
            let mut out = [0; 10];
            assert_eq!(
                (write_varint(&mut out, value), varint_length(value)),
                (length, length)
            );
        }
    }

    /// Returns the fields of a message: the number of each, and its bytes or its value.
    fn fields(mut message: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut all = Vec::new();
        let varint = |message: &mut &[u8]| {
            let mut value = 0_u64;
            for shift in (0..64).step_by(7) {
                let (byte, rest) = message.split_first().expect("the message is complete");
                *message = rest;
                value |= u64::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            value
        };
        while !message.is_empty() {
            let tag = varint(&mut message);
            let value = varint(&mut message);
            if tag & 7 == 2 {
                let (bytes, rest) = message.split_at(value as usize);
                message = rest;
                all.push(((tag >> 3) as u8, bytes.to_vec()));
            } else {
                all.push(((tag >> 3) as u8, value.to_le_bytes().to_vec()));
            }
        }
        all
    }

    #[test]
    fn a_request_has_a_stream_for_each_set_of_labels_and_the_ids_are_metadata() {
        let text = concat!(
            r#"{"timestamp":"1970-01-01T00:00:01.000002Z","level":"INFO","message":"a","trace_id":"4b","span_id":"f0","trace_flags":"01"}"#,
            "\n",
            r#"{"timestamp":"1970-01-01T00:00:01.000003Z","level":"WARN","message":"b"}"#,
            "\n",
            "no JSON\n",
            r#"{"timestamp":"1970-01-01T00:00:01.000002Z","level":"INFO","message":"a","trace_id":"4b","span_id":"f0","trace_flags":"01"}"#,
            "\n",
        );
        let batch = Batch::of_text(text);
        let mut body = Body::default();
        encode(&Labels::default(), 1_024, &batch, &[0, 1, 2, 3], &mut body);
        let request = snap::raw::Decoder::new()
            .decompress_vec(body.bytes())
            .expect("the body is snappy");
        let streams: Vec<_> = fields(&request)
            .into_iter()
            .map(|(_, stream)| fields(&stream))
            .collect();
        let label = |stream: &Vec<(u8, Vec<u8>)>| {
            String::from_utf8(stream[0].1.clone()).expect("labels are UTF-8")
        };
        let labels: Vec<_> = streams.iter().map(label).collect();
        assert_eq!(
            labels,
            [
                r#"{level="info", service_name="unknown_service"}"#,
                r#"{level="warn", service_name="unknown_service"}"#,
                r#"{service_name="unknown_service"}"#,
            ]
        );
        assert_eq!(
            streams
                .iter()
                .map(|stream| stream.len() - 1)
                .collect::<Vec<_>>(),
            [2, 1, 1]
        );
        let nanos = |entry: &[u8]| {
            let time = fields(&fields(entry)[0].1);
            u32::from_le_bytes(time[1].1[..4].try_into().expect("there are four bytes"))
        };
        // Equal lines get different times. Text gets the time of the line before it, plus a nanosecond for each byte.
        assert_eq!(
            (nanos(&streams[0][1].1), nanos(&streams[0][2].1)),
            (2_000, 2_001)
        );
        assert_eq!(nanos(&streams[2][1].1), 3_073);
        let metadata: Vec<_> = fields(&streams[0][1].1)[2..]
            .iter()
            .map(|(_, pair)| {
                let pair = fields(pair);
                format!(
                    "{}={}",
                    String::from_utf8_lossy(&pair[0].1),
                    String::from_utf8_lossy(&pair[1].1)
                )
            })
            .collect();
        assert_eq!(metadata, ["trace_id=4b", "span_id=f0", "trace_flags=01"]);
    }
}
