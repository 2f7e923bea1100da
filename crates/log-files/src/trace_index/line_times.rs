use super::{
    member_value::{is_level, is_string, time},
    root_key::RootKey,
    usual_line::usual_time,
};
use crate::json::Scan;
use std::ops::RangeInclusive;

/// A reader can leave out members of longer lines, or of lines with more members.
const MAX_BYTES: usize = 1 << 20;
const MAX_MEMBERS: usize = 1_000;

/// Returns the range of the times of a line, one of which is the time that `tracegrep` finds. Returns `None` if that is not certain.
///
/// `tracegrep` reads a time from more lines, in more ways: from texts, in local time, from nested objects, from lines that agents have
/// stored. This function does not repeat its rules. It accepts only lines to which none of them but the first applies.
pub(super) fn line_times(line: &[u8]) -> Option<RangeInclusive<i64>> {
    if line.first() != Some(&b'{') || line.len() > MAX_BYTES {
        return None;
    }
    if let Some(time) = usual_time(line) {
        return Some(time..=time);
    }
    let mut scan = Scan::new(line)?;
    let mut times: Option<(i64, i64)> = None;
    let (mut has_level, mut has_message) = (false, false);
    let mut members = 0;
    while let Some(entry) = scan.try_next().ok()? {
        let (key, value) = (line.get(entry.key)?, line.get(entry.value)?);
        members += 1;
        match RootKey::of(key) {
            RootKey::Time => {
                let time = time(value)?;
                let (first, last) = times.unwrap_or((time, time));
                times = Some((first.min(time), last.max(time)));
            }
            // An object would replace a level before it, if it has the same key.
            RootKey::Level => has_level = is_level(value),
            RootKey::Message => has_message |= is_string(value),
            RootKey::Stored if is_string(value) => return None,
            RootKey::Fields if !has_no_time(value) => return None,
            RootKey::Disturbing => return None,
            RootKey::Stored | RootKey::Fields | RootKey::Other => {}
        }
    }
    // An agent can have stored a line as the message, but a logger writes the level beside it.
    let is_of_logger = has_level || !has_message;
    let is_certain = scan.is_complete() && is_of_logger && members <= MAX_MEMBERS;
    let (first, last) = times.filter(|_| is_certain)?;
    Some(first..=last)
}

/// Whether no member of a value counts as the time of the line.
fn has_no_time(value: &[u8]) -> bool {
    if value.first() != Some(&b'{') {
        return true;
    }
    let Some(mut scan) = Scan::new(value) else {
        return false;
    };
    loop {
        match scan.try_next() {
            Ok(Some(entry)) => {
                let key = RootKey::of(value.get(entry.key).unwrap_or_default());
                if matches!(key, RootKey::Time | RootKey::Disturbing) {
                    return false;
                }
            }
            Ok(None) => return scan.is_complete(),
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANOS: i64 = 1_795_967_309_000_000_000;

    fn times(line: &str) -> Option<RangeInclusive<i64>> {
        line_times(line.as_bytes())
    }

    #[test]
    fn the_time_of_the_usual_json_lines_is_certain() {
        for line in [
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO","message":"m"}"#,
            r#"{"@timestamp":"2026-11-29T16:48:29.000+01:00","log.level":"INFO","message":"m"}"#,
            r#"{"time":"2026-11-29T15:48:29.000000000Z","severity":"INFO","message":"m","trace":{"time":1}}"#,
            r#"{"timestamp":"2026-11-29T15:48:29Z","level":"INFO","fields":{"message":"m","n":1},"target":"shop"}"#,
            r#"{"level":30,"time":1795967309000,"pid":1,"hostname":"a","msg":"m"}"#,
            r#"{ "ts": "1795967309", "msg": "m" }"#,
            "{\"ts\":1795967309,\"log\":{\"level\":\"INFO\"},\"spans\":[{\"ts\":1}]}\r\n",
            r#"{"ts":1795967309,"msg":"\ud83d \" , \x41"}"#,
        ] {
            assert_eq!(times(line), Some(NANOS..=NANOS), "{line}");
        }
        let several = r#"{"time":1795967309,"@timestamp":1795967308,"Time":1795967310}"#;
        let second = 1_000_000_000;
        assert_eq!(times(several), Some(NANOS - second..=NANOS + second));
    }

    #[test]
    fn a_time_that_a_reader_may_read_in_another_way_is_not_certain() {
        let long = format!(r#"{{"time":1795967309,"a":"{}"}}"#, "x".repeat(MAX_BYTES));
        let members = r#""a":1,"#.repeat(MAX_MEMBERS);
        let many = format!(r#"{{{members}"time":1795967309}}"#);
        for line in [
            // Local, without a year, with another zone, not plausible, and not exact.
            r#"{"time":"2026-11-29T15:48:29"}"#,
            r#"{"time":"Nov 29 15:48:29"}"#,
            r#"{"time":" 2026-11-29T15:48:29Z"}"#,
            r#"{"time":35}"#,
            r#"{"time":null}"#,
            r#"{"time":1795967309.25}"#,
            r#"{"time":1.795967309e9}"#,
            r#"{"time":"2026-11-29T15:48:29.0000000000000000000000000000000000000000000000000000Z"}"#,
            // One of two is not certain.
            r#"{"time":1795967309,"ts":"x"}"#,
            // Under another name.
            r#"{"date":"2026-11-29T15:48:29Z"}"#,
            r#"{"\u0074ime":1795967309}"#,
            r#"{"fields":{"time":1795967309}}"#,
            // Other members decide too.
            r#"{"time":1795967309,"log":"x"}"#,
            r#"{"time":1795967309,"line":"x"}"#,
            r#"{"time":1795967309,"message":"x"}"#,
            r#"{"time":1795967309,"message":"x","level":x}"#,
            r#"{"time":1795967309,"message":"x","level":}"#,
            r#"{"time":1795967309,"message":"x","level":030}"#,
            r#"{"time":1795967309,"message":"x","level":"INFO","level":{"a":1}}"#,
            r#"{"time":1795967309,"level":"INFO","message":"x","level":{"a":1}}"#,
            r#"{"time":1795967309,"fields":{"@timestamp":1795967308}}"#,
            r#"{"time":1795967309,"fields":{"\u0074s":1795967308}}"#,
            r#"{"time":1795967309,"kvs.ts":1}"#,
            r#"{"time":1795967309,"msec":"1795967308.250"}"#,
            r#"{"timestamp":1795967309000,"nanoseconds":1}"#,
            r#"{"time":1795967309,"instant":{"epochSecond":1795967308,"nanoOfSecond":1}}"#,
            r#"{"time":1795967309,"instant.epochSecond":1795967308}"#,
            r#"{"time":1795967309,"timestampSeconds":1795967308,"timestampNanos":1}"#,
            r#"{"time":1795967309,"Scopes":[{"@timestamp":1}]}"#,
            r#"{"time":1795967309,"kvpList":[{"@timestamp":1}]}"#,
            r#"{"time":1795967309,"":{"@timestamp":1}}"#,
            // No whole object.
            r#"{"time":1795967309"#,
            r#"{"time":1795967309}}"#,
            r#" {"time":1795967309}"#,
            r#"2026-11-29T15:48:29Z INFO {"time":1795967309}"#,
            "",
            &long,
            &many,
        ] {
            assert_eq!(times(line), None, "{line:.99}");
        }
    }
}
