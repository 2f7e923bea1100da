use super::{
    super::{added, members::Members},
    context, groups,
    header::Header,
    klog, logfmt, monolog, named,
    pairs::{self, Pair, Until},
    spans, syslog, zap,
};
use serde_json::Value;

/// Returns the members of a line of text.
pub(in super::super) fn members(line: &str) -> Members {
    if let Some((added, text)) = syslog::split(line) {
        let mut members = of_logger(text);
        let added = added.into_iter();
        added::add(
            &mut members,
            added.map(|(name, value)| (name, value.into())),
        );
        return members;
    }
    of_logger(line)
}

fn of_logger(line: &str) -> Members {
    if let Some(pairs) = logfmt::pairs(line) {
        return with_pairs(Members::default(), pairs);
    }
    klog::members(line)
        .or_else(|| zap::members(line))
        .or_else(|| monolog::members(line))
        .unwrap_or_else(|| of_text(line))
}

fn of_text(line: &str) -> Members {
    let header = Header::of(line);
    let rest = header
        .rest
        .trim_start_matches([']', '>', ')', '|', ',', ':']);
    // tracing-subscriber's times are in UTC.
    let is_utc = header.time.is_some_and(|time| time.ends_with('Z'));
    let (in_groups, rest) = named::take_groups(rest);
    let mut body = Body::of(&rest, is_utc, in_groups.clone());
    let is_line = header.time.is_some() || header.level.is_some();
    let (ids, without) = match is_line && body.spans.is_empty() {
        true if !named::has_trace_id(&body.pairs) => named::take_ids(&rest),
        _ => Default::default(),
    };
    if !ids.is_empty() {
        let ids = in_groups.into_iter().chain(ids);
        body = Body::of(&without, is_utc, ids.collect());
    }
    let mut members = Members::default();
    for (name, value) in [
        ("timestamp", header.time),
        ("level", header.level),
        (
            "message",
            Some(&*body.message).filter(|text| !text.is_empty()),
        ),
        ("target", body.target),
    ] {
        if let Some(value) = value {
            members.push(name, value);
        }
    }
    let members = with_pairs(members, pairs_between(header.between));
    let mut members = with_pairs(members, body.pairs);
    if !body.spans.is_empty() {
        members.push("spans", body.spans);
    }
    members
}

/// Returns the pairs between time and level.
fn pairs_between(text: &str) -> Vec<Pair> {
    let (mut found, rest) = named::take_groups(text);
    let (ids, rest) = named::take_ids(&rest);
    let (in_groups, ..) = groups::split(&rest);
    found.extend(ids.into_iter().chain(in_groups));
    found
}

fn with_pairs(mut members: Members, pairs: Vec<Pair>) -> Members {
    for (name, value) in pairs {
        members.push(name, value);
    }
    members
}

/// What follows time and level.
struct Body<'a> {
    spans: Vec<Value>,
    target: Option<&'a str>,
    message: String,
    pairs: Vec<Pair>,
}

impl<'a> Body<'a> {
    /// Splits a text, from which pairs with ids have been taken already. After a time in UTC, one word before a colon is a target.
    fn of(text: &'a str, is_utc: bool, ids: Vec<Pair>) -> Self {
        let (spans, after) = spans::split(after_thread(text));
        let is_target = |target: &str| is_utc || !spans.is_empty() || target.contains("::");
        let target = split_target(after).filter(|(target, _)| is_target(target));
        if target.is_none() && spans.is_empty() {
            return Self::of_formatted(after, ids);
        }
        // tracing-subscriber's fields follow the message.
        let (target, after) = match target {
            Some((target, after)) => (Some(target), after),
            None => (None, after),
        };
        let (message, mut pairs) = match pairs::at_end(after, Until::Pair) {
            // A trace id that has been taken, with words behind it.
            (_, pairs) if !ids.is_empty() && context::has_trace(&pairs) => (after, Vec::new()),
            found => found,
        };
        pairs.extend(ids);
        Self {
            spans,
            target,
            message: message.to_owned(),
            pairs,
        }
    }

    /// Splits a text in one of the formats of Java and Python: groups in brackets, the name of a logger, a dash or colon, and the message.
    fn of_formatted(text: &'a str, ids: Vec<Pair>) -> Self {
        let (mut pairs, text) = after_process(text);
        let is_taken = !ids.is_empty();
        pairs.extend(ids);
        let (ids, text) = context::split(text);
        let has_ids = is_taken || !ids.is_empty();
        let (in_groups, after, without_pairs) = groups::split(text);
        pairs.extend(ids.into_iter().chain(in_groups));
        let after_thread = || after_thread_of_quarkus(after).filter(|_| has_ids);
        let message = if let Some(message) = after_thread() {
            message.to_owned()
        } else if let Some((more, message)) = after_dash(after) {
            let (ids, message) = context::split(message);
            let (message, last) = split_pairs_at_end(message);
            pairs.extend(more.into_iter().chain(ids).chain(last));
            message.to_owned()
        } else {
            let (message, more) = pairs::at_end(&without_pairs, Until::Space);
            pairs.extend(more);
            message.to_owned()
        };
        Self {
            spans: Vec::new(),
            target: None,
            message,
            pairs,
        }
    }
}

/// Splits off what Spring writes before `---`, the process, and the application after it.
fn after_process(text: &str) -> (Vec<Pair>, &str) {
    let Some((before, text)) = text.split_once(" --- ") else {
        // loguru separates columns.
        let text = text.trim_start();
        return (Vec::new(), text.strip_prefix("| ").unwrap_or(text));
    };
    let (mut pairs, ..) = groups::split(before);
    if let Some(application) = groups::application(text) {
        pairs.push(("service".to_owned(), application.to_owned()));
    }
    (pairs, text)
}

/// Returns what follows the thread that Quarkus writes after ids and logger: `(executor-thread-1) `.
fn after_thread_of_quarkus(text: &str) -> Option<&str> {
    let (_, text) = text.strip_prefix('(')?.split_once(") ")?;
    Some(text)
}

/// Splits off the pairs in the last column of loguru, `text | order=8 user=5`, and pairs at the end with a trace id. Others can be a part of the
/// message.
fn split_pairs_at_end(text: &str) -> (&str, Vec<Pair>) {
    let columns = text.rsplit_once(" | ");
    let in_column = columns.and_then(|(text, last)| Some((text, pairs::all(last, Until::Space)?)));
    in_column.unwrap_or_else(|| {
        let (message, pairs) = pairs::at_end(text, Until::Space);
        match context::has_trace(&pairs) {
            true => (message, pairs),
            false => (text, Vec::new()),
        }
    })
}

/// Returns what follows the thread that tracing-subscriber may write: `main ThreadId(01) `.
fn after_thread(text: &str) -> &str {
    let (before, after) = text.split_once("ThreadId(").unwrap_or_default();
    match after.split_once(") ") {
        Some((number, after)) if before.len() < 32 && number.len() < 8 => after,
        _ => text,
    }
}

/// Splits off a target, such as `app::db: `, or `app] ` as env_logger writes it.
fn split_target(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let end = text.find(|c| !is_part(c))?;
    let (target, rest) = text.split_at(end);
    let (target, rest) = match target.strip_suffix(':') {
        Some(target) => (target, rest.strip_prefix(' ')?),
        None => (target, rest.strip_prefix("] ")?),
    };
    let is_target = target.starts_with(|c: char| c.is_alphabetic() || c == '_');
    is_target.then_some((target, rest))
}

/// Returns what follows a dash or colon at the start, or after the name of a logger: `com.acme.App - text`. Between them there can be ids.
fn after_dash(text: &str) -> Option<(Vec<Pair>, &str)> {
    let after_mark = |text: &'_ str| {
        let marks = ["- ", "-- ", ": "];
        let length = marks.iter().find(|mark| text.starts_with(**mark))?.len();
        Some(length)
    };
    if let Some(length) = after_mark(text) {
        return Some((Vec::new(), text.get(length..)?));
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | ':' | '/');
    let (logger, rest) = text.split_once(' ')?;
    let (mut pairs, mut rest) = context::split(rest.trim_start());
    let (in_groups, after, _) = groups::split(rest);
    if !in_groups.is_empty() {
        pairs.extend(in_groups);
        rest = after;
    }
    let length = after_mark(rest).filter(|_| logger.chars().all(is_part))?;
    Some((pairs, rest.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of a line, without the level.
    fn fields(line: &str) -> Vec<(String, Value)> {
        let mut members = members(line);
        members.take("level");
        members.into_fields()
    }

    fn expected(fields: &[(&str, &str)]) -> Vec<(String, Value)> {
        let fields = fields.iter();
        fields
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect()
    }

    #[test]
    fn the_message_is_found_in_the_usual_formats() {
        for (line, names) in [
            (
                "2026-11-29T15:47:54Z  INFO main ThreadId(01) app::db: card: declined error=a b n=1",
                &[
                    ("timestamp", "2026-11-29T15:47:54Z"),
                    ("message", "card: declined"),
                    ("target", "app::db"),
                    ("error", "a b"),
                    ("n", "1"),
                ][..],
            ),
            (
                " WARN app::db: slow took=3ms",
                &[("message", "slow"), ("target", "app::db"), ("took", "3ms")],
            ),
            (
                "[2026-11-29T15:47:54Z ERROR app] payment failed",
                &[
                    ("timestamp", "2026-11-29T15:47:54Z"),
                    ("message", "payment failed"),
                    ("target", "app"),
                ],
            ),
            (
                "2026-11-29 15:50:24.289 [main] ERROR com.acme.App - payment: failed a=1",
                &[
                    ("timestamp", "2026-11-29 15:50:24.289"),
                    ("message", "payment: failed a=1"),
                ],
            ),
            (
                "2026-11-29T15:50:24.289+01:00  INFO 123 --- [orders] [main] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] c.acme.App : ready",
                &[
                    ("timestamp", "2026-11-29T15:50:24.289+01:00"),
                    ("message", "ready"),
                    ("service", "orders"),
                    ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
                    ("span_id", "00f067aa0ba902b7"),
                ],
            ),
            (
                "2026-11-29 15:47:54,255 WARNING payment: declined user=5",
                &[
                    ("timestamp", "2026-11-29 15:47:54,255"),
                    ("message", "payment: declined"),
                    ("user", "5"),
                ],
            ),
            (
                "order placed trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
                &[
                    ("message", "order placed"),
                    ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
                ],
            ),
        ] {
            assert_eq!(fields(line), expected(names), "{line}");
        }
    }
}
