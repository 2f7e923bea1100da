//! Kubernetes' klog, and glog: `I1129 16:00:00.000000       1 main.go:10] "text" trace_id="4bf9…"`.

use super::{
    super::{members::Members, shape::begins_with},
    pairs::{self, Until},
};

/// Returns the members of a line. Its time has no year.
pub(super) fn members(line: &str) -> Option<Members> {
    const SHAPE: &str = "#### ##:##:##.######";
    let (level, rest) = line.split_at_checked(1)?;
    let has_time = begins_with(rest, SHAPE);
    let (time, rest) = rest.split_at_checked(SHAPE.len())?;
    let (head, text) = rest.split_once("] ")?;
    let mut head = head.split_whitespace();
    let (process, source) = (head.next()?, head.next()?);
    let is_number = process.bytes().all(|byte| byte.is_ascii_digit());
    let is_klog = ["I", "W", "E", "F"].contains(&level) && has_time && is_number;
    if !(is_klog && source.contains(':') && head.next().is_none()) {
        return None;
    }
    let (message, pairs) = match pairs::quoted(text) {
        Some((message, rest)) => (message, pairs::all(rest, Until::Space)?),
        None => {
            let (message, pairs) = pairs::at_end(text, Until::Space);
            (message.to_owned(), pairs)
        }
    };
    let mut members = Members::default();
    members.push("timestamp", time);
    members.push("level", level);
    members.push("message", message);
    for (name, value) in pairs {
        members.push(name, value);
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_level_message_and_pairs() {
        for text in ["\"a text\" n=\"1\"", "a text n=1"] {
            let line = format!("E1129 16:00:00.000000       1 main.go:10] {text}");
            let members = members(&line).expect("a line of klog");
            assert_eq!(members.text("level"), Some("E"));
            assert_eq!(members.text("message"), Some("a text"));
            assert_eq!(members.text("n"), Some("1"));
        }
        for line in [
            "",
            "I1129 16:00:00.000000 text",
            "I am [1] text",
            "I1129 16:00:00.000000 a b] text",
            "é1129 16:00:00.000000 1 main.go:10] text",
        ] {
            assert!(members(line).is_none(), "{line}");
        }
    }
}
