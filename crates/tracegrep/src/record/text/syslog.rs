//! The start of a line that syslog has stored, by RFC 5424 or RFC 3164, or as `journalctl` prints it.

use super::{
    super::{shape::begins_with, time_forms::month_of, times::time_at_start},
    pairs::{self, Pair, Until},
};

/// Splits off what syslog has added: time, level, service, and the pairs of structured data.
pub(in super::super) fn split(line: &str) -> Option<(Vec<Pair>, &str)> {
    let (severity, rest) = match priority(line) {
        Some((severity, rest)) => (Some(severity), rest),
        None => (None, line),
    };
    let numbered = rest.strip_prefix("1 ").filter(|_| severity.is_some());
    let (mut pairs, text) = match numbered {
        Some(rest) => rfc_5424(rest)?,
        None => rfc_3164(rest)?,
    };
    if let Some(severity) = severity {
        pairs.push(("level".to_owned(), severity.to_string()));
    }
    Some((pairs, text))
}

/// Splits `<165>`, and returns the severity.
fn priority(line: &str) -> Option<(u8, &str)> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    let number: u8 = number.parse().ok().filter(|number| *number < 192)?;
    Some((number % 8, rest))
}

/// `2026-11-29T16:00:00.000Z host shop 123 ID47 [x trace_id="4bf9…"] text`, in which `-` stands for what is missing.
fn rfc_5424(text: &str) -> Option<(Vec<Pair>, &str)> {
    let mut words = text.splitn(6, ' ');
    let (time, _host, app) = (words.next()?, words.next()?, words.next()?);
    let (_process, _id, mut rest) = (words.next()?, words.next()?, words.next()?);
    let mut found = Vec::new();
    for (name, value) in [("timestamp", time), ("service", app)] {
        if value != "-" {
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    match rest.strip_prefix('-') {
        Some(after) => rest = after,
        None => {
            while rest.starts_with('[') {
                let (element, after) = rest.split_at(pairs::length_of_brackets(rest)?);
                let inside = element.strip_prefix('[')?.strip_suffix(']')?;
                let (_id, inside) = inside.split_once(' ').unwrap_or_default();
                found.extend(pairs::all(inside, Until::Space)?);
                rest = after;
            }
        }
    }
    let text = rest.strip_prefix(' ').unwrap_or(rest);
    Some((found, text.trim_start_matches('\u{feff}')))
}

/// `Nov 29 16:00:00 host shop[123]: text`, also with a whole time.
fn rfc_3164(text: &str) -> Option<(Vec<Pair>, &str)> {
    let whole = time_at_start(text).filter(|time| !time.contains(' '));
    let length = match whole {
        Some(time) => time.len(),
        None => length_of_date(text)?,
    };
    let (time, rest) = text.split_at_checked(length)?;
    let rest = rest.strip_prefix(' ')?;
    let (_host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(": ")?;
    let (app, process) = match tag.strip_suffix(']') {
        Some(tag) => tag.split_once('[')?,
        None => (tag, ""),
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_name = !app.is_empty() && app.chars().all(is_part);
    // Without the number of a process, a whole time and two words begin lines of other loggers too.
    let is_tag = is_name && (whole.is_none() || !process.is_empty());
    let is_number = process.bytes().all(|byte| byte.is_ascii_digit());
    if !(is_tag && is_number) {
        return None;
    }
    let found = [("timestamp", time), ("service", app)];
    let found = found.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some((found.into(), text))
}

/// Returns the length of `Nov 29 16:00:00`.
fn length_of_date(text: &str) -> Option<usize> {
    const SHAPE: &str = "aaa _# ##:##:##";
    let is_date = begins_with(text, SHAPE) && month_of(text.get(..3)?).is_some();
    is_date.then_some(SHAPE.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_syslog_adds_is_split_off() {
        let time = "2026-11-29T16:00:00.000Z";
        for (line, expected, text) in [
            (
                "<165>1 2026-11-29T16:00:00.000Z host shop 123 ID47 [x trace_id=\"4b\"][y a=\"b \\\"]\"] hello",
                &[
                    ("timestamp", time),
                    ("service", "shop"),
                    ("trace_id", "4b"),
                    ("a", "b \"]"),
                    ("level", "5"),
                ][..],
                "hello",
            ),
            (
                "<11>1 - - - - - - \u{feff}hello",
                &[("level", "3")],
                "hello",
            ),
            ("<11>1 - - - - - -", &[("level", "3")], ""),
            (
                "<11>Nov  9 16:00:00 host shop: hello",
                &[
                    ("timestamp", "Nov  9 16:00:00"),
                    ("service", "shop"),
                    ("level", "3"),
                ],
                "hello",
            ),
            (
                "Nov 29 16:00:00 host shop[1]: ERROR a: b",
                &[("timestamp", "Nov 29 16:00:00"), ("service", "shop")],
                "ERROR a: b",
            ),
            (
                "2026-11-29T16:00:00.000Z host shop[1]: hello",
                &[("timestamp", time), ("service", "shop")],
                "hello",
            ),
        ] {
            let expected: Vec<Pair> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(split(line), Some((expected, text)), "{line}");
        }
    }

    #[test]
    fn other_lines_are_not_of_syslog() {
        for line in [
            "",
            "<b>text</b>",
            "<11>1 2026 cut",
            "<999>Nov 29 16:00:00 host shop: hello",
            "Now 29 16:00:00 host shop: hello",
            "2026-11-29T16:00:00.000Z INFO shop: hello",
            "2026-11-29T16:00:00.000Z  INFO shop[x]: hello",
            "2026-11-29 16:00:00 host shop[1]: hello",
            "é",
        ] {
            assert_eq!(split(line), None, "{line}");
        }
    }
}
