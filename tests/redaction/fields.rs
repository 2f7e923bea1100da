//! Fields of events and spans with secret keys.

use super::{
    REDACTED, SECRET, assert_redacted, line,
    support::dynamic::{Given, Parent, Site},
};
use serde_json::json;
use tracing::{field::Empty, info, info_span};
use tracing_stamp::{Redaction, Replacement};

/// A value of each type, and of each only the boolean is no secret.
fn values() -> Vec<Given> {
    vec![
        Given::I64(-73_313_377),
        Given::U64(73_313_377),
        Given::I128(-73_313_377),
        Given::I128(i128::MIN),
        Given::U128(u128::MAX),
        Given::F64(7331.3377),
        Given::F64(f64::NAN),
        Given::Str(SECRET.into()),
        Given::Bytes(SECRET.into()),
        Given::Debug(SECRET.into()),
        Given::Error(vec![SECRET.into(), SECRET.into()]),
    ]
}

#[test]
fn a_value_of_any_type_is_replaced_by_a_string() {
    for value in values() {
        let line = line(Redaction::new().secret_keys(), || {
            Site::event(&["before", "password", "after"]).log(
                Parent::Current,
                &[Given::U64(1), value.clone(), Given::U64(2)],
            );
        });
        let user = &line.0[line.0.len() - 3..];
        let expected = [
            ("before".to_owned(), json!(1)),
            ("password".to_owned(), json!(REDACTED)),
            ("after".to_owned(), json!(2)),
        ];
        assert_eq!(user, expected, "{value:?}");
    }
}

#[test]
fn a_boolean_stays_with_the_keys_of_the_sets_and_not_with_own_keys() {
    let redaction = Redaction::new().secret_keys().key("winner");
    let line = line(redaction, || info!(has_password = true, winner = true));
    assert_eq!(line.get("has_password"), &json!(true));
    assert_eq!(line.get("winner"), REDACTED);
}

#[test]
fn the_sources_of_an_error_with_a_secret_key_are_left_out() {
    let line = line(Redaction::new().secret_keys(), || {
        let error = Given::Error(vec!["refused".into(), SECRET.into()]);
        Site::event(&["token", "error"]).log(Parent::Current, &[error.clone(), error]);
    });
    assert_eq!(line.get("token"), REDACTED);
    assert!(!line.has("token.sources"));
    assert_eq!(line.get("error.sources"), &json!([SECRET]));
}

#[test]
fn an_events_field_is_redacted_in_all_schemas() {
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        info!(password = SECRET, "login");
    });
}

#[test]
fn a_spans_field_is_redacted_in_all_schemas() {
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        let _outer = info_span!("outer", api_key = SECRET).entered();
        let _inner = info_span!("inner", user.token = SECRET, plain = 1).entered();
        info!("login");
    });
}

#[test]
fn a_recorded_value_is_redacted_in_all_schemas() {
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        let span = info_span!("outer", session.id = Empty, passwd = "first").entered();
        span.record("session.id", SECRET);
        span.record("passwd", SECRET);
        info!("login");
    });
}

#[test]
fn the_value_is_not_formatted() {
    struct Never;
    impl std::fmt::Debug for Never {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("a secret is formatted")
        }
    }
    let line = line(Redaction::new().secret_keys(), || {
        info!(secret = ?Never, "safe");
    });
    assert_eq!(line.get("secret"), REDACTED);
}

#[test]
fn a_message_with_a_secret_key_as_its_name_is_left_as_it_is() {
    let line = line(Redaction::new().key("message"), || info!("hello"));
    assert_eq!(line.get("message"), "hello");
}

#[test]
fn the_last_four_digits_of_any_type_of_value_can_stay() {
    let redaction = Redaction::new().replaced_by(Replacement::LastFour);
    let line = line(redaction.key("card").key("iban"), || {
        info!(
            first.card = 4_111_111_111_111_111_u64,
            second.card = "4111-1111-1111-1111",
            third.card = ?"4111 1111 1111 1111",
            fourth.card = "1111",
            iban = %"DE89 3704 0044 0532 0130 00",
        );
    });
    for key in ["first.card", "second.card", "third.card"] {
        assert_eq!(line.get(key), "****1111", "{key}");
    }
    assert_eq!(line.get("fourth.card"), REDACTED);
    assert_eq!(line.get("iban"), "****3000");
}

#[test]
fn equal_texts_have_equal_pseudonyms_however_they_are_logged() {
    let redaction = Redaction::new()
        .with_pseudonym_key(*b"sixteen bytes ok")
        .replaced_by(Replacement::Pseudonym)
        .key("user");
    let line = line(redaction, || {
        let _span = info_span!("request", outer.user = "ada \"l\"").entered();
        info!(a.user = %"ada \"l\"", b.user = "bob", c.user = "ada \"l\"");
    });
    let pseudonym = line.get("outer.user").as_str().expect("a text");
    assert_eq!(pseudonym.len(), 12);
    assert_eq!(line.get("a.user"), pseudonym);
    assert_eq!(line.get("c.user"), pseudonym);
    assert_ne!(line.get("b.user"), pseudonym);
}
