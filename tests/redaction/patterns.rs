//! Secrets that are known by their form.

use super::{
    REDACTED, TOKEN, assert_redacted, line,
    support::dynamic::{Chain, Given, Parent, Site},
};
use serde_json::json;
use std::error::Error;
use tracing::{field::Empty, info, info_span};
use tracing_stamp::{Redaction, Replacement};

fn with_patterns() -> Redaction {
    Redaction::new().secrets()
}

#[test]
fn a_secret_in_a_message_is_replaced_in_all_schemas() {
    assert_redacted(&with_patterns(), "got [redacted] and \\\"more\\\"", || {
        info!("got {TOKEN} and \"more\"");
    });
}

#[test]
fn a_secret_in_a_field_is_replaced_in_all_schemas() {
    assert_redacted(&with_patterns(), "got [redacted]\\n", || {
        info!(note = format!("got {TOKEN}\n"), "login");
    });
}

#[test]
fn a_secret_in_a_spans_field_is_replaced_in_all_schemas() {
    assert_redacted(&with_patterns(), REDACTED, || {
        let _span = info_span!("outer", note = TOKEN, other = 1).entered();
        info!("login");
    });
    assert_redacted(&with_patterns(), REDACTED, || {
        let span = info_span!("outer", note = Empty).entered();
        span.record("note", TOKEN);
        info!("login");
    });
}

#[test]
fn a_secret_in_a_formatted_struct_is_replaced_in_all_schemas() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "`Debug` reads them")]
    struct Login {
        user: &'static str,
        note: String,
    }
    let login = || Login {
        user: "ada",
        note: format!("\"{TOKEN}\""),
    };
    assert_redacted(&with_patterns(), "ada", || info!(login = ?login(), "login"));
    assert_redacted(&with_patterns(), "ada", || info!("{:?}", login()));
}

#[test]
fn a_secret_in_an_error_and_its_sources_is_replaced_in_all_schemas() {
    let error = Chain::new(["refused", TOKEN, "between", TOKEN]);
    let error: &(dyn Error + 'static) = &error;
    assert_redacted(&with_patterns(), "between", || info!(error, "login"));
    assert_redacted(&with_patterns(), "between", || info!(message = error));
}

#[test]
fn the_list_of_an_errors_sources_keeps_its_other_elements() {
    let line = line(with_patterns(), || {
        let error = Given::Error(vec![
            "a".into(),
            TOKEN.into(),
            "b \"c\"".into(),
            TOKEN.into(),
        ]);
        Site::event(&["e", "after"]).log(Parent::Current, &[error, Given::U64(1)]);
    });
    assert_eq!(
        line.get("e.sources"),
        &json!([REDACTED, "b \"c\"", REDACTED])
    );
    assert_eq!(line.get("after"), &json!(1));
}

#[test]
fn several_values_of_a_line_are_replaced_and_the_others_stay() {
    let line = line(with_patterns(), || {
        info!(
            a = 1,
            b = TOKEN,
            c = "\u{9b}plain",
            d = format!("x {TOKEN}"),
            e = 1.5,
            "done"
        );
    });
    assert_eq!(line.get("a"), &json!(1));
    assert_eq!(line.get("b"), REDACTED);
    assert_eq!(line.get("c"), "\u{9b}plain");
    assert_eq!(line.get("d"), "x [redacted]");
    assert_eq!(line.get("e"), &json!(1.5));
    assert_eq!(line.get("message"), "done");
}

#[test]
fn a_replaced_text_is_escaped_again() {
    // `line` rejects raw control characters.
    let line = line(with_patterns(), || {
        info!(note = format!("\u{9b}\u{202e}\"\\ {TOKEN} \u{1b}"), "done");
    });
    assert_eq!(line.get("note"), "\u{9b}\u{202e}\"\\ [redacted] \u{1b}");
}

#[test]
fn keys_and_numbers_are_left_as_they_are() {
    let line = line(with_patterns().cards(), || {
        Site::event(&[TOKEN, "number"]).log(
            Parent::Current,
            &[Given::U64(1), Given::U64(4_111_111_111_111_111)],
        );
    });
    assert_eq!(line.get(TOKEN), &json!(1));
    assert_eq!(line.get("number"), &json!(4_111_111_111_111_111_u64));
}

#[test]
fn a_removed_secret_leaves_the_rest_of_its_text() {
    let redaction = Redaction::new().replaced_by(Replacement::Remove).secrets();
    let line = line(redaction, || info!(note = TOKEN, "got <{TOKEN}>"));
    assert_eq!(line.get("note"), "");
    assert_eq!(line.get("message"), "got <>");
}

#[test]
fn equal_keys_are_still_written_once_after_a_secret_was_replaced() {
    let line = line(with_patterns(), || {
        let _span = info_span!("outer", note = TOKEN, a = TOKEN).entered();
        Site::event(&["note", "a", "note"]).log(
            Parent::Current,
            &[
                Given::Str(TOKEN.into()),
                Given::U64(1),
                Given::Str(format!("2 {TOKEN}")),
            ],
        );
    });
    assert_eq!(line.get("note"), "2 [redacted]");
    assert_eq!(line.get("a"), &json!(1));
}

#[test]
fn a_secret_in_a_spans_static_name_is_replaced_in_all_schemas() {
    assert_redacted(&Redaction::new().emails(), "mail [redacted]", || {
        let _span = info_span!("mail ada@example.com").entered();
        info!("login");
    });
    let line = line(Redaction::new().emails(), || {
        let _span = info_span!("mail ada@example.com").entered();
        info!("login");
    });
    assert_eq!(line.get("span_name"), "mail [redacted]");
}
