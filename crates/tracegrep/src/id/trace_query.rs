use super::TraceId;
use std::{error::Error, fmt, str::FromStr};

/// The fewest digits that a prefix may have.
const MIN_PREFIX: usize = 8;

/// The trace that is looked for, as a user gives it.
///
/// ```
/// use tracegrep::TraceQuery;
///
/// # fn main() -> Result<(), tracegrep::InvalidTraceId> {
/// let whole: TraceQuery = "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736".parse()?;
/// assert_eq!(whole, "4bf92f3577b34da6a3ce929d0e0e4736".parse()?);
/// assert!("4bf92f35".parse::<TraceQuery>().is_ok(), "a prefix");
/// assert!("4bf9".parse::<TraceQuery>().is_err(), "too short");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceQuery(pub(super) Wanted);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole(TraceId),
    /// The first digits, in lower case: at least 8 and fewer than 32.
    Prefix(String),
    /// The lower 64 bits.
    Lower(u64),
}

impl TraceQuery {
    /// Returns the id if the query has all of it.
    pub(crate) fn whole(&self) -> Option<TraceId> {
        match self.0 {
            Wanted::Whole(id) => Some(id),
            Wanted::Prefix(_) | Wanted::Lower(_) => None,
        }
    }

    /// The trace of a line with this id. If the line has only the lower 64 bits, as Datadog writes them, other lines may have all.
    pub(crate) fn of_line(id: TraceId) -> Self {
        Self(match id.is_short() {
            true => Wanted::Lower(id.lower()),
            false => Wanted::Whole(id),
        })
    }
}

impl From<TraceId> for TraceQuery {
    fn from(id: TraceId) -> Self {
        Self(Wanted::Whole(id))
    }
}

/// Accepts 32 hexadecimal digits in any case, with or without dashes; a whole `traceparent`; a prefix of 8 digits or more; a number after
/// `0x`; and the lower 64 bits in decimal, as Datadog writes them: a number of 17 to 20 digits. An ellipsis at the end is ignored.
impl FromStr for TraceQuery {
    type Err = InvalidTraceId;

    fn from_str(text: &str) -> Result<Self, InvalidTraceId> {
        let invalid = || InvalidTraceId(text.to_owned());
        // `--top` writes a prefix like this on a narrow terminal.
        let text = text.trim().trim_end_matches('…');
        let text = text.strip_prefix("Root=").unwrap_or(text);
        let number = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        if let Some(digits) = number {
            let id = TraceId::from_hex(digits).ok_or_else(invalid)?;
            return Ok(Self(match id.is_short() && digits.len() <= 16 {
                true => Wanted::Lower(id.lower()),
                false => Wanted::Whole(id),
            }));
        }
        if (17..=20).contains(&text.len())
            && text.bytes().all(|digit| digit.is_ascii_digit())
            && let Ok(lower @ 1..) = text.parse()
        {
            return Ok(Self(Wanted::Lower(lower)));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let digits = match (&*lengths, &*parts) {
            // A `traceparent`, and an id of X-Ray.
            ([2, 32, 16, 2], [_, trace, ..]) => (*trace).to_owned(),
            ([1, 8] | [1, 8, _], ["1", digits @ ..]) => digits.concat(),
            _ => parts.concat(),
        };
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match digits.len() {
            32 => TraceId::from_hex(&digits)
                .map(Self::from)
                .ok_or_else(invalid),
            MIN_PREFIX..32 if is_hex => Ok(Self(Wanted::Prefix(digits.to_ascii_lowercase()))),
            _ => Err(invalid()),
        }
    }
}

/// Returned for a text that is not a trace id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTraceId(String);

impl fmt::Display for InvalidTraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a trace id: expected 32 hexadecimal digits, or at least {MIN_PREFIX} of them as a prefix, or a decimal number",
            self.0
        )
    }
}

impl Error for InvalidTraceId {}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Option<Wanted> {
        Some(text.parse::<TraceQuery>().ok()?.0)
    }

    fn id(digits: &str) -> TraceId {
        TraceId::from_hex(digits).expect("an id")
    }

    #[test]
    fn a_whole_id_is_accepted_in_each_form() {
        let whole = Some(Wanted::Whole(id("4bf92f3577b34da6a3ce929d0e0e4736")));
        for text in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            " 4BF92F3577B34DA6A3CE929D0E0E4736\n",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "0x4bf92f3577b34da6a3ce929d0e0e4736",
            "1-4bf92f35-77b34da6a3ce929d0e0e4736",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(wanted(text), whole, "{text}");
        }
        let short = Some(Wanted::Whole(id("77b34da6a3ce929d0e0e4736")));
        assert_eq!(wanted("0x77b34da6a3ce929d0e0e4736"), short);
    }

    #[test]
    fn a_number_of_17_to_20_digits_or_of_up_to_16_after_0x_is_the_lower_half() {
        let lower = Some(Wanted::Lower(0xa3ce_929d_0e0e_4736));
        assert_eq!(wanted("11803532876627986230"), lower);
        assert_eq!(wanted("0xa3ce929d0e0e4736"), lower);
        let prefix = Some(Wanted::Prefix("1180353287662798".to_owned()));
        assert_eq!(wanted("1180353287662798"), prefix, "16 digits are a prefix");
    }

    #[test]
    fn an_ellipsis_after_a_prefix_is_ignored() {
        let prefix = Some(Wanted::Prefix("4bf92f35".to_owned()));
        assert_eq!(wanted("4bf92f35…"), prefix);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "4bf92f3",
            "4bf92f35z",
            "00000000000000000000000000000000",
            "0x0",
            "4bf92f3577b34da6a3ce929d0e0e47361",
            "+bf92f3577b34da6a3ce929d0e0e4736",
            "östlich von",
        ] {
            assert_eq!(wanted(text), None, "{text}");
        }
    }
}
