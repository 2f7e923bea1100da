use crate::time_text;

/// Writes how long after the start a time is. Only a line of another trace can be before it.
pub(crate) fn passed(start: i64, time: i64) -> String {
    let (sign, passed) = match time < start {
        true => ('-', time_text::between(time, start)),
        false => ('+', time_text::between(start, time)),
    };
    format!("{sign}{}", time_text::offset(passed))
}
