//! What a server's answer means.

use std::time::{Duration, SystemTime};

/// What becomes of what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has it.
    Taken,
    /// It has it, but for some of which it does not say which they are.
    TakenBut { refused: u64, why: String },
    /// Not now: to be sent again, not before a time that the server may have said.
    Later {
        after: Option<Duration>,
        why: String,
    },
    /// Somebody has to do something: credentials, an address. Told, and tried again slowly.
    Refused { why: String },
    /// Not as it is: something in it is wrong, or it is too much at once.
    Wrong { why: String },
    /// Each line has an answer of its own.
    Each(Vec<Verdict>),
}

/// The longest that a server's words are kept.
const WORDS: usize = 2_000;

impl Verdict {
    /// By the status of an answer, where the target knows no better.
    pub(super) fn of(status: u16, retry_after: Option<Duration>, body: &str) -> Self {
        let why = || {
            let words = body.trim();
            let end = (0..=words.len().min(WORDS))
                .rev()
                .find(|end| words.is_char_boundary(*end));
            format!("HTTP {status}: {}", &words[..end.unwrap_or(0)])
        };
        match status {
            // A proxy that redirects has not kept the body.
            300..=399 => Self::Refused {
                why: format!(
                    "HTTP {status}: a redirect, which is not followed: use the address that it leads to"
                ),
            },
            200..=299 => Self::Taken,
            408 | 425 | 429 | 500..=599 => Self::Later {
                after: retry_after,
                why: why(),
            },
            400 | 413 | 422 => Self::Wrong { why: why() },
            _ => Self::Refused { why: why() },
        }
    }

    /// Where there was no answer.
    pub(super) fn none(why: impl ToString) -> Self {
        Self::Later {
            after: None,
            why: why.to_string(),
        }
    }
}

/// A server that asks for a day is asked again in an hour.
const LONGEST: Duration = Duration::from_secs(3_600);

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
pub(super) fn retry_after(value: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value?.trim();
    let after = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            date.duration_since(now).unwrap_or_default()
        }
    };
    Some(after.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_consequence() {
        let after = Some(Duration::from_secs(7));
        for status in [200, 202, 204] {
            assert_eq!(Verdict::of(status, None, ""), Verdict::Taken);
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(
                matches!(
                    Verdict::of(status, after, "busy"),
                    Verdict::Later { after: Some(_), .. }
                ),
                "{status}"
            );
        }
        for status in [400, 413, 422] {
            let Verdict::Wrong { why } = Verdict::of(status, None, " bad ") else {
                panic!("{status}")
            };
            assert_eq!(why, format!("HTTP {status}: bad"));
        }
        for status in [301, 302, 307, 308, 401, 403, 404, 405, 418] {
            assert!(
                matches!(Verdict::of(status, None, ""), Verdict::Refused { .. }),
                "{status}"
            );
        }
        let long = "é".repeat(5_000);
        assert!(
            matches!(Verdict::of(400, None, &long), Verdict::Wrong { why } if why.len() <= WORDS + 20)
        );
    }

    #[test]
    fn a_server_is_left_alone_for_as_long_as_it_asks_by_seconds_or_by_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_790);
        for (value, seconds) in [
            ("7", Some(7)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("99999999", Some(3_600)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Some(9)),
            ("Friday, 31-Dec-99 23:59:59 GMT", Some(9)),
            ("Fri Dec 31 23:59:59 1999", Some(9)),
            ("Fri, 31 Dec 1999 23:59:40 GMT", Some(0)),
            ("Sat, 01 Jan 2000 23:59:59 GMT", Some(3_600)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            let after = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(Some(value), now), after, "{value:?}");
        }
        assert_eq!(retry_after(None, now), None);
    }
}
