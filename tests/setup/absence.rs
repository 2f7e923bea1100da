//! Where no line has ids, the process says why, once.

use super::children::run;
use tracing::{info, info_span};

/// Logs lines outside of spans, and then the lines that `STAMP_TEST_THEN` names.
pub(crate) fn child() {
    let then = std::env::var("STAMP_TEST_THEN").expect("what is next");
    let _guard = tracing_stamp::init().expect("it is right");
    match &*then {
        "nothing" => {}
        "a few lines" => (0..40).for_each(|order| info!(order, "outside")),
        "a request" => {
            (0..40).for_each(|order| info!(order, "at the start"));
            info_span!("request").in_scope(|| info!("within"));
        }
        "spans beside" => {
            info_span!("request").in_scope(|| ());
            (0..40).for_each(|order| info!(order, "outside"));
        }
        "many lines" => {
            (0..600).for_each(|order| info!(order, "outside"));
            // Its guard is never dropped.
            std::process::exit(0);
        }
        other => panic!("no {other:?}"),
    }
}

#[test]
fn a_program_whose_lines_have_no_ids_says_why_and_a_healthy_one_says_nothing() {
    for (then, why) in [
        ("nothing", None),
        ("a request", None),
        ("a few lines", Some("has seen no span")),
        ("many lines", Some("has seen no span")),
        ("spans beside", Some("outside of the spans")),
    ] {
        let said = run("absence", &[("STAMP_TEST_THEN", then)]);
        match why {
            None => assert_eq!(said.err, "", "{then}"),
            Some(why) => {
                assert!(said.err.contains(why), "{then}: {}", said.err);
                assert_eq!(
                    said.err.matches("tracing-stamp:").count(),
                    1,
                    "{}",
                    said.err
                );
            }
        }
    }
}
