//! `LOG_BURST`: how many lines of one call site are written during a storm.

use super::env::Env;
use crate::burst::Burst;
use std::time::Duration;

const EXPECTED: &str = "a number of lines and a period, such as `100/s`, `100/10s` or `100/s,every=100`. The units are `ms`, `s`, `m` and `h`";

pub(super) fn from_env(env: &Env<'_>) -> Option<Burst> {
    env.parsed("LOG_BURST", EXPECTED, parse)
}

fn parse(value: &str) -> Option<Burst> {
    let (rate, every) = match value.split_once(',') {
        Some((rate, every)) => (rate, every.trim().strip_prefix("every=")?.parse().ok()?),
        None => (value, 0),
    };
    let (first, period) = rate.trim().split_once('/')?;
    let first = first.trim().parse().ok()?;
    Some(Burst::per_call_site(first, parse_period(period.trim())?).then_every(every))
}

/// Parses a unit with a number before it, which can be left out.
fn parse_period(text: &str) -> Option<Duration> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(end)?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3_600),
        _ => return None,
    };
    let number: u32 = match number {
        "" => 1,
        number => number.parse().ok().filter(|number| *number > 0)?,
    };
    unit.checked_mul(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_a_number_of_lines_per_period() {
        let burst =
            |first, milliseconds| Burst::per_call_site(first, Duration::from_millis(milliseconds));
        for (value, expected) in [
            ("100/s", burst(100, 1_000)),
            ("100/10s", burst(100, 10_000)),
            (" 5 / 250ms ", burst(5, 250)),
            ("0/m", burst(0, 60_000)),
            ("1/2h", burst(1, 7_200_000)),
            ("100/s,every=50", burst(100, 1_000).then_every(50)),
            ("100/s, every=0", burst(100, 1_000)),
        ] {
            assert_eq!(parse(value), Some(expected), "{value}");
        }
    }

    #[test]
    fn other_values_are_invalid() {
        for value in [
            "100",
            "100/",
            "/s",
            "100/0s",
            "100/sec",
            "-1/s",
            "100/s,",
            "100/s,50",
            "100/s,every=",
            "100/s,every=x",
            "100/s,every=1,every=2",
            "99999999999/s",
            "1/99999999999s",
            "many/s",
            "1/\u{e9}",
        ] {
            assert_eq!(parse(value), None, "{value}");
        }
    }
}
