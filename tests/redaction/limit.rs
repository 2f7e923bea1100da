//! Secrets at the limit of a line: a line is cut after it was redacted.

use super::{REDACTED, SECRET, TOKEN, lines, support::Line};
use tracing::{field::Empty, info, info_span};
use tracing_stamp::Redaction;

const LIMIT: usize = 2_048;

fn limited(run: impl FnOnce()) -> Line {
    limited_to(LIMIT, run)
}

fn limited_to(limit: usize, run: impl FnOnce()) -> Line {
    let mut lines = lines(
        |layer| {
            layer
                .with_max_line_bytes(limit)
                .with_redaction(Redaction::new().secrets())
        },
        run,
    );
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

/// Asserts that a line has no part of a secret that is long enough to be of use.
fn assert_free(line: &Line, secret: &str) {
    let text = format!("{line:?}");
    for part in 0..secret.len() - 12 {
        let part = &secret[part..part + 12];
        assert!(!text.contains(part), "{part} is in {text}");
    }
}

#[test]
fn a_secret_that_the_limit_would_cut_is_not_written_in_part() {
    // Wherever the limit is within the secret.
    for filled in (LIMIT - 400..LIMIT + 100).step_by(7) {
        let text = format!("{} {TOKEN} end", "x".repeat(filled));
        for line in [
            limited(|| info!("{text}")),
            limited(|| info!(text, "field")),
            limited(|| info!(?text, "formatted")),
            limited(|| {
                let span = info_span!("outer", text = Empty).entered();
                span.record("text", tracing::field::display(&text));
                info!("in a span");
            }),
        ] {
            assert_free(&line, TOKEN);
        }
    }
}

#[test]
fn a_secret_longer_than_the_limit_is_replaced() {
    let claims = "QUJD".repeat(20_000);
    let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{claims}.c2lnbmF0dXJlc2lnbmF0dXJl");
    for line in [
        limited(|| info!("got {token} and more")),
        limited(|| info!(token = 1, text = token, "field")),
        limited(|| info!(text = %token, "formatted")),
        limited(|| info!(password = token, "key")),
    ] {
        assert_free(&line, "QUJDQUJDQUJDQUJD");
        assert!(format!("{line:?}").contains(REDACTED), "{line:?}");
    }
}

#[test]
fn secrets_that_become_shorter_do_not_bring_a_cut_one_into_the_line() {
    // The value is formatted until it is longer than it may be, so that its last secret is incomplete. The line is then short again.
    let secrets = format!("{TOKEN} ").repeat(1_000);
    for before in 0..TOKEN.len() {
        let text = format!("{} {secrets}", "x".repeat(before));
        let line = limited_to(4_096, || info!(text = %Pieces(&text), "formatted"));
        assert_free(&line, TOKEN);
        let text = line.get("text").as_str().expect("a text");
        assert!(
            text.contains("[redacted] [redacted]") && text.ends_with('…'),
            "{text}"
        );
    }
}

/// Displays a text one byte at a time, so that a limit can be anywhere within it.
struct Pieces<'a>(&'a str);

impl std::fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (0..self.0.len()).try_for_each(|at| f.write_str(&self.0[at..=at]))
    }
}

#[test]
fn a_redacted_line_that_fits_is_not_cut() {
    let line = limited(|| info!(password = "x".repeat(LIMIT), note = SECRET, "fits"));
    assert!(!line.has("truncated"));
    assert_eq!(line.get("password"), REDACTED);
    assert_eq!(line.get("note"), SECRET);
}

#[test]
fn a_secret_that_is_known_by_its_end_is_found_beyond_the_limit() {
    let password = "p4ssp4ss".repeat(300);
    let text = format!("{} https://ada:{password}@example.com/", "x".repeat(400));
    let line = limited(|| info!(text = %Pieces(&text), "formatted"));
    assert_free(&line, &password);
}
