//! If no line has ids, the process reports the reason once.

use super::children::run;
use tracing::{info, info_span};

/// Logs the lines that `STAMP_TEST_LINES` names.
pub(crate) fn child() {
    let lines = std::env::var("STAMP_TEST_LINES").expect("the test sets it");
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    match &*lines {
        "nothing" => {}
        "a few lines" => (0..40).for_each(|order| info!(order, "outside")),
        "a request" => {
            (0..40).for_each(|order| info!(order, "before the request"));
            info_span!("request").in_scope(|| info!("within the request"));
        }
        "spans beside" => {
            info_span!("request").in_scope(|| ());
            (0..40).for_each(|order| info!(order, "outside"));
        }
        "many lines" => {
            (0..600).for_each(|order| info!(order, "outside"));
            // This does not drop the guard.
            std::process::exit(0);
        }
        other => panic!("unknown lines {other:?}"),
    }
}

#[test]
fn the_reason_is_reported_if_no_line_has_ids_and_nothing_if_some_have() {
    for (lines, reason) in [
        ("nothing", None),
        ("a request", None),
        ("a few lines", Some("has seen no span")),
        ("many lines", Some("has seen no span")),
        ("spans beside", Some("outside of the spans")),
    ] {
        let output = run("absence", &[("STAMP_TEST_LINES", lines)]);
        match reason {
            None => assert_eq!(output.stderr, "", "{lines}"),
            Some(reason) => {
                assert!(output.stderr.contains(reason), "{lines}: {}", output.stderr);
                assert_eq!(
                    output.stderr.matches("tracing-stamp:").count(),
                    1,
                    "{}",
                    output.stderr
                );
            }
        }
    }
}
