//! The text of a cursor file.
//!
//! Each line is a checksum (CRC-32, in hexadecimal), a space and a JSON object. The first object says which version and which target the
//! cursor has. Each of the others has the mark of one file, or says that the mark was removed; a later one replaces an earlier one. So
//! saving a mark appends a line, however many files there are. The last line may be torn if the machine stopped while it was written; then
//! the marks of the line before hold, and some lines are sent again.

use super::mark::Mark;
use crate::lineage::Lineage;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const VERSION: u64 = 3;

/// What a cursor file contains.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Contents {
    /// The address and the like of the server, without secrets.
    pub(super) server: String,
    pub(super) marks: BTreeMap<Lineage, Mark>,
}

/// Why a cursor cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    Damaged,
    /// It was written by another version of this program.
    OtherVersion(u64),
}

pub(super) fn push_header(out: &mut Vec<u8>, server: &str) {
    push_line(out, &json!({ "version": VERSION, "server": server }));
}

pub(super) fn push_mark(out: &mut Vec<u8>, lineage: Lineage, mark: Option<&Mark>) {
    let id = lineage.to_string();
    push_line(out, &json!({ "id": id, "mark": mark.map(Mark::to_json) }));
}

fn push_line(out: &mut Vec<u8>, json: &Value) {
    let text = json.to_string();
    let sum = crc32fast::hash(text.as_bytes());
    out.extend_from_slice(format!("{sum:08x} {text}\n").as_bytes());
}

/// Reads the JSON of a line, if the line is whole.
fn parse_line(line: &[u8]) -> Option<Value> {
    let (sum, json) = line.split_at_checked(8)?;
    let json = json.strip_prefix(b" ")?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (crc32fast::hash(json) == sum).then(|| serde_json::from_slice(json).ok())?
}

/// Reads a cursor file.
pub(super) fn parse(text: &[u8]) -> Result<Contents, Unusable> {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default().trim_ascii_end();
    let Some(header) = parse_line(first) else {
        // The first version began with the JSON itself.
        let version = serde_json::from_slice(first).ok();
        let version = version.and_then(|json: Value| json["version"].as_u64());
        return Err(version.map_or(Unusable::Damaged, Unusable::OtherVersion));
    };
    match header["version"].as_u64() {
        Some(VERSION) => {}
        Some(other) => return Err(Unusable::OtherVersion(other)),
        None => return Err(Unusable::Damaged),
    }
    let mut contents = Contents {
        server: header["server"].as_str().unwrap_or_default().to_owned(),
        marks: BTreeMap::new(),
    };
    for line in lines {
        let Some(text) = line.strip_suffix(b"\n") else {
            // The last line is torn.
            break;
        };
        apply(&mut contents.marks, text).ok_or(Unusable::Damaged)?;
    }
    Ok(contents)
}

fn apply(marks: &mut BTreeMap<Lineage, Mark>, line: &[u8]) -> Option<()> {
    let json = parse_line(line)?;
    let id = json["id"].as_str()?.parse().ok()?;
    match json.get("mark")? {
        Value::Null => marks.remove(&id),
        mark => marks.insert(id, Mark::from_json(mark)?),
    };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cursor::{
            checkpoints::{Checkpoint, Checkpoints},
            mark::{Alike, StoredFile},
        },
        fallback_times::FallbackTime,
        line_time::LastTime,
    };
    use log_files::{FileKey, Unit};

    fn full_mark() -> Mark {
        let point = Checkpoint { offset: 7, sum: 11 };
        Mark {
            path: "a \"b\"\n".to_owned(),
            file: Some(StoredFile {
                key: FileKey {
                    device: 1,
                    inode: u64::MAX,
                },
                created: Some(-3),
                bytes: 9,
                modified: 4,
            }),
            head: point,
            first_line: point,
            lines: 2,
            checkpoints: Checkpoints::from_vec(vec![point]),
            copies: vec![point],
            length: 9,
            alike: vec![Alike {
                lineage: "1f".parse().expect("it is hexadecimal"),
                bytes: 8,
                is_certain: true,
                is_part: true,
            }],
            slot: 3,
            last_time: Some(LastTime {
                nanos: -1,
                offset: 5,
                number: 2,
                unit: Unit::Microsecond,
                text: -2,
            }),
            fallback_times: vec![FallbackTime {
                bytes: 7..9,
                nanos: -1,
            }],
            is_complete: true,
            gone_since: Some(12),
        }
    }

    #[test]
    fn a_later_line_replaces_an_earlier_one_and_a_torn_last_line_is_left_out() {
        let (one, two) = (Lineage::random(), Lineage::random());
        let mut text = Vec::new();
        push_header(&mut text, "loki http://a");
        push_mark(&mut text, one, Some(&Mark::default()));
        push_mark(&mut text, two, Some(&Mark::default()));
        push_mark(&mut text, one, Some(&full_mark()));
        push_mark(&mut text, two, None);
        let whole = parse(&text).expect("the text is whole");
        assert_eq!(whole.server, "loki http://a");
        assert_eq!(whole.marks.len(), 1);
        assert_eq!(whole.marks[&one], full_mark());

        let first_end = text.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
        for cut in first_end..text.len() {
            parse(&text[..cut]).expect("only the last line is torn");
        }
        for at in 0..text.len() - 1 {
            let mut flipped = text.clone();
            flipped[at] ^= 1;
            assert_eq!(parse(&flipped), Err(Unusable::Damaged), "byte {at}");
        }
    }

    #[test]
    fn a_cursor_of_another_version_is_not_reported_as_damaged() {
        let mut next = Vec::new();
        push_line(&mut next, &json!({ "version": VERSION + 1, "server": "" }));
        assert_eq!(parse(&next), Err(Unusable::OtherVersion(VERSION + 1)));
        let first = b"{\"files\":[],\"target\":\"loki http://a\",\"version\":1}\n0badcafe\n";
        assert_eq!(parse(first), Err(Unusable::OtherVersion(1)));
        assert_eq!(parse(b""), Err(Unusable::Damaged));
        assert_eq!(parse(b"text\n"), Err(Unusable::Damaged));
    }
}
