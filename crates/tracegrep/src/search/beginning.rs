use std::net::Ipv4Addr;

/// How a line begins, which shows whether it belongs to the line before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// With a brace, as a JSON line.
    Object,
    /// With a time, or as loggers begin a text line that has its time later.
    Time,
    /// With whitespace, or as a line of a stack trace.
    Indented,
    Other,
}

/// The beginnings of lines in stack traces of Java, Python and Go that are not indented.
const OF_STACK_TRACES: [&[u8]; 5] = [
    b"Caused by:",
    b"Traceback ",
    b"During handling of",
    b"The above exception",
    b"goroutine ",
];
const KEYS: [&[u8]; 6] = [b"time=", b"ts=", b"timestamp=", b"t=", b"at=", b"level="];
const LEVELS: [&[u8]; 5] = [b"TRACE", b"DEBUG", b"INFO", b"WARN", b"ERROR"];
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Beginnings of text lines: `#` is a digit, `@` a letter, and the others are themselves.
const TIMES: [&[u8]; 10] = [
    b"####-##-##",
    b"####/##/##",
    b"########T######",
    b"##-##-####",
    b"##/##/####",
    b"##.##.####",
    b"##/@@@/####",
    b"##:##:##",
    // Seconds since 1970, and all that is more precise.
    b"##########",
    // klog: a level, month and day, and the time.
    b"@#### ##:##:##",
];

impl Beginning {
    pub(super) fn of(line: &[u8]) -> Self {
        let text = without_escapes(line);
        if is_padded_head(text) {
            return Self::Time;
        }
        match text.first() {
            Some(b'{') => return Self::Object,
            None | Some(b' ' | b'\t') => return Self::Indented,
            Some(_) => {}
        }
        let brackets = text.iter().take_while(|byte| b"[(<\"".contains(byte));
        if is_time(text.get(brackets.count()..).unwrap_or_default()) {
            return Self::Time;
        }
        let is_of_stack_trace = OF_STACK_TRACES.iter().any(|start| line.starts_with(start));
        match is_of_stack_trace || is_exception(line) {
            true => Self::Indented,
            false => Self::Other,
        }
    }

    /// Whether lines that follow a line that begins like this may belong to it.
    pub(super) fn can_be_followed(self) -> bool {
        self != Self::Object
    }

    /// Whether a line that begins like this belongs to an earlier line that begins like `self`, although it has something wanted. Lines that
    /// are not indented are then records of their own, because some loggers begin all lines without a time.
    pub(super) fn has_wanted(self, next: Self) -> bool {
        matches!(self, Self::Time | Self::Other) && next == Self::Indented
    }

    /// Whether a line that begins like this belongs to an earlier line that begins like `self`.
    pub(super) fn is_followed_by(self, next: Self) -> bool {
        match self {
            Self::Object => false,
            Self::Time => matches!(next, Self::Indented | Self::Other),
            // Other lines may begin in the same way as this one.
            Self::Indented | Self::Other => next == Self::Indented,
        }
    }
}

/// Whether a line begins with one or two spaces and then like a record, as those of tracing-subscriber: it aligns levels to the right, and its
/// pretty lines begin with two spaces.
fn is_padded_head(text: &[u8]) -> bool {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    let text = without_escapes(text.get(spaces..).unwrap_or_default());
    let is_level = |level: &&[u8]| {
        let rest = text.strip_prefix(*level);
        rest.is_some_and(|rest| matches!(rest.first(), Some(b' ' | b':' | 0x1b)))
    };
    let is_head = || matches(text, b"####-##-##") || LEVELS.iter().any(is_level);
    matches!(spaces, 1 | 2) && is_head()
}

/// Removes escapes that set colors, such as `ESC[2m`, from the start.
fn without_escapes(mut text: &[u8]) -> &[u8] {
    while let Some(escape) = text.strip_prefix(b"\x1b[") {
        let length = escape.iter().take_while(|byte| !byte.is_ascii_alphabetic());
        text = escape.get(length.count() + 1..).unwrap_or_default();
    }
    text
}

fn is_time(text: &[u8]) -> bool {
    let starts_with = |start: &&[u8]| text.starts_with(start);
    let named =
        || MONTHS.iter().chain(&DAYS).any(starts_with) && matches!(text.get(3), Some(b' ' | b','));
    TIMES.iter().any(|time| matches(text, time))
        || KEYS.iter().any(starts_with)
        || named()
        || is_address(text)
}

fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let is_one = |(byte, pattern): (&u8, &u8)| match pattern {
        b'#' => byte.is_ascii_digit(),
        b'@' => byte.is_ascii_alphabetic(),
        pattern => byte == pattern,
    };
    text.len() >= pattern.len() && text.iter().zip(pattern).all(is_one)
}

/// Whether the first word is an IPv4 address, with which access logs begin.
fn is_address(text: &[u8]) -> bool {
    let word = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    word.len() <= 15 && str::from_utf8(word).is_ok_and(|word| word.parse::<Ipv4Addr>().is_ok())
}

/// Whether the line is as the last one of Python's stack traces: `ValueError: text`, or `shop.PaymentError`.
fn is_exception(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$".contains(byte);
    name.iter().all(is_name) && (name.ends_with(b"Error") || name.ends_with(b"Exception"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_begins_with_a_time_begins_a_record() {
        for line in [
            "2026-11-29 15:44:49,107 ERROR [app] text",
            "\u{1b}[2m2026-11-29T15:44:49.107Z\u{1b}[0m text",
            "[2026-11-29T15:44:49Z] text",
            "[29/Nov/2026:15:44:49 +0000] text",
            "127.0.0.1 - - [29/Nov/2026:15:44:49 +0000] text",
            "Nov 29 15:44:49 host app: text",
            "15:44:49.107 [main] text",
            "E1129 15:44:49.107 main.go:3] text",
            "time=2026-11-29T15:44:49Z level=INFO",
            "  2026-11-29T15:44:49Z  INFO shop: text",
            " INFO shop: text",
            "1795891997.298 text",
        ] {
            assert_eq!(Beginning::of(line.as_bytes()), Beginning::Time, "{line}");
        }
    }

    #[test]
    fn lines_of_stack_traces_are_recognized_without_a_time_before_them() {
        for line in [
            "",
            "\tat shop.Cart.load(Cart.java:3)",
            "  File \"/app/x.py\", line 3",
            "Caused by: java.io.IOException",
            "Traceback (most recent call last):",
            "ValueError: card declined",
            "shop.PaymentException",
        ] {
            assert_eq!(
                Beginning::of(line.as_bytes()),
                Beginning::Indented,
                "{line}"
            );
        }
        for line in ["INFO text", "Server error: x", "then text"] {
            assert_eq!(Beginning::of(line.as_bytes()), Beginning::Other, "{line}");
        }
    }
}
