//! Cuts a JSON object that is longer than a limit. The result is valid JSON.

use super::scan::{Entry, Scan};

/// When a member may be cut or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before all others.
    First,
    /// Only if it is not enough to remove all that are cut first.
    Last,
    /// Never, unless such members alone exceed the limit.
    Never,
}

/// Strings of up to this length, such as names, methods and levels, are cut only if nothing else helps.
const KEPT_LENGTH: usize = 64;

/// Returns an object of at most `limit` bytes, in time proportional to the object's length (times its logarithm). Its members keep their
/// order. Returns `None` if the text is not one object.
///
/// All strings are cut to one length, between characters and not within an escape. If 64 bytes each are too many, the members that are
/// [`Cut::First`] are removed, the longest first. If that is not enough, strings are cut to less than 64 bytes, and the members that are
/// [`Cut::Last`] are removed. A value that is not a string is kept or removed as a whole.
///
/// The result says `"<marker>":true`, where `marker` is an escaped key: in place of an existing member with this key, or else before the
/// members that are cut first.
#[cold]
pub fn cut(
    json: &[u8],
    limit: usize,
    marker: &[u8],
    when: impl FnMut(usize, &Entry) -> Cut,
) -> Option<Vec<u8>> {
    let (mut parts, is_marked) = parts(json, marker, when)?;
    let mark = Part {
        key: &[b"\"", marker, b"\""].concat(),
        value: b"true",
        when: Cut::Never,
    };
    // Each part has a comma before it. The first comma becomes the opening brace.
    let mut room = limit.saturating_sub(b"}".len());
    if !is_marked {
        room = room.saturating_sub(mark.length(0));
    }
    let length = fit(&mut parts, room);

    let mut out = Vec::with_capacity(limit + b"\n".len());
    let first = parts.iter().rposition(|part| part.when != Cut::First);
    let (before, after) = parts.split_at(first.map_or(0, |index| index + 1));
    before.iter().for_each(|part| part.push(&mut out, length));
    if !is_marked {
        mark.push(&mut out, length);
    }
    after.iter().for_each(|part| part.push(&mut out, length));
    match out.first_mut() {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
    Some(out)
}

/// A member of the object that is being cut.
struct Part<'a> {
    /// The key with its quotes.
    key: &'a [u8],
    value: &'a [u8],
    when: Cut,
}

/// Returns the members, and whether one of them is the marker. The first one with the marker's key becomes the marker, and others are left
/// out.
fn parts<'a>(
    json: &'a [u8],
    marker: &[u8],
    mut when: impl FnMut(usize, &Entry) -> Cut,
) -> Option<(Vec<Part<'a>>, bool)> {
    let mut scan = Scan::new(json)?;
    let mut parts = Vec::new();
    let mut is_marked = false;
    let mut index = 0;
    while let Some(entry) = scan.try_next().ok()? {
        let key = json.get(entry.whole.start..=entry.key.end)?;
        let is_marker = json.get(entry.key.clone())? == marker;
        if !is_marker {
            parts.push(Part {
                key,
                value: json.get(entry.value.clone())?,
                when: when(index, &entry),
            });
        } else if !is_marked {
            is_marked = true;
            parts.push(Part {
                key,
                value: b"true",
                when: Cut::Never,
            });
        }
        index += 1;
    }
    scan.is_complete().then_some((parts, is_marked))
}

/// Removes as many members as necessary. Returns the length to which the strings of the others must be cut.
fn fit(parts: &mut Vec<Part<'_>>, room: usize) -> usize {
    let mut floor = KEPT_LENGTH;
    if !remove(parts, Cut::First, floor, room) {
        floor = 0;
        let _ = remove(parts, Cut::Last, floor, room) || remove(parts, Cut::Never, floor, room);
    }
    longest_string(parts, floor, room)
}

/// Removes members that may be cut at this time, the longest first, until all others fit with strings of `floor` bytes. Returns whether
/// they fit.
fn remove(parts: &mut Vec<Part<'_>>, when: Cut, floor: usize, room: usize) -> bool {
    let mut total = total(parts, floor);
    if total <= room {
        return true;
    }
    let mut longest: Vec<(usize, usize)> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| part.when == when)
        .map(|(index, part)| (part.length(KEPT_LENGTH), index))
        .collect();
    longest.sort_unstable();
    let mut kept = longest.len();
    while total > room
        && let Some(&(_, index)) = longest.get(kept.wrapping_sub(1))
    {
        total -= parts[index].length(floor);
        kept -= 1;
    }
    let mut removed: Vec<usize> = longest[kept..].iter().map(|(_, index)| *index).collect();
    removed.sort_unstable();
    let mut removed = removed.into_iter().peekable();
    let mut index = 0;
    parts.retain(|_| {
        let is_removed = removed.next_if_eq(&index).is_some();
        index += 1;
        !is_removed
    });
    total <= room
}

/// Returns the length, at least `floor`, to which strings must be cut for all members to fit.
fn longest_string(parts: &[Part<'_>], floor: usize, room: usize) -> usize {
    let mut least = floor;
    let mut most = room.max(floor);
    while least < most {
        let middle = most - (most - least) / 2;
        if total(parts, middle) <= room {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    least
}

/// Returns the length of all members if strings are cut to `length`.
fn total(parts: &[Part<'_>], length: usize) -> usize {
    parts.iter().map(|part| part.length(length)).sum()
}

impl Part<'_> {
    /// Returns the text within the quotes, if it can be cut.
    fn text(&self) -> Option<&[u8]> {
        match self.value {
            [b'"', text @ .., b'"'] if self.when != Cut::Never => Some(text),
            _ => None,
        }
    }

    /// Returns the length of the member if strings are cut to `length`.
    fn length(&self, length: usize) -> usize {
        #[cfg(test)]
        tests::WORK.with(|work| work.set(work.get() + 1));
        let value = match self.text() {
            Some(text) => text.len().min(length) + b"\"\"".len(),
            None => self.value.len(),
        };
        b",".len() + self.key.len() + b":".len() + value
    }

    fn push(&self, out: &mut Vec<u8>, length: usize) {
        out.push(b',');
        out.extend_from_slice(self.key);
        out.push(b':');
        match self.text() {
            Some(text) if text.len() > length => {
                out.push(b'"');
                out.extend_from_slice(&text[..boundary(text, length)]);
                out.push(b'"');
            }
            _ => out.extend_from_slice(self.value),
        }
    }
}

/// Returns the last offset, up to `length`, at which escaped text can be cut: between characters, and not within an escape.
fn boundary(text: &[u8], length: usize) -> usize {
    let mut at = 0;
    while at < text.len() {
        let width = match text[at] {
            b'\\' => escape_width(&text[at..]),
            0x00..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
        if at + width > length {
            break;
        }
        at += width;
    }
    at
}

/// Returns the length of the escape at the start of a text. The two halves of a surrogate pair are one escape.
fn escape_width(text: &[u8]) -> usize {
    match text {
        [
            b'\\',
            b'u',
            b'd' | b'D',
            b'8' | b'9' | b'a' | b'A' | b'b' | b'B',
            _,
            _,
            b'\\',
            b'u',
            ..,
        ] => 12,
        [b'\\', b'u', ..] => 6,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::scan::entries, *};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};
    use std::cell::Cell;

    thread_local! {
        /// How often the length of a member was computed.
        pub(super) static WORK: Cell<usize> = const { Cell::new(0) };
    }

    /// Cuts a text in which the first two members are protected. Checks what holds for every result.
    fn cut_text(text: &str, limit: usize) -> Map<String, Value> {
        let short = cut(
            text.as_bytes(),
            limit,
            b"truncated",
            |index, _| match index {
                0 | 1 => Cut::Never,
                2 => Cut::Last,
                _ => Cut::First,
            },
        );
        let short = short.expect("the text is an object");
        assert!(short.len() <= limit, "{} of {limit}", short.len());
        let object: Map<String, Value> =
            serde_json::from_slice(&short).expect("the result is valid JSON");
        assert_eq!(object["truncated"], true);
        object
    }

    /// Returns an object with time, level and message, and these members.
    fn object(members: &[String]) -> String {
        let head = r#"{"time":"2026-11-29T10:00:00Z","level":"INFO","message":"hello""#;
        let mut text = head.to_owned();
        for member in members {
            text.push(',');
            text.push_str(member);
        }
        text.push('}');
        text
    }

    fn keys(object: &Map<String, Value>) -> Vec<&str> {
        object.keys().map(String::as_str).collect()
    }

    #[test]
    fn every_shape_is_cut_to_valid_json() {
        let deep = |open: &str, close: &str| {
            format!(
                "\"deep\":{}1{}",
                open.repeat(100_000),
                close.repeat(100_000)
            )
        };
        let shapes: [Vec<String>; 9] = [
            (0..150)
                .map(|n| format!("\"m{n}\":\"{}\"", "x".repeat(2_500)))
                .collect(),
            (0..100_000).map(|n| format!("\"m{n}\":{n}")).collect(),
            vec![deep("[", "]")],
            vec![deep("{\"a\":", "}")],
            vec![
                format!("\"{}\":1", "k".repeat(20_000)),
                "\"a\":1".to_owned(),
            ],
            vec![format!("\"list\":[{}0]", "0,".repeat(10_000))],
            vec![format!("\"text\":\"{}\"", "x".repeat(1 << 20))],
            vec![format!("\"number\":{}", "9".repeat(10_000))],
            vec![format!(
                "\"empty\":{{}} , \"spaces\" \t: {}\"x\"",
                " ".repeat(10_000)
            )],
        ];
        for members in shapes {
            let text = object(&members);
            for limit in [1_024, 1_500, 9_000] {
                let object = cut_text(&text, limit);
                assert_eq!(
                    keys(&object)[..4],
                    ["time", "level", "message", "truncated"]
                );
                assert_eq!(object["message"], "hello");
            }
        }
    }

    #[test]
    fn many_long_strings_are_all_kept_in_part() {
        let members: Vec<String> = (0..150)
            .map(|n| format!("\"m{n}\":\"{}\"", "x".repeat(2_500)))
            .collect();
        let object = cut_text(&object(&members), 256 << 10);
        assert_eq!(object.len(), 150 + 4);
        assert!(object["m149"].as_str().expect("a string").len() > 1_700);
    }

    #[test]
    fn a_string_is_cut_between_characters_and_escapes() {
        for piece in [
            "é",
            "€",
            "🦀",
            r#"\""#,
            r"\\",
            r"\u001b",
            r"\ud83d\ude00",
            r"\uD83D\uDE00",
        ] {
            let text = object(&[format!("\"text\":\"{}\"", piece.repeat(2_000))]);
            for limit in 1_024..1_040 {
                let object = cut_text(&text, limit);
                assert!(
                    object["text"].as_str().expect("a string").len() > 100,
                    "{piece}"
                );
            }
        }
    }

    #[test]
    fn a_line_that_was_cut_before_has_one_marker_in_its_place() {
        let long = "x".repeat(5_000);
        for value in ["true", "\"by whom\"", "[1]"] {
            let text = object(&[
                "\"a\":1".to_owned(),
                format!("\"truncated\":{value}"),
                format!("\"long\":\"{long}\""),
                "\"truncated\":false".to_owned(),
            ]);
            let object = cut_text(&text, 1_024);
            assert_eq!(
                keys(&object),
                ["time", "level", "message", "a", "truncated", "long"]
            );
            assert_eq!(text.matches("truncated").count(), 2);
        }
    }

    #[test]
    fn protected_members_are_removed_only_if_they_alone_exceed_the_limit() {
        let long = "x".repeat(900);
        let text = format!(r#"{{"time":"{long}","level":"{long}","message":"{long}","a":1}}"#);
        assert_eq!(
            keys(&cut_text(&text, 1_900)),
            ["time", "level", "message", "truncated"]
        );
        assert_eq!(keys(&cut_text(&text, 1_024)), ["time", "truncated"]);
    }

    #[test]
    fn text_that_is_not_one_object_is_not_cut() {
        for text in [
            "",
            "x",
            "[1]",
            "{\"a\":1} {}",
            "{\"a\":1}}",
            "{\"a\":1} x }",
            "{\"a\" 1}",
            "{\"a\":\"}",
            "{x}",
        ] {
            assert_eq!(
                cut(text.as_bytes(), 1_024, b"truncated", |_, _| Cut::First),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn the_work_for_a_member_does_not_grow_with_their_number() {
        for members in [
            |n: usize| format!("\"m{n}\":{n}"),
            |n: usize| format!("\"m{n}\":\"{}\"", "x".repeat(n % 200)),
        ] {
            for count in [1_000, 10_000, 100_000] {
                let text = object(&(0..count).map(members).collect::<Vec<_>>());
                WORK.set(0);
                let object = cut_text(&text, text.len() / 2);
                assert!(object.len() > 4);
                assert!(
                    WORK.get() < count * 40,
                    "{} lengths for {count} members",
                    WORK.get()
                );
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            ("[a-zé\u{1}\"\\\\🦀]{0,12}", 0_usize..60)
                .prop_map(|(text, times)| text.repeat(times).into()),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map(key(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        prop_oneof![
            20 => ".{0,12}",
            1 => Just("truncated".to_owned()),
            1 => Just("k".repeat(200)),
        ]
    }

    proptest! {
        #[test]
        fn a_cut_object_is_valid_and_in_order_and_keeps_its_protected_members(
            members in prop::collection::hash_map(key(), value(), 1..40),
            classes in prop::collection::vec(0_u8..3, 40),
            limit in 1_024_usize..6_000,
            is_pretty in any::<bool>(),
        ) {
            let members: Map<String, Value> = members.into_iter().collect();
            // Line feeds within strings are escaped, so this changes only the space between tokens.
            let text = match is_pretty {
                true => serde_json::to_string_pretty(&members).expect("a value serializes").replace('\n', " "),
                false => serde_json::to_string(&members).expect("a value serializes"),
            };
            let mut protected = Vec::new();
            let mut protected_bytes = 0;
            let short = cut(text.as_bytes(), limit, b"truncated", |index, entry| match classes[index] {
                0 if protected_bytes + entry.whole.len() < 900 => {
                    protected_bytes += entry.whole.len();
                    protected.push(index);
                    Cut::Never
                }
                1 => Cut::Last,
                _ => Cut::First,
            });
            let short = short.expect("the text is an object");
            prop_assert!(short.len() <= limit);
            let result: Map<String, Value> = serde_json::from_slice(&short).expect("the result is valid JSON");
            prop_assert_eq!(&result["truncated"], true);
            let markers = entries(&short).into_iter().filter(|entry| &short[entry.key.clone()] == b"truncated");
            prop_assert_eq!(markers.count(), 1);
            let mut rest = members.iter();
            for (key, value) in result.iter().filter(|(key, _)| *key != "truncated") {
                let (_, whole) = rest.find(|(whole, _)| *whole == key).expect("the keys are in order");
                let is_prefix = match (whole, value) {
                    (Value::String(whole), Value::String(value)) => whole.starts_with(&**value),
                    (whole, value) => whole == value,
                };
                prop_assert!(is_prefix, "{whole} became {value}");
            }
            for index in protected {
                let (key, value) = members.iter().nth(index).expect("the member exists");
                prop_assert!(key == "truncated" || result.get(key) == Some(value), "{key}");
            }
        }
    }

    #[test]
    fn nothing_else_is_lost_if_one_string_is_long() {
        let members = [
            format!("\"a\":\"{}\"", "x".repeat(5_000)),
            "\"b\":[1,{\"c\":2}]".to_owned(),
        ];
        let object = cut_text(&object(&members), 1_024);
        assert_eq!(object["b"], json!([1, { "c": 2 }]));
        assert!(object["a"].as_str().expect("a string").len() > 850);
    }
}
