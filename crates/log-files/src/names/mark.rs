//! The part of a closed file's name that distinguishes it from the current file: `.1`, `-20261128`, `.20261122T110400.123456Z`.

use super::rotation_order::MarkOrder;
use std::cmp::Reverse;

/// No mark is longer. The longest ones have a time with nanoseconds and a number.
const MAX_BYTES: usize = 40;
/// A longer number is a time or no mark at all.
const MAX_NUMBER_DIGITS: usize = 9;
/// Pattern of the marks that the rolling file writer of this project uses. `0` matches any digit.
const STAMP: &[u8] = b".00000000T000000.000000Z";

/// A mark, with the separator in front of it. It is empty if there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Mark<'n>(&'n str);

impl<'n> Mark<'n> {
    pub(super) fn text(self) -> &'n str {
        self.0
    }

    /// Returns all marks at the end of a text, the longest first. The text in front of a mark is never empty.
    pub(super) fn all_at_end(text: &'n str) -> Vec<Self> {
        let mut starts = Vec::new();
        for (at, byte) in text.bytes().enumerate().rev().take(MAX_BYTES) {
            if !byte.is_ascii_digit() && !b".-_:TZ".contains(&byte) {
                break;
            }
            if at > 0 && b".-_".contains(&byte) {
                starts.push(at);
            }
        }
        let mut marks = Vec::new();
        let mut end_of_date = 0;
        for at in starts.into_iter().rev() {
            // In `app.log.2026-11-28`, `-28` is not a mark of its own.
            if let Some(mark) = text.get(at..).and_then(Self::parse)
                && at >= end_of_date
            {
                end_of_date = end_of_date.max(at + 1 + mark.date_bytes());
                marks.push(mark);
            }
        }
        marks
    }

    fn parse(text: &'n str) -> Option<Self> {
        let mark = Self(text);
        let has_digit_at_ends = text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
            && text.ends_with(|last: char| last.is_ascii_digit() || last == 'Z');
        (has_digit_at_ends && (mark.number().is_some() || mark.date_bytes() > 0)).then_some(mark)
    }

    /// Returns the only number of the mark, unless that is a time.
    fn number(self) -> Option<u64> {
        let digits = self.0.get(1..)?;
        let is_number = digits.len() <= MAX_NUMBER_DIGITS && self.date_bytes() == 0;
        is_number.then(|| digits.parse().ok()).flatten()
    }

    /// Returns the length of the date or time with which the mark begins, or 0 if it does not begin with one: `2026-11-28`, `2026-11`,
    /// `20261128`, `2026112811`, or the seconds or milliseconds since 1970.
    fn date_bytes(self) -> usize {
        let mut runs = self.runs();
        let first = runs.next().unwrap_or_default();
        match first.len() {
            4 if is_year(first) => {
                let follows = |run: Option<&&str>| run.is_some_and(|run| run.len() == 2);
                let rest: Vec<&str> = runs.take(2).collect();
                match (follows(rest.first()), follows(rest.get(1))) {
                    (true, true) => "2026-11-28".len(),
                    (true, false) => "2026-11".len(),
                    (false, _) => 0,
                }
            }
            8 | 12 | 14 | 17 if is_date(first) => first.len(),
            // Since 2001 and until 2286, the seconds since 1970 have 10 digits, and the milliseconds 13.
            10 | 13 => first.len(),
            _ => 0,
        }
    }

    fn runs(self) -> impl Iterator<Item = &'n str> {
        let runs = self.0.split(|character: char| !character.is_ascii_digit());
        runs.filter(|run| !run.is_empty())
    }

    pub(super) fn is_time(self) -> bool {
        self.date_bytes() > 0
    }

    /// Whether this is a number behind a dot, as in `messages.1`.
    pub(super) fn is_dotted_number(self) -> bool {
        self.0.starts_with('.') && self.number().is_some()
    }

    /// Whether only the rolling file writer of this project makes such a mark.
    pub(super) fn is_stamp(self) -> bool {
        let matches = |(byte, expected): (u8, &u8)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *expected,
        };
        self.0.len() == STAMP.len() && self.0.bytes().zip(STAMP).all(matches)
    }

    pub(super) fn order(self) -> MarkOrder {
        if self.0.is_empty() {
            return MarkOrder::Unmarked;
        }
        match self.number() {
            Some(number) => MarkOrder::Number(Reverse(number)),
            None => {
                let runs = self.runs();
                MarkOrder::Time(runs.map(|run| run.parse().unwrap_or(u64::MAX)).collect())
            }
        }
    }
}

fn is_year(digits: &str) -> bool {
    digits
        .parse()
        .is_ok_and(|year| (1970..2200).contains(&year))
}

/// Whether the digits begin with year, month and day.
fn is_date(digits: &str) -> bool {
    let is_in = |part: Option<&str>, range: std::ops::RangeInclusive<u8>| {
        part.and_then(|part| part.parse().ok())
            .is_some_and(|number: u8| range.contains(&number))
    };
    digits.get(..4).is_some_and(is_year)
        && is_in(digits.get(4..6), 1..=12)
        && is_in(digits.get(6..8), 1..=31)
}
