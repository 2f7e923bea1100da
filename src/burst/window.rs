use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts the events of the current period. Times are in milliseconds, of which only the lower 32 bits are kept. The upper half is the time at which the period began, and the lower half the count, which
/// is zero before the first event: the first period may begin at the time 0, once in 49 days. Both are one atomic number, so that no two threads begin the same period.
#[derive(Debug)]
pub(super) struct Window(AtomicU64);

impl Window {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts an event at the time `now`. Returns its number in its period, counted from one.
    #[inline]
    pub(super) fn count(&self, now: u32, period: u32) -> u32 {
        let mut seen = self.0.load(Relaxed);
        loop {
            let next = if is_within(start(seen), now, period) {
                seen + u64::from(count(seen) != u32::MAX)
            } else {
                u64::from(now) << 32 | 1
            };
            match self.0.compare_exchange_weak(seen, next, Relaxed, Relaxed) {
                Ok(_) => return count(next),
                Err(other) => seen = other,
            }
        }
    }

    /// Returns whether the last period is over.
    pub(super) fn is_over(&self, now: u32, period: u32) -> bool {
        !is_within(start(self.0.load(Relaxed)), now, period)
    }
}

#[inline]
fn start(window: u64) -> u32 {
    (window >> 32) as u32
}

#[inline]
fn count(window: u64) -> u32 {
    window as u32
}

/// Returns whether `now` is in the period that began at `start`. It may be a little earlier: another thread may have begun the period
/// after this one read the clock, and the clock may have been set back.
#[inline]
fn is_within(start: u32, now: u32, period: u32) -> bool {
    let elapsed = now.wrapping_sub(start) as i32;
    elapsed.unsigned_abs() < period
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_with_the_first_event_after_the_last_one() {
        let window = Window::new();
        for (now, number) in [
            (5_000, 1),
            (5_999, 2),
            (6_000, 1),
            (6_500, 2),
            (9_900, 1),
            (10_800, 2),
        ] {
            assert_eq!(window.count(now, 1_000), number, "{now}");
        }
    }

    #[test]
    fn an_earlier_time_is_in_the_same_period_unless_it_is_earlier_by_a_whole_one() {
        let window = Window::new();
        assert_eq!(window.count(9_000, 1_000), 1);
        assert_eq!(window.count(8_500, 1_000), 2);
        assert_eq!(window.count(8_000, 1_000), 1);
    }

    #[test]
    fn a_period_continues_when_the_milliseconds_overflow() {
        let window = Window::new();
        assert_eq!(window.count(u32::MAX - 1_000, 1_000), 1);
        assert_eq!(window.count(u32::MAX, 1_000), 1);
        assert_eq!(window.count(998, 1_000), 2);
        assert_eq!(window.count(999, 1_000), 1);
    }

    #[test]
    fn the_count_stops_at_its_maximum() {
        let window = Window(AtomicU64::new(u64::from(u32::MAX)));
        assert_eq!(window.count(0, 1_000), u32::MAX);
        assert_eq!(window.count(0, 1_000), u32::MAX);
    }
}
