//! Secret keys and texts in other spellings, and keys that a schema renames.

use super::{
    all_rules,
    case::{Case, table},
    faults::Faults,
    schemas,
    support::{
        Lines,
        dynamic::{Given, Parent, Site},
    },
};
use tracing::{info, info_span};
use tracing_stamp::{SpanFields, StampLayer};
use tracing_subscriber::prelude::*;

fn lines_of(options: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> String {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_redaction(all_rules())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.text()
}

#[test]
fn a_secret_key_that_a_schema_renames_is_found() {
    let mut faults = Faults::default();
    let keys = table().iter().filter(|case| case.needs_key());
    for (case, schema) in keys.flat_map(|case| schemas().map(|schema| (case, schema))) {
        let secret = || [Given::Str(case.text.clone())];
        // The resource reserves the key, so that a field is written under another one.
        let resource = [(case.key.clone(), true)];
        let text = lines_of(
            |layer| layer.with_schema(schema.clone()).with_resource(resource),
            || {
                let span = Site::span("login", &[&case.key]).open(Parent::Current, &secret());
                let _entered = span.entered();
                Site::event(&[&case.key]).log(Parent::Current, &secret());
            },
        );
        faults.check_lines(case, "reserved key", &text);
        // The `ecs` schema rewrites empty parts, and a key that is the beginning of another one.
        let names = [
            format!("..{}", case.key),
            format!("a..{}", case.key),
            "a".to_owned(),
        ];
        let names = [&*names[0], &names[1], &names[2]];
        for span_fields in [SpanFields::Flatten, SpanFields::List] {
            let text = lines_of(
                |layer| {
                    layer
                        .with_schema(schema.clone())
                        .with_span_fields(span_fields)
                },
                || {
                    let values = [secret(), secret(), [Given::U64(1)]].concat();
                    let _outer = Site::span("outer", &names)
                        .open(Parent::Root, &values)
                        .entered();
                    let _inner = info_span!("inner", a = 2).entered();
                    Site::event(&names).log(Parent::Current, &values);
                },
            );
            faults.check_lines(case, "rewritten key", &text);
        }
    }
    faults.assert_none(200);
}

#[test]
fn a_secret_in_upper_case_is_found_if_its_form_allows_it() {
    // Tokens with a prefix have only one case, and so have keys in camel case and escapes.
    const FORMS: [&str; 8] = [
        "bearer",
        "url-",
        "parameter-",
        "form",
        "text-",
        "email-",
        "ip-",
        "key-",
    ];
    const NO_FORMS: [&str; 4] = [
        "text-colors",
        "text-written",
        "text-camel",
        "key-dbPassword",
    ];
    let mut faults = Faults::default();
    let cases = table().iter().filter(|case| {
        let is_one_of = |forms: &[&str]| forms.iter().any(|form| case.id.starts_with(form));
        // `\N` is no escape.
        let has_escape = case.text.contains('\\');
        case.is_secret() && is_one_of(&FORMS) && !is_one_of(&NO_FORMS) && !has_escape
    });
    for case in cases.map(Case::to_uppercase) {
        let text = lines_of(
            |layer| layer,
            || {
                Site::event(&[&case.key]).log(Parent::Current, &[Given::Str(case.text.clone())]);
                info!("{}", case.sentence());
            },
        );
        for line in text.lines() {
            faults.check_lines(&case, "upper case", line);
        }
    }
    faults.assert_none(160);
}
