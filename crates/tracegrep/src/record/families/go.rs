//! Go's loggers write a duration as a number, each in its own unit. zap can have single letters as names.

use super::{
    super::{durations::Unit, members::Members},
    adapted::Adapted,
};

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    long_names(members);
    let unit = match () {
        () if is_zap(members) => Unit::Seconds,
        () if is_zerolog(members) => Unit::Milliseconds,
        () if is_slog(members) || is_logrus(members) => Unit::Nanoseconds,
        () => return None,
    };
    Some(Adapted::with_unit(unit))
}

/// zap's configuration for development has single letters as names.
fn long_names(members: &mut Members) {
    if !["t", "l", "m"].iter().all(|key| members.has(key)) {
        return;
    }
    for (letter, name) in [("t", "ts"), ("l", "level"), ("m", "msg"), ("c", "caller")] {
        if !members.has(name)
            && let Some(value) = members.take(letter)
        {
            members.push(name, value);
        }
    }
}

/// zap's usual times are numbers, and it writes the `caller` of lines with other times.
fn is_zap(members: &Members) -> bool {
    let has_number = members.get("ts").is_some_and(serde_json::Value::is_number);
    let is_of_go = |caller: &str| caller.contains(".go:");
    members.has("msg") && (has_number || members.text("caller").is_some_and(is_of_go))
}

/// zerolog begins with the level, and ends with time and message.
fn is_zerolog(members: &Members) -> bool {
    let mut last = members.iter().rev().map(|member| &*member.key);
    members
        .iter()
        .next()
        .is_some_and(|first| first.key == "level")
        && last.next() == Some("message")
        && last.next() == Some("time")
}

/// log/slog begins with time, level and message, and may have the source after the level. It writes the level in capitals, with which it
/// differs from loggers whose numbers have any unit.
fn is_slog(members: &Members) -> bool {
    let level = members.text("level").unwrap_or_default();
    if !level.starts_with(|c: char| c.is_ascii_uppercase()) || level != level.to_ascii_uppercase() {
        return false;
    }
    let keys = members.iter().map(|member| &*member.key);
    let keys = keys.filter(|key| !key.starts_with("source."));
    keys.take(3).eq(["time", "level", "msg"])
}

/// logrus sorts the keys, and writes the level in lower case.
fn is_logrus(members: &Members) -> bool {
    let levels = [
        "trace", "debug", "info", "warning", "error", "fatal", "panic",
    ];
    let level = members.text("level").unwrap_or_default();
    if !levels.contains(&level) {
        return false;
    }
    let names = members.iter().map(|member| member.name.split('.').next());
    names.is_sorted() && ["level", "msg", "time"].iter().all(|key| members.has(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(line: &str) -> Option<Unit> {
        let object = serde_json::from_str(line).expect("an object");
        adapt(&mut Members::of_object(object))?.unit
    }

    #[test]
    fn the_keys_and_their_order_show_the_unit() {
        for (line, expected) in [
            (
                r#"{"level":"info","ts":1795967309.5,"msg":"m"}"#,
                Some(Unit::Seconds),
            ),
            (
                r#"{"level":"INFO","time":"2026-11-29T15:48:29.577Z","caller":"a/main.go:72","msg":"m"}"#,
                Some(Unit::Seconds),
            ),
            (
                r#"{"level":"info","duration":2,"time":"2026-11-29T15:48:29Z","message":"m"}"#,
                Some(Unit::Milliseconds),
            ),
            (
                r#"{"time":"2026-11-29T15:48:29Z","level":"INFO","source":{"file":"a.go"},"msg":"m","duration":2}"#,
                Some(Unit::Nanoseconds),
            ),
            (
                r#"{"duration":2,"level":"info","msg":"m","time":"2026-11-29T15:48:29Z"}"#,
                Some(Unit::Nanoseconds),
            ),
            (
                r#"{"msg":"m","level":"INFO","ts":"2026-11-29T16:05:28.9Z","duration":2}"#,
                None,
            ),
            (
                r#"{"time":"2026-11-29T15:48:29Z","level":"info","msg":"m","duration":2}"#,
                None,
            ),
            (
                r#"{"duration":2,"level":"warn","msg":"m","time":"2026-11-29T15:48:29Z"}"#,
                None,
            ),
            (r#"{"message":"m","level":"info"}"#, None),
        ] {
            assert_eq!(unit(line), expected, "{line}");
        }
    }
}
