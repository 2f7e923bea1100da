//! Lines that are JSON objects.

use super::{members::Members, repair};
use log_files::json::Scan;
use serde_json::Value;

/// Longer lines are not parsed as a whole, because small values in large lists would take thirty times the memory of the line.
const MAX_BYTES: usize = 1 << 20;
/// Of a line that is not parsed as a whole, longer values are left out, except for strings.
const MAX_VALUE_BYTES: usize = 1 << 16;
/// And so are members after this many.
const MAX_MEMBERS: usize = 1_000;

/// Returns the members of an object. If it is cut off or very long, these are the members that are whole and short. Returns `None` if there
/// are none.
pub(super) fn members(line: &str) -> Option<Members> {
    if let Some(members) = parse(line) {
        return Some(members);
    }
    let line = repair::strings(line);
    parse(&line).or_else(|| pieces(&line))
}

/// Returns the members of an object that is valid JSON, except perhaps for its strings.
pub(super) fn whole(line: &str) -> Option<Members> {
    parse(line).or_else(|| parse(&repair::strings(line)))
}

fn parse(line: &str) -> Option<Members> {
    let is_short = line.len() <= MAX_BYTES;
    let object = is_short.then(|| serde_json::from_str(line).ok())??;
    Some(Members::of_object(object))
}

fn pieces(line: &str) -> Option<Members> {
    // The end of an object that is cut off.
    let closed = format!("{line}}}");
    let value = |text: &str| match text.starts_with('"') || text.len() <= MAX_VALUE_BYTES {
        true => serde_json::from_str::<Value>(text).ok(),
        false => None,
    };
    let mut object = serde_json::Map::new();
    for entry in Scan::new(closed.as_bytes())?.take(MAX_MEMBERS) {
        let key = closed.get(entry.key.start.checked_sub(1)?..entry.key.end + 1);
        let key = key.and_then(|key| serde_json::from_str(key).ok());
        if let (Some(key), Some(value)) = (key, closed.get(entry.value).and_then(value)) {
            object.insert(key, value);
        }
    }
    (!object.is_empty()).then(|| Members::of_object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<Vec<String>> {
        let fields = members(line)?.into_fields();
        Some(fields.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn the_whole_members_of_a_line_that_is_cut_off_are_kept() {
        let line = r#"{"level":"info","a":{"b":1},"msg":"text"}"#;
        assert_eq!(
            names(line).as_deref(),
            Some(&["level", "a.b", "msg"].map(str::to_owned)[..])
        );
        for (end, expected) in [(38, 2), (27, 2), (20, 1), (16, 1), (12, 0), (1, 0)] {
            let found = names(&line[..end]).unwrap_or_default();
            assert_eq!(found.len(), expected, "{}", &line[..end]);
        }
    }

    #[test]
    fn the_short_values_and_the_strings_of_a_long_line_are_kept() {
        let long = "1,".repeat(MAX_BYTES);
        let line = format!(r#"{{"level":"info","list":[{long}1],"a":[1],"msg":"{long}"}}"#);
        assert_eq!(
            names(&line).as_deref(),
            Some(&["level", "a", "msg"].map(str::to_owned)[..])
        );
    }

    #[test]
    fn other_texts_have_no_members() {
        for line in ["{", "{}{", "{ not json", "{\"", "{'a':1}", "[1]"] {
            assert_eq!(names(line), None, "{line}");
        }
    }
}
