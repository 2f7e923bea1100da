//! Fields that are left out.

use super::{
    SECRET, assert_redacted, line, lines,
    support::dynamic::{Given, Parent, Site},
};
use serde_json::json;
use tracing::{info, info_span};
use tracing_stamp::{Redaction, Replacement, SpanFields};

fn removing() -> Redaction {
    let redaction = Redaction::new().replaced_by(Replacement::Remove);
    redaction.secret_keys()
}

#[test]
fn the_first_the_last_and_all_fields_can_be_left_out() {
    let secret = Given::Str(SECRET.into());
    for (names, left) in [
        (&["token", "a", "password"][..], vec!["a"]),
        (&["a", "token", "b"], vec!["a", "b"]),
        (&["token", "password"], vec![]),
        (&["token", "token", "a"], vec!["a"]),
    ] {
        let line = line(removing(), || {
            let values = vec![secret.clone(); names.len()];
            let values: Vec<Given> = values.into_iter().collect();
            Site::event(names).log(Parent::Current, &values);
        });
        let keys = line.keys();
        assert_eq!(keys[4..], left, "{names:?}");
    }
}

#[test]
fn a_line_without_secret_fields_stays_valid_in_all_schemas() {
    assert_redacted(&removing(), "}", || {
        let _span = info_span!("login", token = SECRET, user = "ada").entered();
        let _inner = info_span!("inner", token = SECRET).entered();
        info!(password = SECRET, "login");
    });
}

#[test]
fn the_sources_of_an_error_go_with_it() {
    let line = line(removing(), || {
        let error = Given::Error(vec![SECRET.into(), SECRET.into()]);
        Site::event(&["token", "a"]).log(Parent::Current, &[error, Given::U64(1)]);
    });
    assert!(!line.has("token") && !line.has("token.sources"));
    assert_eq!(line.get("a"), &json!(1));
}

#[test]
fn equal_keys_beside_a_removed_field_are_still_written_once() {
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        // `lines` rejects a line with a repeated key.
        let lines = lines(
            |layer| {
                layer
                    .with_span_fields(span_fields)
                    .with_redaction(removing())
            },
            || {
                let _span = info_span!("login", a = 1, token = SECRET).entered();
                Site::event(&["a", "token", "a"]).log(
                    Parent::Current,
                    &[Given::U64(2), Given::Str(SECRET.into()), Given::U64(3)],
                );
            },
        );
        assert_eq!(lines[0].get("a"), &json!(3));
    }
}
