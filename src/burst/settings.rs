use std::{borrow::Cow, time::Duration};
use tracing_core::Level;

/// How many lines of one call site are written during a storm, for [`StampLayer::with_burst`](crate::StampLayer::with_burst).
///
/// The first lines of each period are written, and after them every n-th line, or none. A period begins with the first line after
/// the last period. The next line of the call site says how many lines were left out before it, under `suppressed`
/// ([`FixedKey::Suppressed`](crate::FixedKey::Suppressed)). If no line comes within two to three seconds, a separate line reports it:
///
/// ```json
/// {"timestamp":"2026-11-22T11:04:00.123456Z","level":"WARN","message":"lines suppressed","target":"shop::db","suppressed":1843}
/// ```
///
/// Lines of WARN and of more verbose levels are limited. [`at_and_below`](Self::at_and_below) sets another level.
///
/// ```
/// use std::time::Duration;
/// use tracing_stamp::Burst;
/// use tracing_subscriber::prelude::*;
///
/// // The first two lines of each minute, and then every tenth line.
/// let burst = Burst::per_call_site(2, Duration::from_secs(60)).then_every(10);
/// let layer = tracing_stamp::layer().with_writer(std::io::sink).with_burst(burst);
/// let stats = layer.stats();
/// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
///     for attempt in 1..=25 {
///         // Written for the attempts 1, 2, 12 and 22. Attempts 12 and 22 have `"suppressed":9`.
///         tracing::warn!(attempt, "connection refused");
///     }
/// });
/// assert_eq!((stats.unstamped(), stats.suppressed()), (4, 21));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a burst does nothing until it is given to `StampLayer::with_burst`"]
pub struct Burst {
    pub(super) rate: Rate,
    /// The least verbose level that is limited.
    pub(super) level: Level,
    pub(super) key: Option<Cow<'static, str>>,
}

/// Which lines of a period are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    first: u32,
    /// In milliseconds, and at least one.
    pub(super) period: u32,
    /// Zero if no line is written after the first ones.
    every: u32,
}

/// About 24 days. Windows measure time in 32 bits.
const LONGEST_PERIOD: u32 = u32::MAX >> 1;

impl Burst {
    /// Writes the first `first` lines of a call site in each `period`, and no others.
    ///
    /// A period has whole milliseconds: at least one, and at most 24 days.
    pub const fn per_call_site(first: u32, period: Duration) -> Self {
        let period = period.as_millis();
        let period = match period {
            0 => 1,
            long if long > LONGEST_PERIOD as u128 => LONGEST_PERIOD,
            period => period as u32,
        };
        Self {
            rate: Rate {
                first,
                period,
                every: 0,
            },
            level: Level::WARN,
            key: None,
        }
    }

    /// After the first lines of a period, also writes every `every`-th line. With 0, the default, none.
    pub const fn then_every(mut self, every: u32) -> Self {
        self.rate.every = every;
        self
    }

    /// Counts the lines of a call site separately for each value of the event's field `field`, such as a peer.
    ///
    /// A call site keeps up to 1,024 values. If there are more at a time, the lines with other values are counted together with those
    /// without this field. Fields of spans do not count. A value that is formatted, such as `%peer`, is formatted a second time if its
    /// line is written.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_stamp::Burst;
    /// use tracing_subscriber::prelude::*;
    ///
    /// let burst = Burst::per_call_site(1, Duration::from_secs(60)).by("peer");
    /// let layer = tracing_stamp::layer().with_writer(std::io::sink).with_burst(burst);
    /// let stats = layer.stats();
    /// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
    ///     for peer in ["10.0.0.7", "10.0.0.8", "10.0.0.7"] {
    ///         tracing::warn!(peer, "handshake failed");
    ///     }
    /// });
    /// assert_eq!((stats.unstamped(), stats.suppressed()), (2, 1));
    /// ```
    pub fn by(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.key = Some(field.into());
        self
    }

    /// Limits lines of this level and of more verbose levels. With [`Level::ERROR`] all lines are limited; the default is
    /// [`Level::WARN`].
    pub const fn at_and_below(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl Rate {
    /// Returns whether the line is written that is this number of its period, counted from one.
    #[inline]
    pub(super) fn admits(self, number: u32) -> bool {
        number <= self.first || (self.every > 0 && (number - self.first).is_multiple_of(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_at_least_a_millisecond_and_at_most_24_days() {
        for (period, milliseconds) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1_999_999), 1),
            (Duration::from_secs(1), 1_000),
            (Duration::MAX, LONGEST_PERIOD),
        ] {
            let burst = Burst::per_call_site(1, period);
            assert_eq!(burst.rate.period, milliseconds, "{period:?}");
        }
    }

    #[test]
    fn the_first_lines_of_a_period_are_written_and_then_every_so_many_th() {
        let written = |first: u32, every: u32| -> Vec<u32> {
            let burst = Burst::per_call_site(first, Duration::from_secs(1)).then_every(every);
            (1..=10)
                .filter(|number| burst.rate.admits(*number))
                .collect()
        };
        assert_eq!(written(3, 0), [1, 2, 3]);
        assert_eq!(written(3, 3), [1, 2, 3, 6, 9]);
        assert_eq!(written(0, 4), [4, 8]);
        assert_eq!(written(0, 0), [0; 0]);
        assert_eq!(written(1, 1).len(), 10);
    }
}
