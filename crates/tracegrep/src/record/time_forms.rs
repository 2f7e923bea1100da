//! The forms of times other than RFC 3339.

use super::shape::begins_with;

/// The shapes of times that need more than other punctuation to become RFC 3339.
const BASIC: &str = "########T######";
const CTIME: &str = "aaa aaa _# ##:##:##";

/// Rewrites other forms of a time so that `parse_time` accepts them, except that the offset may be missing:
///
/// | written | by |
/// |---|---|
/// | `2026/11/29 15:47:54` | Go's `log`, nginx's error log |
/// | `29/Nov/2026:15:47:54 +0000` | access logs |
/// | `2026-11-29 15:47:54 +0000`, `… UTC` | Ruby, Go |
/// | `2026-11-29 15:47:54+02` | PostgreSQL |
/// | `20261129T154754Z` | the basic format of ISO 8601 |
/// | `Sun Nov 29 15:47:54 2026`, `… UTC 2026` | C's `ctime`, Apache's error log, `date` |
pub(super) fn iso_8601(text: &str) -> Option<String> {
    if begins_with(text, CTIME) {
        return of_ctime(text);
    }
    if begins_with(text, BASIC) {
        let (date, rest) = text.split_at_checked(8)?;
        let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
        let (hour, minute, rest) = (rest.get(1..3)?, rest.get(3..5)?, rest.get(5..)?);
        return Some(format!("{year}-{month}-{day}T{hour}:{minute}:{rest}"));
    }
    let (date, rest) = match text.as_bytes() {
        [_, _, _, _, b'-' | b'/', ..] => {
            let (date, rest) = text.split_at_checked(10)?;
            (date.replace('/', "-"), rest)
        }
        [_, _, b'/', ..] => {
            let (date, rest) = text.split_at_checked(11)?;
            let mut parts = date.split('/');
            let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
            (format!("{year}-{:02}-{day}", month_of(month)?), rest)
        }
        _ => return None,
    };
    let rest = rest.strip_prefix(['T', 't', ' ', ':'])?;
    let rest = match rest.split_once(' ') {
        Some((time, "UTC" | "GMT" | "Z")) => format!("{time}Z"),
        Some((time, offset)) => format!("{time}{offset}"),
        None => rest.to_owned(),
    };
    // PostgreSQL writes an offset without minutes.
    let offset = rest.len().checked_sub(3).and_then(|at| rest.get(at..));
    let has_hours_alone = offset.is_some_and(|offset| offset.starts_with(['+', '-']));
    let minutes = if has_hours_alone { "00" } else { "" };
    Some(format!("{date}T{rest}{minutes}"))
}

fn of_ctime(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let (month, day, time) = (month_of(words.next()?)?, words.next()?, words.next()?);
    let (zone, year) = match (words.next()?, words.next()) {
        (year, None) => ("", year),
        ("UTC" | "GMT", Some(year)) => ("Z", year),
        (offset, Some(year)) => (offset, year),
    };
    let is_end = words.next().is_none();
    is_end.then(|| format!("{year}-{month:02}-{day:0>2}T{time}{zone}"))
}

/// Returns the number of a month.
pub(super) fn month_of(name: &str) -> Option<usize> {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    Some(NAMES.iter().position(|month| *month == name)? + 1)
}

/// Returns the length of the time with which a text begins, such as `2026-11-29 15:47:54,146 +0000`, or `None` if it begins with no time.
/// What follows a time is not a letter or digit.
pub(super) fn length_of_time(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if begins_with(text, CTIME) {
        return length_of_ctime(text);
    }
    let shapes = [
        "####-##-##?##:##:##",
        "####/##/##?##:##:##",
        "##/aaa/####?##:##:##",
        BASIC,
    ];
    let mut end = shapes
        .into_iter()
        .find(|shape| begins_with(text, shape))?
        .len();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    if matches!(bytes.get(end), Some(b'.' | b',')) && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let gap = usize::from(bytes.get(end) == Some(&b' '));
    let offset = match bytes.get(end + gap) {
        Some(b'Z' | b'z') if gap == 0 => 1,
        Some(b'+' | b'-') => match (digits(end + gap + 1), bytes.get(end + gap + 3)) {
            (4, _) => 5,
            (2, Some(b':')) if digits(end + gap + 4) == 2 => 6,
            (2, _) if gap == 0 => 3,
            _ => 0,
        },
        Some(b'U' | b'G') => {
            let word = bytes.get(end + gap..end + gap + 3);
            usize::from(matches!(word, Some(b"UTC" | b"GMT"))) * 3
        }
        _ => 0,
    };
    let is_whole = |end| !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let end_of_offset = end + gap + offset;
    if offset > 0 && is_whole(end_of_offset) {
        return Some(end_of_offset);
    }
    is_whole(end).then_some(end)
}

/// Returns the length of a time that ends with the year, after the abbreviation or the offset of a zone.
fn length_of_ctime(text: &str) -> Option<usize> {
    let after = text.get(CTIME.len()..)?;
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let mut end = CTIME.len() + after.find(' ')?;
    for _ in 0..2 {
        let word = text.get(end..)?.strip_prefix(' ')?;
        let length = word.find(|c| !is_in_word(c)).unwrap_or(word.len());
        end += 1 + length;
        if begins_with(word, "####") && length == 4 {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_time_in_a_text_is_found() {
        for (time, rest) in [
            ("2026-11-29T15:47:54.146Z", " INFO"),
            ("2026-11-29T15:47:54+01:00", "]"),
            ("2026-11-29 15:47:54,146", " INFO"),
            ("2026-11-29 15:47:54,146", " - 12"),
            ("2026-11-29 15:47:54.146 +0000", " [x]"),
            ("2026/11/29 15:47:54", " UTCX"),
            ("29/Nov/2026:15:47:54 +0000", "] GET"),
            ("2026-11-29 15:47:54.146+02", " ERROR"),
            ("2026-11-29 15:47:54.146+02", " UTC"),
            ("2026-11-29 15:47:54", " -05"),
            ("2026-11-29 15:47:54", ""),
            ("20261129T154754.146Z", " INFO"),
            ("Sun Nov 29 15:47:54 2026", " INFO"),
            ("Sun Nov  9 15:47:54.146 2026", "] INFO"),
            ("Sun Nov 29 15:47:54 UTC 2026", " x"),
        ] {
            let length = length_of_time(&format!("{time}{rest}"));
            assert_eq!(length, Some(time.len()), "{time}{rest}");
        }
        for text in [
            "",
            "2026-11-29",
            "2026-11-29T15:47:54x",
            "x2026-11-29T15:47:54Z",
            "20261129T1547541",
            "Sun Nov 29 15:47:54 x",
            "Sun Nov 29 15:47:54 20261",
        ] {
            assert_eq!(length_of_time(text), None, "{text}");
        }
    }
}
