//! How keys are spelled and renamed.

use super::{
    REDACTED, SECRET, line, lines,
    support::dynamic::{Given, Parent, Site},
};
use serde_json::json;
use tracing::{info, info_span};
use tracing_stamp::{Redaction, Replacement, Schema, SpanFields};

#[test]
fn case_and_separators_do_not_matter() {
    let names = [
        "PASSWORD",
        "apiKey",
        "Api-Key",
        "http.request.header.set-cookie",
        "user.Password",
    ];
    for name in names {
        let line = line(Redaction::new().secret_keys(), || {
            Site::event(&[name]).log(Parent::Current, &[Given::Str(SECRET.into())]);
        });
        assert_eq!(line.get(name), REDACTED);
    }
}

#[test]
fn other_keys_are_left_as_they_are() {
    let line = line(Redaction::new().secret_keys(), || {
        info!(passwords_checked = 3, tokens = 7, sidecar = "up", "done");
    });
    assert_eq!(line.get("passwords_checked"), &json!(3));
    assert_eq!(line.get("tokens"), &json!(7));
    assert_eq!(line.get("sidecar"), "up");
}

#[test]
fn a_rule_applies_to_a_fields_own_name_and_not_to_fixed_keys() {
    for (schema, level, field) in [
        (Schema::otel(), "level", "field.level"),
        (Schema::datadog(), "status", "field.status"),
        (Schema::gcp("p"), "severity", "field.severity"),
        (Schema::ecs(), "log.level", "field.log.level"),
    ] {
        let lines = lines(
            |layer| {
                layer
                    .with_schema(schema)
                    .with_redaction(Redaction::new().key(level))
            },
            || Site::event(&[level]).log(Parent::Current, &[Given::Str(SECRET.into())]),
        );
        let text = lines[0].get(level).as_str().expect("a level");
        assert!(text.eq_ignore_ascii_case("info"), "{text}");
        assert_eq!(lines[0].get(field), REDACTED, "{lines:?}");
    }
}

#[test]
fn a_key_that_a_schema_rewrites_is_found() {
    let lines = lines(
        |layer| {
            layer
                .with_schema(Schema::ecs())
                .with_redaction(Redaction::new().secret_keys())
        },
        || Site::event(&["user..token"]).log(Parent::Current, &[Given::Str(SECRET.into())]),
    );
    assert_eq!(lines[0].get("user._.token"), REDACTED);
}

#[test]
fn an_events_redacted_field_hides_a_spans_field() {
    for span_fields in [SpanFields::Flatten, SpanFields::List] {
        let lines = lines(
            |layer| {
                layer
                    .with_span_fields(span_fields)
                    .with_redaction(Redaction::new().secret_keys())
            },
            || {
                let _span = info_span!("login", token = SECRET).entered();
                Site::event(&["token", "token"])
                    .log(Parent::Current, &[Given::U64(7), Given::Str(SECRET.into())]);
            },
        );
        assert_eq!(lines[0].get("token"), REDACTED);
    }
}

#[test]
fn the_first_rule_that_matches_decides() {
    let redaction = Redaction::new()
        .replaced_by(tracing_stamp::Replacement::Remove)
        .key("pin")
        .replaced_by(tracing_stamp::Replacement::Redacted)
        .key("*");
    let line = line(redaction, || info!(user.pin = 1234, other = 1));
    assert!(!line.has("user.pin"));
    assert_eq!(line.get("other"), REDACTED);
}

#[test]
fn a_text_has_the_same_pseudonym_however_it_is_formatted() {
    let redaction = || {
        Redaction::new()
            .with_pseudonym_key("a key of pseudonyms")
            .replaced_by(Replacement::Pseudonym)
            .key("session_id")
            .secrets()
    };
    let id = String::from("4f1c\u{e9}-\"A\"");
    let line_of = |run: &dyn Fn()| line(redaction(), run);
    let plain = line_of(&|| info!(session_id = id, "login"));
    let pseudonym = plain.get("session_id");
    assert_ne!(pseudonym, &json!(id));
    for run in [
        &(|| info!(session_id = %id, "login")) as &dyn Fn(),
        &|| info!(session_id = ?id, "login"),
        &|| info!(session_id = ?Some(&id), "login"),
    ] {
        assert_eq!(line_of(run).get("session_id"), pseudonym);
    }
}

#[test]
fn the_guide_lists_all_secret_keys() {
    let guide = include_str!("../../docs/redaction.md");
    let rules = Redaction::new().secret_keys();
    let names = rules.rules().map(|(name, _)| name.replace('-', "_"));
    let missing: Vec<_> = names
        .filter(|name| !guide.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
