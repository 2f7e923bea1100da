//! What a server's response means for the lines of a request.

use std::time::{Duration, SystemTime};

/// What the server's response says about the lines that were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has accepted the lines.
    Accepted,
    /// The server has accepted the request but rejected some lines without saying which.
    PartlyAccepted { rejected: u64, why: String },
    /// The server cannot accept the lines now. They are sent again, after the time that the server asked for, if any.
    Retry {
        after: Option<Duration>,
        why: String,
    },
    /// A person has to solve a problem, such as wrong credentials or a wrong address. Until then, the lines are sent again at long
    /// intervals.
    RetrySlowly { why: String },
    /// The server will not accept this request: a line in it is invalid, or the request is too large.
    Invalid { why: String },
    /// The server has decided about each line separately.
    PerLine(Vec<Verdict>),
}

/// Maximum length of the server's message that is kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 2_000;

impl Verdict {
    /// Returns the verdict for an HTTP status. Targets refine it by the response's body.
    pub(super) fn from_status(status: u16, retry_after: Option<Duration>, body: &str) -> Self {
        let why = || {
            let message = body.trim();
            let end = (0..=message.len().min(MAX_MESSAGE_BYTES))
                .rev()
                .find(|end| message.is_char_boundary(*end));
            format!("HTTP {status}: {}", &message[..end.unwrap_or(0)])
        };
        match status {
            // A proxy that redirects has not stored the body.
            300..=399 => Self::RetrySlowly {
                why: format!(
                    "HTTP {status}: redirects are not followed, use the address that it redirects to"
                ),
            },
            200..=299 => Self::Accepted,
            408 | 425 | 429 | 500..=599 => Self::Retry {
                after: retry_after,
                why: why(),
            },
            400 | 413 | 422 => Self::Invalid { why: why() },
            _ => Self::RetrySlowly { why: why() },
        }
    }

    /// Returns the verdict for a request without a usable response.
    pub(super) fn no_response(why: impl ToString) -> Self {
        Self::Retry {
            after: None,
            why: why.to_string(),
        }
    }
}

/// Maximum wait that a server can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// Parses the value of a `Retry-After` header: a number of seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value?.trim();
    let after = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            date.duration_since(now).unwrap_or_default()
        }
    };
    Some(after.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_http_status_has_the_right_verdict() {
        let after = Some(Duration::from_secs(7));
        for status in [200, 202, 204] {
            assert_eq!(Verdict::from_status(status, None, ""), Verdict::Accepted);
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(
                matches!(
                    Verdict::from_status(status, after, "busy"),
                    Verdict::Retry { after: Some(_), .. }
                ),
                "{status}"
            );
        }
        for status in [400, 413, 422] {
            let Verdict::Invalid { why } = Verdict::from_status(status, None, " bad ") else {
                panic!("{status}")
            };
            assert_eq!(why, format!("HTTP {status}: bad"));
        }
        for status in [301, 302, 307, 308, 401, 403, 404, 405, 418] {
            assert!(
                matches!(
                    Verdict::from_status(status, None, ""),
                    Verdict::RetrySlowly { .. }
                ),
                "{status}"
            );
        }
        let long = "é".repeat(5_000);
        assert!(
            matches!(Verdict::from_status(400, None, &long), Verdict::Invalid { why } if why.len() <= MAX_MESSAGE_BYTES + 20)
        );
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_limited_to_an_hour() {
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
