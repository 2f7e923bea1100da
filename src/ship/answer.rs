//! What a server's answer means.

use std::time::Duration;

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

/// `Retry-After` in seconds; a date there is not read.
pub(super) fn retry_after(value: Option<&str>) -> Option<Duration> {
    let seconds: u64 = value?.trim().parse().ok()?;
    // A server that asks for a day is asked again in an hour.
    Some(Duration::from_secs(seconds.min(3_600)))
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
        assert_eq!(retry_after(Some(" 7 ")), after);
        assert_eq!(
            retry_after(Some("99999999")),
            Some(Duration::from_secs(3_600))
        );
        assert_eq!(retry_after(Some("Fri, 31 Dec 1999 23:59:59 GMT")), None);
        let long = "é".repeat(5_000);
        assert!(
            matches!(Verdict::of(400, None, &long), Verdict::Wrong { why } if why.len() <= WORDS + 20)
        );
    }
}
