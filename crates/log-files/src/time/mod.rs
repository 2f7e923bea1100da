//! The times that lines contain.
//!
//! | written | by | precision |
//! |---|---|---|
//! | `2026-11-28T18:53:17.298748Z` | RFC 3339 (section 5.6): most loggers. A space instead of the `T`, a comma instead of the point and an offset without a colon are accepted too (ISO 8601) | that of its digits |
//! | `1795891997` | Unix time in seconds | seconds |
//! | `1795891997298` | pino, bunyan, Java: milliseconds since 1970 | milliseconds |
//! | `1795891997298748`, `1795891997298748123` | micro- and nanoseconds since 1970 | as they say |
//! | `1795891997.298748`, `1.795891997298748e+09` | zap, Python: one of these numbers with decimals or an exponent | that of its decimals |
//!
//! A time is only accepted if it is **in the years 2000 to 2099**. This rule shows the unit of a number, and prevents that durations and
//! counters, such as `"time":35`, are taken for times. A time without an offset from UTC (`2026-11-28 18:53:17`) is not accepted either,
//! because the offset is not known.

mod epoch;
mod rfc3339;

/// A time with the precision in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time {
    /// Nanoseconds since 1970, without leap seconds.
    pub nanos: i64,
    /// The unit in which the time was written, or the unit of its last decimal.
    pub unit: Unit,
}

/// The precision of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Whole seconds.
    Second,
    /// Up to three decimals of a second.
    Millisecond,
    /// Up to six decimals of a second.
    Microsecond,
    /// More decimals. Those after the ninth are ignored.
    Nanosecond,
}

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// The start of the years 2000 and 2100, in seconds since 1970.
const FIRST_SECOND: i64 = 946_684_800;
const END_SECOND: i64 = 4_102_444_800;

/// Parses a time, without the quotes that it has in JSON. See the [module](self) for what is accepted.
///
/// ```
/// use log_files::{Unit, parse_time};
///
/// let time = parse_time(b"2026-11-28T19:53:17.298+01:00").expect("a time");
/// assert_eq!((time.nanos, time.unit), (1_795_891_997_298_000_000, Unit::Millisecond));
/// assert_eq!(parse_time(b"1795891997298"), Some(time));
/// assert_eq!(parse_time(b"35"), None);
/// ```
#[must_use]
pub fn parse_time(text: &[u8]) -> Option<Time> {
    if text.get(4) == Some(&b'-') {
        rfc3339::parse(text)
    } else {
        epoch::parse(text)
    }
}

impl Unit {
    /// The unit of a number of decimals of a second.
    fn of_decimals(decimals: usize) -> Self {
        match decimals {
            0 => Self::Second,
            1..=3 => Self::Millisecond,
            4..=6 => Self::Microsecond,
            _ => Self::Nanosecond,
        }
    }

    /// The length of the unit in nanoseconds.
    #[must_use]
    pub fn nanos(self) -> i64 {
        match self {
            Self::Second => NANOS_PER_SECOND,
            Self::Millisecond => 1_000_000,
            Self::Microsecond => 1_000,
            Self::Nanosecond => 1,
        }
    }
}

impl Time {
    /// Returns `None` if the seconds are not in the years 2000 to 2099.
    fn new(seconds: i64, nanos: i64, unit: Unit) -> Option<Self> {
        let is_plausible = (FIRST_SECOND..END_SECOND).contains(&seconds);
        is_plausible.then(|| Self {
            nanos: seconds * NANOS_PER_SECOND + nanos,
            unit,
        })
    }
}
