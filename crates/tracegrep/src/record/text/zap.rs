//! zap's console encoder separates the parts of a line by tabs: `time  ERROR  shop/main.go:12  text  {"trace_id": "4bf9…"}`.

use super::super::{level::Level, members::Members, object, times::is_time};

/// Returns the members of a line, which has the place in the source, or fields as an object.
pub(super) fn members(line: &str) -> Option<Members> {
    let mut parts: Vec<&str> = line.split('\t').collect();
    let [time, level, ..] = *parts else {
        return None;
    };
    if !is_time(time) || Level::of_name(level).is_none() {
        return None;
    }
    let fields = parts.last().filter(|part| part.starts_with('{'));
    let fields = fields.and_then(|part| object::whole(part));
    if fields.is_some() {
        parts.pop();
    }
    let is_source = |part: &&str| part.contains(".go:");
    let source = parts.iter().position(is_source);
    if fields.is_none() && source.is_none() {
        return None;
    }
    // The name of the logger is before the place.
    let first = source.map_or(2, |at| at + 1);
    let message = parts.get(first..)?.join("\t");
    let mut members = Members::default();
    members.push("timestamp", time);
    members.push("level", level);
    members.push("message", message);
    for (name, value) in fields.unwrap_or_default().into_fields() {
        members.push(name, value);
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_level_message_and_fields() {
        for line in [
            "2026-11-29T16:00:00.123Z\terror\tshop/main.go:12\ta text\t{\"n\": 1}",
            "2026-11-29T16:00:00.123Z\tERROR\tdb\tshop/main.go:12\ta text\t{\"n\": 1}",
            "2026-11-29T16:00:00.123Z\tERROR\ta text\t{\"n\": 1}",
            "1.795967274146e+09\tERROR\ta text\t{\"n\": 1}",
        ] {
            let members = members(line).expect("a line of zap");
            assert_eq!(members.text("message"), Some("a text"), "{line}");
            assert_eq!(members.get("n"), Some(&1.into()), "{line}");
        }
        let line = "2026-11-29T16:00:00.123Z\tWARN\tshop/main.go:12\ta text";
        let found = members(line).and_then(|members| members.text("message").map(str::to_owned));
        assert_eq!(found.as_deref(), Some("a text"));
        for line in [
            "",
            "a\tb",
            "2026-11-29T16:00:00.123Z\tid\tERROR\ttext",
            "2026-11-29T16:00:00.123Z\tERROR\ttext\ta=1",
        ] {
            assert!(members(line).is_none(), "{line}");
        }
    }
}
