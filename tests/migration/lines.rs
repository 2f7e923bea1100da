use super::support::Line;

/// The messages of the lines, in order.
pub(crate) fn messages(lines: &[Line]) -> Vec<String> {
    let message = |line: &Line| line.get("message").as_str().unwrap_or_default().to_owned();
    lines.iter().map(message).collect()
}
