//! Parses times, and compares them with jiff's.

use jiff::{Timestamp, Zoned, tz::Offset, tz::TimeZone};
use log_files::{Time, Unit, parse_time};
use proptest::prelude::*;

fn parsed(text: &str) -> Option<(i64, Unit)> {
    parse_time(text.as_bytes()).map(|Time { nanos, unit }| (nanos, unit))
}

#[test]
fn times_are_read_to_the_nanosecond_with_the_precision_in_which_they_are_written() {
    use Unit::{Microsecond, Millisecond, Nanosecond, Second};
    for (text, nanos, unit) in [
        ("2026-11-28T18:53:17Z", 1_795_891_997_000_000_000, Second),
        (
            "2026-11-28T18:53:17.298Z",
            1_795_891_997_298_000_000,
            Millisecond,
        ),
        (
            "2026-11-28T18:53:17.298748Z",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        (
            "2026-11-28T18:53:17.298748123Z",
            1_795_891_997_298_748_123,
            Nanosecond,
        ),
        (
            "2026-11-28T18:53:17.2987481239Z",
            1_795_891_997_298_748_123,
            Nanosecond,
        ),
        (
            "2026-11-28 18:53:17,298+0000",
            1_795_891_997_298_000_000,
            Millisecond,
        ),
        (
            "2026-11-28t18:53:17.298748z",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        (
            "2026-11-28T19:53:17.298748+01:00",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        (
            "2024-02-29T23:59:59.5-0030",
            1_709_252_999_500_000_000,
            Millisecond,
        ),
        ("2023-12-31T23:59:60Z", 1_704_067_200_000_000_000, Second),
        ("2000-01-01T00:00:00Z", 946_684_800_000_000_000, Second),
        ("2099-12-31T23:59:59Z", 4_102_444_799_000_000_000, Second),
        // Unix times of date(1), pino, microsecond and nanosecond loggers.
        ("1795891997", 1_795_891_997_000_000_000, Second),
        ("946684800", 946_684_800_000_000_000, Second),
        ("1795891997298", 1_795_891_997_298_000_000, Millisecond),
        ("1795891997298748", 1_795_891_997_298_748_000, Microsecond),
        ("1795891997298748123", 1_795_891_997_298_748_123, Nanosecond),
        // zap, nginx's `$msec`, Python's `time.time() * 1000`.
        ("1795891997.298748", 1_795_891_997_298_748_000, Microsecond),
        (
            "1795891997.298748e0",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        (
            "1.795891997298748e+09",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        (
            "1.795891997298748E9",
            1_795_891_997_298_748_000,
            Microsecond,
        ),
        ("1.795891997e9", 1_795_891_997_000_000_000, Second),
        ("1.7958e9", 1_795_800_000_000_000_000, Second),
        ("17958919972987e-4", 1_795_891_997_298_700_000, Microsecond),
        ("1795891997.298", 1_795_891_997_298_000_000, Millisecond),
        ("1795891997298.748", 1_795_891_997_298_748_000, Microsecond),
        (
            "1795891997.29874812345678901234",
            1_795_891_997_298_748_123,
            Nanosecond,
        ),
    ] {
        assert_eq!(parsed(text), Some((nanos, unit)), "{text}");
    }
}

#[test]
fn durations_counters_and_local_times_are_no_times() {
    for text in [
        "",
        "0",
        "35",
        "-35",
        "1.5",
        "8080",
        "20261128",
        "20261128185317",
        "946684799",
        "4102444800",
        "1e300",
        "1e-300",
        "1.795891997298748e",
        "1795891997.",
        "1795891997.e1",
        "1795891997e",
        ".1795891997",
        "+1795891997",
        "-1795891997",
        "01795891997",
        "1795891997 ",
        "1795891997ms",
        "1795891997298748123456",
        "9999999999999999999",
        "99999999999999999999999999",
        "NaN",
        "1e9999999999",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "0x6afb45dd",
        "yesterday",
        "2026-11-28",
        "2026-11-28T18:53:17",
        "2026-11-28 18:53:17,298",
        "2026-11-28T18:53Z",
        "2026-13-28T18:53:17Z",
        "2026-00-28T18:53:17Z",
        "2026-11-31T18:53:17Z",
        "2026-02-29T18:53:17Z",
        "2100-02-29T18:53:17Z",
        "2026-11-00T18:53:17Z",
        "2026-11-28T24:00:00Z",
        "2026-11-28T18:60:17Z",
        "2026-11-28T18:53:61Z",
        "2026-11-28T18:53:17.Z",
        "2026-11-28T18:53:17.298748Zulu",
        "2026-11-28T18:53:17+1",
        "2026-11-28T18:53:17+24:00",
        "2026-11-28T18:53:17+01:60",
        "2026/11/28T18:53:17Z",
        "2026-11-28X18:53:17Z",
        "2026-11-28T18.53.17Z",
        "20 6-11-28T18:53:17Z",
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59.999Z",
        "2100-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
    ] {
        assert_eq!(parsed(text), None, "{text}");
    }
}

/// Nanoseconds of the years 2000 to 2099.
fn any_nanos() -> impl Strategy<Value = i64> {
    946_684_800_000_000_000..4_102_444_800_000_000_000_i64
}

fn unit_of(decimals: usize) -> Unit {
    match decimals {
        0 => Unit::Second,
        1..=3 => Unit::Millisecond,
        4..=6 => Unit::Microsecond,
        _ => Unit::Nanosecond,
    }
}

proptest! {
    #[test]
    fn a_time_that_jiff_writes_is_read_exactly(
        nanos in any_nanos(),
        decimals in 0..=9_usize,
        offset in -86_399..86_400_i32,
        (separator, point) in (prop_oneof![Just('T'), Just(' ')], prop_oneof![Just('.'), Just(',')]),
    ) {
        let cut = nanos - nanos % 10_i64.pow(9 - decimals as u32);
        let offset = Offset::from_seconds(offset - offset % 60).expect("less than a day");
        let time = Timestamp::from_nanosecond(cut.into()).expect("a time");
        let time = Zoned::new(time, TimeZone::fixed(offset));
        let fraction = format!("{:09}", time.subsec_nanosecond());
        let fraction = match decimals {
            0 => String::new(),
            _ => format!("{point}{}", &fraction[..decimals]),
        };
        let written = time.strftime(&format!("%Y-%m-%d{separator}%H:%M:%S{fraction}%:z")).to_string();
        prop_assert_eq!(parsed(&written), Some((cut, unit_of(decimals))), "{}", written);
        if offset == Offset::UTC || separator == ' ' {
            return Ok(());
        }
        let utc = time.timestamp().strftime(&format!("%Y-%m-%dT%H:%M:%S{fraction}Z")).to_string();
        prop_assert_eq!(parsed(&utc), Some((cut, unit_of(decimals))), "{}", utc);
    }

    #[test]
    fn a_number_is_read_exactly_in_each_unit(
        nanos in any_nanos(),
        unit in 0..4_usize,
        decimals in 0..=12_usize,
        exponent in -3..=3_i32,
    ) {
        let unit_decimals = [0, 3, 6, 9][unit];
        let kept = (unit_decimals + decimals).min(9);
        let cut = nanos - nanos % 10_i64.pow(9 - kept as u32);
        // The digits of the number of nanoseconds and some zeros, with a point in the place of the unit.
        let digits = format!("{cut}{}", "0".repeat(12));
        let point = digits.len() - 12 - (9 - unit_decimals);
        let end = point + decimals;
        let moved = point.saturating_add_signed(-exponent as isize);
        let mut text = digits[..moved.min(end)].to_owned();
        text.push_str(&"0".repeat(moved.saturating_sub(end)));
        if moved < end {
            text.push('.');
            text.push_str(&digits[moved..end]);
        }
        if exponent != 0 {
            text.push_str(&format!("e{exponent:+}"));
        }
        // Nobody writes zeros before a negative exponent, nor an integer of more than 19 digits.
        prop_assume!(moved <= end.min(19) || exponent >= 0);
        prop_assert_eq!(parsed(&text), Some((cut, unit_of(unit_decimals + decimals))), "{}", text);
    }

    #[test]
    fn any_bytes_are_a_time_or_not(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = parse_time(&text);
    }
}
