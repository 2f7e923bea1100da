//! Encodes a `PushRequest` of Loki's `pkg/push/push.proto` in protobuf's wire format, and sends it.

use super::labels::Labels;
use crate::{
    batch::{Batch, Line},
    body::Body,
    client::Client,
    cut::cut_line,
    json_text::{lossy, lossy_bytes, unescaped},
    protobuf::{long, medium, push_bytes, push_named, push_varint_pair},
    refusals::LOKI,
    verdict::Verdict,
};
use log_files::{TextRange, all_bytes};
use rustc_hash::FxHashMap;

/// A second, in nanoseconds.
const SECOND: i64 = 1_000_000_000;

/// The field of an entry that has structured metadata.
const METADATA: u8 = 3;

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
    let streams = streams_of(labels, batch, lines);
    let mut cut = 0;
    body.snappy(|request| {
        for stream in &streams {
            long(request, 1, |out| {
                if let Some((_, line)) = stream.first() {
                    push_bytes(out, 1, labels.render(*line).as_bytes());
                }
                for (nanos, line) in stream {
                    let is_cut = medium(out, 2, |entry| {
                        push_entry(entry, *nanos, *line, max_line_bytes)
                    });
                    cut += u64::from(is_cut);
                }
            });
        }
    });
    body.cut = cut;
}

/// Returns the lines of each stream with their times, the oldest first: Loki refuses a line that is more than an hour older than a line
/// before it.
fn streams_of<'b>(labels: &Labels, batch: &'b Batch, lines: &[usize]) -> Vec<Vec<(i64, Line<'b>)>> {
    let mut streams: Vec<Vec<(i64, Line<'b>)>> = Vec::new();
    let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
    let (mut key, mut last_key, mut last) = (Vec::new(), Vec::new(), None);
    for line in lines.iter().filter_map(|index| batch.line(*index)) {
        key.clear();
        labels.push_key(line, &mut key);
        let at = match last {
            Some(at) if key == last_key => at,
            _ => match by_key.get(&key) {
                Some(at) => *at,
                None => {
                    by_key.insert(key.clone(), streams.len());
                    streams.push(Vec::new());
                    streams.len() - 1
                }
            },
        };
        last = Some(at);
        std::mem::swap(&mut key, &mut last_key);
        if let Some(stream) = streams.get_mut(at) {
            stream.push((line.nanos(), line));
        }
    }
    for stream in &mut streams {
        stream.sort_by_key(|(nanos, _)| *nanos);
    }
    streams
}

/// Appends an entry. Returns whether its line was cut.
fn push_entry(entry: &mut Vec<u8>, nanos: i64, line: Line<'_>, max_line_bytes: usize) -> bool {
    let (seconds, rest) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
    push_varint_pair(entry, 1, seconds.cast_unsigned(), rest.cast_unsigned());

    // A protobuf string has to be UTF-8. The limit applies to what is sent, and a replaced byte takes three.
    let text = line.text();
    let valid = lossy_bytes(text);
    let is_long = valid.len() > max_line_bytes;
    let shorter = is_long.then(|| cut_line(line, &lossy(text), max_line_bytes));
    push_bytes(entry, 2, shorter.as_deref().unwrap_or(&valid));
    if let Some(located) = line.located() {
        push_metadata(entry, "trace_id", text, located.trace_id);
        push_metadata(entry, "span_id", text, located.span_id);
        push_metadata(entry, "trace_flags", text, located.trace_flags);
    }
    if let Some(stream) = line.stream() {
        push_named(entry, METADATA, "log_iostream", stream.as_bytes());
    }
    shorter.is_some()
}

/// Appends a value of a JSON line as structured metadata.
#[inline(always)]
fn push_metadata(entry: &mut Vec<u8>, name: &'static str, line: &[u8], at: Option<TextRange>) {
    let Some(value) = at.map(|at| at.of(line)) else {
        return;
    };
    match all_bytes(value, |byte| byte.is_ascii() & (byte != b'\\')) {
        true => push_named(entry, METADATA, name, value),
        false => push_named(entry, METADATA, name, unescaped(value).as_bytes()),
    }
}

/// Sends a push request. Loki's status applies to the whole request, but Loki has stored those lines that it could accept.
pub(super) fn send(client: &Client, body: &[u8]) -> Verdict {
    let headers = [("content-type", "application/x-protobuf")];
    let response = match client.post(PATH, &headers, body) {
        Ok(response) => response,
        Err(verdict) => return verdict,
    };
    match response.verdict(LOKI) {
        // Loki responds with 204. Other servers with this API respond with 200 and no body. A body is that of a portal, or names the reason
        // for which ingestion is blocked (260).
        Verdict::Accepted if !response.body.trim_ascii().is_empty() => {
            response.foreign_verdict(LOKI)
        }
        verdict => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::{self, Field};

    /// Returns the fields of a message: the number of each, and its bytes or its value.
    fn fields(message: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let fields = protobuf::Fields::of(message).map(|field| match field.expect("it is valid") {
            (number, Field::Bytes(bytes)) => (number, bytes.to_vec()),
            (number, Field::Number(value)) => (number, value.to_le_bytes().to_vec()),
        });
        fields.collect()
    }

    #[test]
    fn a_request_has_a_stream_for_each_set_of_labels_and_the_ids_are_metadata() {
        let text = concat!(
            r#"{"timestamp":"2001-09-09T01:46:41.000002Z","level":"INFO","message":"a","trace_id":"4b","span_id":"f0","trace_flags":"01"}"#,
            "\n",
            r#"{"timestamp":"2001-09-09T01:46:41.000003Z","level":"WARN","message":"b"}"#,
            "\n",
            "no JSON\n",
            r#"{"timestamp":"2001-09-09T01:46:41.000002Z","level":"INFO","message":"a","trace_id":"4b","span_id":"f0","trace_flags":"01"}"#,
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
        let label = |stream: &Vec<(u32, Vec<u8>)>| {
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
        // Equal lines get different times. Text gets a time just after that of the line before it.
        assert_eq!(
            (nanos(&streams[0][1].1), nanos(&streams[0][2].1)),
            (2_000, 2_003)
        );
        assert_eq!(nanos(&streams[2][1].1), 3_002);
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

    #[test]
    fn the_lines_of_a_stream_are_in_the_order_of_their_times() {
        let line = |second: u8| {
            format!(
                "{{\"timestamp\":\"2001-09-09T01:46:4{second}Z\",\"level\":\"INFO\",\"message\":\"{second}\"}}\n"
            )
        };
        let batch = Batch::of_text(&[3, 1, 4, 2].map(line).concat());
        let streams = streams_of(&Labels::default(), &batch, &[0, 1, 2, 3]);
        let offsets: Vec<Vec<u64>> = streams
            .iter()
            .map(|stream| stream.iter().map(|(_, line)| line.offset()).collect())
            .collect();
        let length = line(0).len() as u64;
        assert_eq!(offsets, [[1, 3, 0, 2].map(|index| index * length)]);
    }
}
