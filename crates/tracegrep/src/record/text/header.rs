//! The time and the level at the start of a line.

use super::super::{
    level::Level,
    shape::begins_with,
    times::{epoch_at_start, time_at_start},
};

/// Time and level are looked for in this many words at the start of a line.
const WORDS: usize = 8;
/// A time is looked for in this many.
const WORDS_BEFORE_TIME: usize = 5;
/// A level without a time is looked for in this many, so that an `ERROR` within a sentence is none.
const WORDS_BEFORE_LEVEL: usize = 2;

/// The start of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) time: Option<&'a str>,
    pub(super) level: Option<&'a str>,
    /// What is between time and level.
    pub(super) between: &'a str,
    /// What follows both.
    pub(super) rest: &'a str,
}

impl<'a> Header<'a> {
    /// Finds the first time and the first level of a line. Continued lines begin with spaces and have neither. tracing-subscriber writes a
    /// level of four letters after one space, if it writes no time.
    pub(super) fn of(line: &'a str) -> Self {
        let none = Self {
            time: None,
            level: None,
            between: "",
            rest: line,
        };
        let after_space = line.strip_prefix(' ');
        let is_level = |rest: &str| rest.starts_with("INFO ") || rest.starts_with("WARN ");
        if line.starts_with(char::is_whitespace) && !after_space.is_some_and(is_level) {
            return none;
        }
        let of_day = || {
            words(line)
                .take(WORDS_BEFORE_TIME)
                .find_map(|at| Some((at, time_at_start(line.get(at..)?)?)))
        };
        let time = epoch(line).or_else(of_day);
        let has_time_of_day = || begins_with(line.trim_start_matches('['), "##:##:##");
        let most = if time.is_some() || has_time_of_day() {
            WORDS
        } else {
            WORDS_BEFORE_LEVEL
        };
        let end_of_time = time.map_or(0, |(at, text)| at + text.len());
        let mut after = words_from(line, end_of_time).take(most);
        let in_lower_case = time.and_then(|(_, time)| lower_level(line, end_of_time, time));
        let level = match in_lower_case.or_else(|| after.find_map(|at| level_at(line, at))) {
            Some(level) => Some(level),
            // Some formats have the level first.
            None => words(line)
                .take_while(|at| *at < end_of_time)
                .find_map(|at| level_at(line, at)),
        };
        let end_of_level = level.map_or(0, |(at, text)| at + text.len());
        let end = end_of_time.max(end_of_level);
        let between = match (time, level) {
            (Some(_), Some((at, _))) => line.get(end_of_time..at).unwrap_or_default(),
            _ => "",
        };
        Self {
            time: time.map(|(_, text)| text),
            level: level.map(|(_, text)| text),
            between,
            rest: line.get(end..).unwrap_or_default(),
        }
    }
}

/// Returns a number since 1970 at the start of a line, or after the name of a container. A whole number can be anything, so a level has to follow.
fn epoch(line: &str) -> Option<(usize, &str)> {
    let mut starts = words(line).take(WORDS_BEFORE_TIME).enumerate();
    let (_, at) = starts.find(|(number, at)| {
        let before = line.get(..*at).unwrap_or_default();
        let is_start = *number == 0 || before.trim_end().ends_with('|');
        is_start
            && line
                .get(*at..)
                .is_some_and(|rest| epoch_at_start(rest).is_some())
    })?;
    let time = epoch_at_start(line.get(at..)?)?;
    let mut after = words_from(line, at + time.len()).take(WORDS_BEFORE_LEVEL);
    let is_time = time.contains('.') || after.any(|at| level_at(line, at).is_some());
    is_time.then_some((at, time))
}

/// The places of the words of a text, without opening brackets before them.
fn words(text: &str) -> impl Iterator<Item = usize> + '_ {
    words_from(text, 0)
}

/// The places of the words from a place on.
fn words_from(text: &str, from: usize) -> impl Iterator<Item = usize> + '_ {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '[' | '(' | '<' | '|' | ']' | ')');
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(|c| !is_between(c))?;
        let word = text.get(start..)?;
        at = start + word.find(is_between).unwrap_or(word.len());
        Some(start)
    })
}

/// Returns the level at a place: a word in capitals, or in any case within brackets. Python's usual format is `INFO:app:text`.
fn level_at(line: &str, at: usize) -> Option<(usize, &str)> {
    let rest = line.get(at..)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-')));
    let word = rest.get(..end.unwrap_or(rest.len()))?;
    let before = line.get(..at)?.chars().next_back();
    let after = rest.get(word.len()..)?.chars().next();
    let is_in_brackets = matches!(
        (before, after),
        (Some('['), Some(']')) | (Some('<'), Some('>'))
    );
    let ends = matches!(after, None | Some(' ' | ':' | ']' | '|' | '>' | ',' | '\t'));
    let is_capital = !word.contains(|c: char| c.is_ascii_lowercase());
    let is_level = ends && (is_capital || is_in_brackets) && Level::of_name(word).is_some();
    // Before another level, this is the name of a thread or a logger.
    let is_other = || word.eq_ignore_ascii_case("http") && has_level_after(line, at + word.len());
    (is_level && !is_other()).then_some((at, word))
}

/// Returns whether the next word after a place is a level.
fn has_level_after(line: &str, at: usize) -> bool {
    let next = words_from(line, at).next();
    next.is_some_and(|next| level_at(line, next).is_some())
}

/// Returns the level in lower case that follows a time. Where a message could begin with the word, the time must have the form of RFC 3339.
fn lower_level<'a>(line: &'a str, end_of_time: usize, time: &str) -> Option<(usize, &'a str)> {
    const LEVELS: [&str; 9] = [
        "trace", "debug", "verbose", "info", "warn", "warning", "error", "fatal", "critical",
    ];
    let after = line.get(end_of_time..)?;
    let rest = after.trim_start_matches([' ', '\t', ']']);
    let end = rest.find(|c: char| !c.is_ascii_lowercase())?;
    let word = rest.get(..end).filter(|word| LEVELS.contains(word))?;
    let is_level = match rest.as_bytes().get(end)? {
        b':' | b'\t' => true,
        b' ' => time.contains('T') && time.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    is_level.then_some((line.len() - rest.len(), word))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

    fn parts(line: &str) -> Parts<'_> {
        let header = Header::of(line);
        (header.time, header.level, header.rest)
    }

    #[test]
    fn time_and_level_are_found_where_loggers_write_them() {
        for (line, time, level, rest) in [
            (
                "2026-11-29T16:05:28.6Z  INFO app: x",
                "2026-11-29T16:05:28.6Z",
                "INFO",
                " app: x",
            ),
            (
                "2026-11-29 15:47:55,255 WARNING [app] x",
                "2026-11-29 15:47:55,255",
                "WARNING",
                " [app] x",
            ),
            (
                "[2026-11-29T15:47:54Z INFO  app] x",
                "2026-11-29T15:47:54Z",
                "INFO",
                "  app] x",
            ),
            (
                "2026-11-29 15:50:24.289 [main] ERROR c.a.B - x",
                "2026-11-29 15:50:24.289",
                "ERROR",
                " c.a.B - x",
            ),
            (
                "2026/11/29 15:47:54 [error] 12#12: x",
                "2026/11/29 15:47:54",
                "error",
                "] 12#12: x",
            ),
            (
                "DEBUG 2026-11-29 15:47:54 x",
                "2026-11-29 15:47:54",
                "DEBUG",
                " x",
            ),
            ("1795967274.146 INFO x", "1795967274.146", "INFO", " x"),
            ("[1795967274146] [WARN] x", "1795967274146", "WARN", "] x"),
            (
                "orders-1  | 1795967274 ERROR x",
                "1795967274",
                "ERROR",
                " x",
            ),
            (
                "20261129T154754.146Z INFO x",
                "20261129T154754.146Z",
                "INFO",
                " x",
            ),
            (
                "Sun Nov 29 15:47:54 2026 INFO x",
                "Sun Nov 29 15:47:54 2026",
                "INFO",
                " x",
            ),
            (
                "[Sun Nov 29 15:47:54.146 2026] [error] x",
                "Sun Nov 29 15:47:54.146 2026",
                "error",
                "] x",
            ),
            (
                "orders-1  | 2026-11-29T15:47:54Z INFO x",
                "2026-11-29T15:47:54Z",
                "INFO",
                " x",
            ),
        ] {
            assert_eq!(parts(line), (Some(time), Some(level), rest), "{line}");
        }
        for (line, level) in [
            ("2026-11-29T15:47:54Z error x", Some("error")),
            ("2026-11-29 15:47:54 warn: x", Some("warn")),
            ("[2026-11-29 15:47:54] info: x", Some("info")),
            ("2026-11-29T15:47:54Z\tdebug\tx", Some("debug")),
            ("2026-11-29 15:47:54 error in info", None),
            ("Tue Dec  1 15:47:54 2026 error in info", None),
            ("2026-11-29T15:47:54Z Error count is 0", None),
            ("2026-11-29T15:47:54Z errors: 0", None),
            ("16:00:00.123 [main] ERROR c.a.B - x", Some("ERROR")),
            ("[16:00:00] ERROR x", Some("ERROR")),
            ("2026-11-29T15:47:54Z [http-1] ERROR x", Some("ERROR")),
            ("2026-11-29T15:47:54Z [HTTP1] ERROR x", Some("ERROR")),
            ("2026-11-29T15:47:54Z [http] ERROR x", Some("ERROR")),
            ("2026-11-29T15:47:54Z [http] x", Some("http")),
            ("2026-11-29T15:47:54Z HTTP2 x", None),
        ] {
            assert_eq!(parts(line).1, level, "{line}");
        }
        let squid = "1795967274.146    921 192.0.2.1 TCP_MISS/200 507 GET http://shop/";
        assert_eq!(parts(squid).0, Some("1795967274.146"));
        let count = "1795967274 orders were placed";
        assert_eq!(parts(count), (None, None, count));
        assert_eq!(parts("INFO:app:text"), (None, Some("INFO"), ":app:text"));
        assert_eq!(parts(" WARN app: x"), (None, Some("WARN"), " app: x"));
        let access = "127.0.0.1 - - [29/Nov/2026:15:54:16 +0000] \"GET /\"";
        assert_eq!(
            parts(access),
            (Some("29/Nov/2026:15:54:16 +0000"), None, "] \"GET /\"")
        );
    }

    #[test]
    fn the_lines_of_a_stack_trace_have_neither() {
        for line in [
            "Traceback (most recent call last):",
            "  File \"/app/x.py\", line 3, in pay",
            "    raise Error(\"2026-11-29T15:47:54Z ERROR\")",
            "\tat App.pay(App.java:10)",
            "Caused by: java.lang.NumberFormatException: For input string: \"12x\"",
            "ValueError: invalid literal for int() with base 10: '12x'",
            "RuntimeError: card declined",
            "then an ERROR of the bank",
            "    ERROR in a quoted text",
            "error: lower case",
            "",
        ] {
            assert_eq!(parts(line), (None, None, line), "{line}");
        }
    }
}
