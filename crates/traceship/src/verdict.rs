//! The meaning of a server's response for the lines of a request.

use super::refusals::{Cause, Fault, Table, cause_of};
use std::time::{Duration, SystemTime};

/// What the server's response says about the lines that were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has accepted the lines.
    Accepted,
    /// The server has the line already, because it was sent before.
    Repeated,
    /// The server has accepted the request but rejected some lines without saying which.
    PartlyAccepted { rejected: u64, why: String },
    /// The server cannot accept the lines now. They are sent again, after the time that the server asked for, if any.
    Retry {
        after: Option<Duration>,
        why: String,
    },
    /// The request took too long. It is sent again in smaller parts.
    TimedOut { why: String },
    /// The server failed while it processed the request. This can be the fault of one line.
    Failed {
        after: Option<Duration>,
        why: String,
    },
    /// A person has to solve a problem, such as wrong credentials or a wrong address. Until then, the lines are sent again at long
    /// intervals.
    RetrySlowly { why: String },
    /// The server will not accept this request, because of a line or because of a setting.
    Refused { fault: Fault, why: String },
    /// The server has decided about each line separately.
    PerLine(Vec<Verdict>),
}

/// Maximum length of the server's message that is kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 2_000;

impl Verdict {
    /// Returns the verdict for an HTTP status. The server's message decides the meaning of a refusal. Targets refine the verdict by the
    /// response's body.
    pub(super) fn from_status(
        status: u16,
        retry_after: Option<Duration>,
        body: &str,
        words: Table,
    ) -> Self {
        let why = || status_message(status, body);
        match status {
            // A proxy that redirects has not stored the body.
            300..=399 => Self::RetrySlowly {
                why: format!(
                    "HTTP {status}: redirects are not followed, use the address that it redirects to"
                ),
            },
            200..=299 => Self::Accepted,
            // A gateway has waited too long for the body.
            408 => Self::TimedOut { why: why() },
            // Not 500, which the contents of a request can cause. 507: the disk is full.
            425 | 429 | 502..=504 | 507 => Self::Retry {
                after: retry_after,
                why: why(),
            },
            500..=599 => Self::Failed {
                after: retry_after,
                why: why(),
            },
            413 => Self::Refused {
                fault: Fault::TooLarge,
                why: why(),
            },
            400 | 422 => Self::refused(why(), words),
            _ => Self::RetrySlowly { why: why() },
        }
    }

    /// Returns the verdict for a refusal with this message.
    pub(super) fn refused(why: String, words: Table) -> Self {
        match cause_of(&why, words) {
            Cause::Setting => Self::RetrySlowly { why },
            Cause::Line(fault) => Self::Refused { fault, why },
        }
    }

    /// Returns the verdict for a request without a usable response.
    pub(super) fn no_response(why: impl ToString) -> Self {
        Self::Retry {
            after: None,
            why: why.to_string(),
        }
    }

    /// Returns the verdict for a successful status with a body that the server would not send, such as the page of a portal.
    pub(super) fn foreign_response(status: u16, body: &str, words: Table) -> Self {
        let why = status_message(status, body);
        match cause_of(&why, words) {
            Cause::Setting => Self::RetrySlowly { why },
            Cause::Line(_) => Self::no_response(format!(
                "the response is not that of the log server, so the lines may not be stored: {why}"
            )),
        }
    }
}

fn status_message(status: u16, body: &str) -> String {
    let message = body.trim();
    let end = (0..=message.len().min(MAX_MESSAGE_BYTES))
        .rev()
        .find(|end| message.is_char_boundary(*end));
    format!("HTTP {status}: {}", &message[..end.unwrap_or(0)])
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
    use super::{super::refusals::LOKI, *};

    #[test]
    fn each_http_status_has_the_right_verdict() {
        let after = Some(Duration::from_secs(7));
        let verdict = |status, body| Verdict::from_status(status, after, body, LOKI);
        for status in [200, 202, 204] {
            assert_eq!(verdict(status, ""), Verdict::Accepted);
        }
        for status in [429, 502, 503, 504, 507] {
            let is_retry = matches!(
                verdict(status, "busy"),
                Verdict::Retry { after: Some(_), .. }
            );
            assert!(is_retry, "{status}");
        }
        for status in [500, 501, 599] {
            let is_failure = matches!(verdict(status, "x"), Verdict::Failed { after: Some(_), .. });
            assert!(is_failure, "{status}");
        }
        for (status, expected) in [
            (400, Fault::Unknown),
            (413, Fault::TooLarge),
            (422, Fault::Unknown),
        ] {
            let Verdict::Refused { fault, why } = verdict(status, " bad ") else {
                panic!("{status}")
            };
            assert_eq!((fault, why), (expected, format!("HTTP {status}: bad")));
        }
        for status in [301, 302, 307, 308, 401, 403, 404, 405, 418] {
            assert!(
                matches!(verdict(status, ""), Verdict::RetrySlowly { .. }),
                "{status}"
            );
        }
        let long = "é".repeat(5_000);
        assert!(
            matches!(verdict(400, &long), Verdict::Refused { why, .. } if why.len() <= MAX_MESSAGE_BYTES + 20)
        );
    }

    #[test]
    fn a_refusal_because_of_a_setting_is_not_the_fault_of_a_line() {
        for body in [
            "ingestion blocked for user 7",
            "<html>400 The plain HTTP request was sent to HTTPS port</html>",
        ] {
            let slow = |verdict| matches!(verdict, Verdict::RetrySlowly { .. });
            assert!(slow(Verdict::from_status(400, None, body, LOKI)), "{body}");
            assert!(slow(Verdict::foreign_response(260, body, LOKI)), "{body}");
        }
        let page = Verdict::foreign_response(200, "<html>Log in</html>", LOKI);
        assert!(matches!(page, Verdict::Retry { why, .. } if why.contains("Log in")));
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
