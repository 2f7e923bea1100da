//! tracing-bunyan-formatter puts the span's name, and what the line says about the span, into the message: `[REQUEST - START]`,
//! `[REQUEST - EVENT] text` and `[REQUEST - END]`. The line of an event has the text alone.

use super::{
    super::{members::Members, understood::Moment},
    adapted::Adapted,
};
use serde_json::Value;

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    if !(members.has("v") && members.has("target")) {
        return None;
    }
    let message = members.text("msg")?;
    let (span, moment, text) = split(message).unwrap_or(("", None, message));
    let (span, text) = (span.to_owned(), text.to_owned());
    if moment.is_none()
        && let Some(member) = members.iter_mut().find(|member| member.key == "msg")
    {
        member.value = Value::String(text);
    }
    if !span.is_empty() {
        members.push("span_name", span);
    }
    // The name is that of the application.
    if let Some(name) = members.take("name") {
        members.extend_new([("service".to_owned(), name)]);
    }
    Some(Adapted::with_moment(moment))
}

/// Splits a message into the name of the span, the moment and the text.
fn split(message: &str) -> Option<(&str, Option<Moment>, &str)> {
    let inside = message.strip_prefix('[')?;
    for (end, moment) in [
        (" - START]", Some(Moment::New)),
        (" - END]", Some(Moment::Close)),
    ] {
        if let Some(name) = inside.strip_suffix(end) {
            return Some((name, moment, ""));
        }
    }
    let (name, text) = inside.split_once(" - EVENT] ")?;
    Some((name, None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_split() {
        for (message, expected) in [
            ("[A B - START]", Some(("A B", Some(Moment::New), ""))),
            ("[A B - END]", Some(("A B", Some(Moment::Close), ""))),
            ("[A B - EVENT] [x] y", Some(("A B", None, "[x] y"))),
            ("text", None),
            ("[x] y", None),
        ] {
            assert_eq!(split(message), expected, "{message}");
        }
    }
}
