//! The ways of a text into a process.

use super::{
    bridged,
    case::{Case, all_escaped, escaped, table},
    support::dynamic::{Chain, Given, Parent, Site},
};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _};
use std::{collections::HashMap, error::Error, fmt, sync::LazyLock};
use tracing::info;

/// A way into the process.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) log: fn(&'static Case),
    /// Whether the text becomes a part of the current span or of a new one.
    pub(crate) is_exported: bool,
}

const fn way(name: &'static str, log: fn(&'static Case)) -> Way {
    Way {
        name,
        log,
        is_exported: true,
    }
}

pub(crate) const WAYS: &[Way] = &[
    way("field", |case| event(case, Given::Str(case.text.clone()))),
    way("Display field", |case| {
        event(case, Given::Debug(case.text.clone()))
    }),
    way("Debug field", |case| {
        event(case, Given::Debug(format!("{:?}", case.text)))
    }),
    way("Debug struct", |case| info!(login = ?Login(case), "login")),
    way("Debug struct, pretty", |case| info!("{:#?}", Login(case))),
    way("message", |case| info!("{}", case.sentence())),
    way("message within text", |case| {
        info!("got\n{}\nand more", case.sentence())
    }),
    way("message field", |case| info!(message = case.sentence())),
    way("error", |case| {
        event(case, Given::Error(vec![case.text.clone()]))
    }),
    way("source of an error", |case| {
        event(
            case,
            Given::Error(vec!["failed".into(), "between".into(), case.text.clone()]),
        );
    }),
    way("error as message", |case| {
        let error = Chain::new(["failed", &case.sentence()]);
        let error: &(dyn Error + 'static) = &error;
        info!(message = error);
    }),
    way("span field", |case| {
        let _span = span_site(case)
            .open(Parent::Current, &[Given::Str(case.text.clone())])
            .entered();
        info!("login");
    }),
    way("Debug span field", |case| {
        let value = Given::Debug(format!("{:?}", case.text));
        let _span = span_site(case).open(Parent::Current, &[value]).entered();
        info!("login");
    }),
    way("record", |case| {
        let site = span_site(case);
        let span = site.open(Parent::Current, &[Given::Nothing]);
        site.record(&span, &[Given::Str(case.text.clone())]);
        let _entered = span.entered();
        info!("login");
    }),
    way("record again", |case| {
        let site = span_site(case);
        let _span = site
            .open(Parent::Current, &[Given::Str(case.text.clone())])
            .entered();
        let span = tracing::Span::current();
        site.record(&span, &[Given::Debug(case.text.clone())]);
        info!("login");
    }),
    way("JSON within a field", |case| {
        info!(note = json(case), "login")
    }),
    way("JSON within a message", |case| info!("got {}", json(case))),
    Way {
        name: "baggage",
        log: baggage,
        is_exported: false,
    },
    way("log: message", |case| {
        bridged::log_message(&case.sentence())
    }),
    way("log: text", |case| {
        bridged::log_value(case, case.text.as_str().into())
    }),
    way("log: Debug", |case| {
        bridged::log_value(case, log::kv::Value::from_debug(&case.text))
    }),
    way("log: error", bridged::log_error),
    way("log: serde", bridged::log_serde),
    way("log: sval", bridged::log_sval),
    way("slog: message", |case| {
        bridged::slog_message(&case.sentence())
    }),
    way("slog: value", bridged::slog_value),
    way("slog: Debug", bridged::slog_debug),
    way("slog: context", bridged::slog_context),
    way("slog: serde", bridged::slog_serde),
];

/// A text of JSON in which keys and values are escaped throughout. Only secrets are written this way, since nothing unescapes look-alikes.
pub(crate) fn escaped_json(case: &Case) -> String {
    let (key, text) = (all_escaped(&case.key), all_escaped(&case.text));
    format!(r#"{{"user":"ada","{key}":"{text}"}}"#)
}

fn json(case: &Case) -> String {
    let (key, text) = (escaped(&case.key), escaped(&case.text));
    format!(r#"{{"user":"ada","{key}":"{text}","n":1}}"#)
}

fn sites(site: fn(&str) -> Site) -> HashMap<&'static str, Site> {
    let keys = table().iter().map(|case| case.key.as_str());
    let sites = keys.map(|key| (key, site(key)));
    sites.collect()
}

fn event(case: &Case, value: Given) {
    static SITES: LazyLock<HashMap<&str, Site>> =
        LazyLock::new(|| sites(|key| Site::event(&["before", key, "after"])));
    let values = [Given::U64(1), value, Given::U64(2)];
    SITES[case.key.as_str()].log(Parent::Current, &values);
}

fn span_site(case: &Case) -> Site {
    static SITES: LazyLock<HashMap<&str, Site>> =
        LazyLock::new(|| sites(|key| Site::span("login", &[key])));
    SITES[case.key.as_str()]
}

/// A struct with a field of the case's key.
struct Login(&'static Case);

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &"ada")
            .field(&self.0.key, &self.0.text)
            .field("port", &5)
            .finish()
    }
}

fn baggage(case: &'static Case) {
    let member = KeyValue::new(case.key.as_str(), case.text.clone());
    let context = Context::current_with_baggage([member]);
    // Not every key is valid there.
    if context.baggage().len() == 1 {
        let _attached = context.attach();
        info!("login");
    } else {
        info!(note = case.sentence(), "login");
    }
}
