//! Prints what would be sent.

use log_files::calendar::civil_from_days;
use serde_json::json;
use std::{
    io::{self, BufWriter, Write as _},
    ops::ControlFlow,
};
use traceship::{Preview, Shipper};

/// A longer line is cut. Its length is printed too.
const MAX_TEXT_BYTES: usize = 200;

/// Prints a JSON object for each line that would be sent. Stops early if standard output is closed.
pub(crate) fn print(shipper: Shipper) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    shipper.dry_run(|line| {
        written = writeln!(out, "{}", object(line));
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    match written.and_then(|()| out.flush()) {
        // The reader has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn object(line: &Preview<'_>) -> serde_json::Value {
    let text = line.text();
    let mut object = json!({
        "file": line.file().to_string_lossy(),
        "offset": line.offset(),
        "id": line.id(),
        "time": rfc3339(line.nanos()),
        "bytes": text.len(),
        "line": beginning(text),
    });
    if let Some(labels) = line.labels() {
        object["labels"] = labels.into();
    }
    object
}

/// Returns the beginning of a text, whole characters only.
fn beginning(text: &[u8]) -> String {
    let is_inside = |byte: &u8| byte & 0xc0 == 0x80;
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while end > 0 && text.get(end).is_some_and(is_inside) && text.len() > MAX_TEXT_BYTES {
        end -= 1;
    }
    String::from_utf8_lossy(&text[..end]).into_owned()
}

/// Formats a time in nanoseconds since 1970, which is between the years 1677 and 2262.
fn rfc3339(nanos: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    const DAY: i64 = 86_400;
    let (seconds, fraction) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:09}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_another_calendar() {
        for nanos in [
            0,
            1,
            -1,
            951_782_400_123_456_789,
            1_764_414_000_000_000_000,
            i64::MAX,
            i64::MIN,
        ] {
            let other = jiff::Timestamp::from_nanosecond(nanos.into()).expect("it is in range");
            assert_eq!(rfc3339(nanos), format!("{other:.9}"));
        }
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        assert_eq!(beginning(b"short"), "short");
        assert_eq!(beginning("é".repeat(300).as_bytes()), "é".repeat(100));
        assert_eq!(
            beginning(format!("a{}", "é".repeat(300)).as_bytes()).len(),
            199
        );
        assert_eq!(beginning(&[0x80; 300]), "");
    }
}
