//! User and password in a URL.

use std::ops::Range;

const MARK: &str = "://";

/// A user without a password is taken for a token from this length on.
const TOKEN: usize = 20;

/// An authority of this length without a host is taken for a password that is cut.
pub(super) const LONG: usize = 8 << 10;

/// Finds the user info of URLs. A password may have any character but spaces, quotes and angle brackets, also `/`, `?`, `#` and `@`.
///
/// Each character is looked at a few times at most: a run without spaces is searched once for its last `@`, and authorities do not overlap.
pub(super) fn find(text: &str, mut found: impl FnMut(Range<usize>)) {
    let mut from = 0;
    let mut run = 0..0;
    let mut last_at = None;
    while let Some(mark) = text.get(from..).and_then(|rest| rest.find(MARK)) {
        let start = from + mark + MARK.len();
        from = start;
        if !has_scheme(text, start - MARK.len()) {
            continue;
        }
        if start >= run.end {
            run = start..start + text[start..].find(ends_run).unwrap_or(text.len() - start);
            last_at = text[run.clone()].rfind('@').map(|at| run.start + at);
        }
        let authority = &text[start..run.end];
        let length = authority.find(['/', '?', '#']).unwrap_or(authority.len());
        let authority = &authority[..length];
        let end = match authority.rfind('@') {
            Some(at) if is_secret(&authority[..at]) => {
                Some(start + with_rest_of_password(&text[start..run.end], at))
            }
            Some(_) => None,
            None if is_host(authority) => None,
            None => last_at
                .filter(|at| *at > start && authority.contains(':'))
                .or_else(|| (run.end - start >= LONG).then_some(run.end)),
        };
        if let Some(end) = end {
            found(start..end);
            from = end;
        } else {
            from = start + length;
        }
    }
}

/// Returns where the user info ends that has its first `@` at `at`. What seems to be the path may be a part of the password, as in
/// `user:p@ss/word@host`, so it reaches up to the last `@` before the query and before the next URL.
fn with_rest_of_password(url: &str, at: usize) -> usize {
    if !url[..at].contains(':') {
        return at;
    }
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let url = url.split(MARK).next().unwrap_or(url);
    url.rfind('@').filter(|last| *last > at).unwrap_or(at)
}

fn has_scheme(text: &str, end: usize) -> bool {
    let before = text.as_bytes().get(..end).and_then(|before| before.last());
    before.is_some_and(u8::is_ascii_alphanumeric)
}

fn ends_run(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '`')
}

/// Returns whether user info has a secret: a password, or a user that looks like a token.
fn is_secret(user_info: &str) -> bool {
    match user_info.split_once(':') {
        Some((_, password)) => !password.is_empty() && user_info != "REDACTED:REDACTED",
        None => user_info.len() >= TOKEN,
    }
}

/// Returns whether an authority is a host, or several, with valid ports.
fn is_host(authority: &str) -> bool {
    authority.len() < LONG
        && authority.split(',').all(|host| {
            let port = match host.rsplit_once(']') {
                Some((_, rest)) => rest,
                None => host.find(':').map_or("", |colon| &host[colon..]),
            };
            let digits = port.strip_prefix(':').unwrap_or(port);
            digits.is_empty()
                || digits
                    .trim_end_matches([')', '}', '.', ';', ']', '\\'])
                    .parse::<u16>()
                    .is_ok()
        })
}
