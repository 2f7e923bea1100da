//! Converts between dates of the proleptic Gregorian calendar and days since 1970. Years are counted from March, so that the leap day is the
//! last day of a year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").

/// The days from 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Returns year, month and day of a number of days since 1970.
pub fn civil_from_days(days: i64) -> (i64, u64, u64) {
    let from_march_0000 = days + DAYS_BEFORE_1970;
    let era = from_march_0000.div_euclid(146_097);
    let day_of_era = from_march_0000.rem_euclid(146_097).unsigned_abs();
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + i64::try_from(year_of_era).unwrap_or(0) + i64::from(month <= 2);
    (year, month, day)
}

/// Returns the number of days from 1970 to a date. A day beyond the end of its month counts as a day of the next month. Years
/// have at most 15 digits.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month_from_march) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month_from_march + 2) / 5
        + day
        - 1
        - DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_its_days_since_1970_are_converted_into_each_other() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 3, 1), 11_017);
        for days in (-800_000..800_000).step_by(97).chain(10_900..11_400) {
            let (year, month, day) = civil_from_days(days);
            let back = days_from_civil(year, month.cast_signed(), day.cast_signed());
            assert_eq!(back, days, "{year}-{month}-{day}");
        }
    }
}
