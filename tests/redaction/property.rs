//! Any fields with planted secrets: no secret is on the line, and everything else is as without redaction.

use super::{
    REDACTED, SECRET, TOKEN, schemas,
    support::{
        Line, Lines, context,
        dynamic::{Given, Parent, Site},
    },
};
use proptest::prelude::*;
use tracing_stamp::{Redaction, Replacement, SpanFields};
use tracing_subscriber::prelude::*;

type Fields = Vec<(&'static str, Given)>;

const NUMBER: u64 = 733_133_773_313;

const SECRET_KEYS: [&str; 4] = ["password", "userToken", "x.API-KEY", "session"];

fn plain_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "c.d",
        "level",
        "status",
        "severity",
        "log.level",
        "trace_id",
        "span_name",
        "time",
        "field.a",
        "field.level",
        "service.name",
        "a\"b",
        "\u{9b}",
    ])
}

/// A value that is secret if its key is.
fn secret() -> impl Strategy<Value = Given> {
    prop_oneof![
        Just(Given::Str(SECRET.into())),
        Just(Given::Debug(format!("\"{SECRET}\""))),
        Just(Given::Error(vec![SECRET.into(), SECRET.into()])),
        Just(Given::U64(NUMBER)),
    ]
}

fn plain() -> impl Strategy<Value = Given> {
    prop_oneof![
        any::<u32>().prop_map(|value| Given::U64(value.into())),
        "[a-c\"\\\\\u{1b}\u{9b}é]{0,6}".prop_map(Given::Str),
        "[a-c\"\\\\\u{1b}\u{9b}é]{0,6}".prop_map(Given::Debug),
        Just(Given::Nothing),
    ]
}

/// A text with a secret that is known by its form, between other text.
fn with_token() -> impl Strategy<Value = Given> {
    ("[a-c\"\\\\\u{1b}\u{9b}é]{0,6}", 1..3_usize).prop_flat_map(|(around, times)| {
        let text = format!("{around} {} {around}", vec![TOKEN; times].join(" "));
        prop_oneof![
            Just(Given::Str(text.clone())),
            Just(Given::Debug(text.clone())),
            Just(Given::Error(vec!["failed".into(), text])),
        ]
    })
}

fn fields() -> impl Strategy<Value = Fields> {
    let field = prop_oneof![
        (prop::sample::select(SECRET_KEYS.to_vec()), secret()),
        (plain_name(), plain()),
        (plain_name(), with_token()),
    ];
    prop::collection::vec(field, 0..7)
}

#[derive(Clone, Debug)]
struct Case {
    schema: usize,
    span_fields: SpanFields,
    removes_values: bool,
    limit: Option<usize>,
    span: Fields,
    recorded: Vec<Given>,
    event: Fields,
}

fn case() -> impl Strategy<Value = Case> {
    (
        0..4_usize,
        prop::sample::select(vec![SpanFields::Flatten, SpanFields::List, SpanFields::Off]),
        any::<bool>(),
        prop_oneof![3 => Just(None), 1 => (1_024..1_600_usize).prop_map(Some)],
        fields(),
        fields(),
        any::<bool>(),
    )
        .prop_map(
            |(schema, span_fields, removes_values, limit, span, event, records)| {
                let values = span.iter().map(|(_, value)| value.clone());
                Case {
                    schema,
                    span_fields,
                    removes_values,
                    limit,
                    recorded: if records {
                        values.collect()
                    } else {
                        Vec::new()
                    },
                    span,
                    event,
                }
            },
        )
}

impl Case {
    fn redaction(&self) -> Redaction {
        let replacement = match self.removes_values {
            true => Replacement::Remove,
            false => Replacement::Redacted,
        };
        let keys = Redaction::new().replaced_by(replacement).secret_keys();
        keys.replaced_by(Replacement::Redacted).secrets()
    }

    /// The lines of the same event without and with redaction.
    fn lines(&self) -> [Lines; 2] {
        let all = [Lines::default(), Lines::default()];
        let layer = |lines: &Lines, redaction: Option<Redaction>| {
            let layer = tracing_stamp::layer()
                .with_schema(schemas()[self.schema].clone())
                .with_span_fields(self.span_fields)
                .with_max_line_bytes(self.limit.unwrap_or(1 << 20))
                .with_context_source(context)
                .with_diagnostics(|_| ())
                .with_writer(lines.clone());
            match redaction {
                Some(redaction) => layer.with_redaction(redaction),
                None => layer,
            }
        };
        let subscriber = tracing_subscriber::registry()
            .with(layer(&all[0], None))
            .with(layer(&all[1], Some(self.redaction())));
        tracing::subscriber::with_default(subscriber, || {
            let names: Vec<&str> = self.span.iter().map(|(name, _)| *name).collect();
            let values: Vec<Given> = self.span.iter().map(|(_, value)| value.clone()).collect();
            let site = Site::span("outer", &names);
            let span = site.open(Parent::Current, &values);
            if !self.recorded.is_empty() {
                site.record(&span, &self.recorded);
            }
            let _entered = span.entered();
            let names: Vec<&str> = self.event.iter().map(|(name, _)| *name).collect();
            let values: Vec<Given> = self.event.iter().map(|(_, value)| value.clone()).collect();
            Site::event(&names).log(Parent::Current, &values);
        });
        all
    }
}

fn has_secret(text: &str) -> bool {
    let number = NUMBER.to_string();
    [SECRET, TOKEN, &number]
        .iter()
        .any(|secret| text.contains(secret))
}

/// The members of a line, and those of its spans if they are a list.
fn members(line: &Line) -> Vec<(String, String)> {
    let mut members = Vec::new();
    for (index, (key, value)) in line.0.iter().enumerate() {
        match (key.as_str(), value) {
            ("spans", serde_json::Value::Array(spans)) => {
                for (key, value) in spans.iter().filter_map(|span| span.as_object()).flatten() {
                    members.push((format!("spans.{key}"), value.to_string()));
                }
            }
            // The layers take the time one after the other.
            _ if index == 0 => members.push((key.clone(), value.to_string().len().to_string())),
            _ => members.push((key.clone(), value.to_string())),
        }
    }
    members
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn planted_secrets_are_gone_and_everything_else_stays(case in case()) {
        let [plain, redacted] = case.lines();
        prop_assert!(!has_secret(&redacted.text()), "{}", redacted.text());
        let [plain, redacted] = [plain.all(), redacted.all()];
        if case.limit.is_none() {
            let mut found = members(&redacted[0]).into_iter().peekable();
            for (key, value) in members(&plain[0]) {
                let is_found = found.peek().is_some_and(|(other, _)| *other == key);
                let other = if is_found { found.next().map(|(_, value)| value) } else { None };
                let is_secret = has_secret(&value);
                let by_key = is_secret && !value.contains(TOKEN);
                match other {
                    Some(other) if by_key => {
                        prop_assert_eq!(other, format!("\"{REDACTED}\""), "{}", key);
                    }
                    Some(other) => prop_assert_eq!(other, value.replace(TOKEN, REDACTED), "{}", key),
                    None => prop_assert!(by_key, "{key} is missing from {redacted:?}"),
                }
            }
            prop_assert_eq!(found.next(), None);
        }
    }
}
