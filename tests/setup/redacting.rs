//! The exporter that redacts spans, without `init`.

use opentelemetry::{
    Array, Context, KeyValue, StringValue, Value,
    trace::{
        Span as _, SpanContext, SpanId, TraceFlags, TraceId, TraceState, Tracer as _,
        TracerProvider as _,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
};
use tracing_stamp::{Redaction, Redactor, Replacement, setup::RedactingExporter};
use tracing_subscriber::layer::SubscriberExt as _;

/// What an exporter has received.
#[derive(Clone, Debug, Default)]
struct Received(Arc<Mutex<(Vec<SpanData>, Option<Resource>)>>);

impl SpanExporter for Received {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("no thread panics").0.extend(batch);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.lock().expect("no thread panics").1 = Some(resource.clone());
    }
}

impl Received {
    /// The only span.
    fn span(&self) -> SpanData {
        let spans = &self.0.lock().expect("no thread panics").0;
        assert_eq!(spans.len(), 1);
        spans[0].clone()
    }

    /// Everything, as text.
    fn text(&self) -> String {
        format!("{:?}", self.0.lock().expect("no thread panics"))
    }
}

fn exported_by(redactor: Redactor, run: impl FnOnce(&SdkTracerProvider)) -> Received {
    let received = Received::default();
    let provider = SdkTracerProvider::builder()
        .with_resource(
            Resource::builder_empty()
                .with_attributes([
                    KeyValue::new("service.name", "orders"),
                    KeyValue::new("deployment.token", "hunter2"),
                ])
                .build(),
        )
        .with_simple_exporter(RedactingExporter::new(received.clone(), redactor))
        .build();
    run(&provider);
    received
}

/// What is exported of a span with these attributes.
fn exported(redaction: &Redaction, attributes: Vec<KeyValue>) -> SpanData {
    let received = exported_by(redaction.build(), |provider| {
        let tracer = provider.tracer("test");
        let span = tracer.span_builder("payment").with_attributes(attributes);
        span.start(&tracer).end();
    });
    received.span()
}

fn value(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let found = attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

fn text(value: &str) -> Option<Value> {
    Some(Value::from(value.to_owned()))
}

fn secret_keys() -> Redaction {
    Redaction::new().secret_keys()
}

#[test]
fn a_secret_attribute_becomes_a_string_whatever_type_it_has() {
    let list = |values: &[&'static str]| {
        let values = values.iter().map(|value| StringValue::from(*value));
        Value::Array(Array::String(values.collect()))
    };
    let span = exported(
        &secret_keys(),
        vec![
            KeyValue::new("password", "hunter2"),
            KeyValue::new("user.api-key", 12_345_678),
            KeyValue::new("accessToken", 1.5),
            KeyValue::new("cookies", list(&["a=1", "b=2"])),
            KeyValue::new("order", 1017),
        ],
    );
    for key in ["password", "user.api-key", "accessToken", "cookies"] {
        assert_eq!(value(&span.attributes, key), text("[redacted]"), "{key}");
    }
    assert_eq!(value(&span.attributes, "order"), Some(Value::I64(1017)));
}

#[test]
fn booleans_are_left_for_the_keys_of_a_set_and_replaced_for_own_keys() {
    let span = exported(
        &secret_keys().key("vip"),
        vec![
            KeyValue::new("has_password", true),
            KeyValue::new("vip", true),
        ],
    );
    assert_eq!(
        value(&span.attributes, "has_password"),
        Some(Value::Bool(true))
    );
    assert_eq!(value(&span.attributes, "vip"), text("[redacted]"));
}

#[test]
fn an_attribute_that_is_to_be_removed_is_not_exported() {
    let redaction = Redaction::new()
        .replaced_by(Replacement::Remove)
        .secret_keys();
    let attributes = vec![
        KeyValue::new("password", "hunter2"),
        KeyValue::new("order", 1017),
    ];
    let span = exported(&redaction, attributes);
    assert_eq!(span.attributes, [KeyValue::new("order", 1017)]);
}

#[test]
fn events_links_and_the_resource_are_redacted_and_ids_are_not() {
    let redactor = secret_keys().build();
    let remote = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        TraceState::from_key_value([("token", "kept")]).expect("valid"),
    );
    let mut context = None;
    let received = exported_by(redactor.clone(), |provider| {
        let tracer = provider.tracer("test");
        let mut span = tracer.start_with_context("payment", &Context::new());
        span.add_event("login", vec![KeyValue::new("password", "hunter2")]);
        span.add_link(remote.clone(), vec![KeyValue::new("secret", "hunter2")]);
        context = Some(span.span_context().clone());
        span.end();
    });
    let span = received.span();
    assert_eq!(Some(&span.span_context), context.as_ref());
    assert_eq!(
        value(&span.events[0].attributes, "password"),
        text("[redacted]")
    );
    assert_eq!(
        value(&span.links[0].attributes, "secret"),
        text("[redacted]")
    );
    assert_eq!(span.links[0].span_context, remote);
    let all = received.text();
    assert!(!all.contains("hunter2"), "{all}");
    let counted: u64 = redactor.counts().iter().map(|count| count.count).sum();
    // The resource is given to the exporter once.
    assert_eq!(counted, 3, "{:?}", redactor.counts());
}

#[derive(Debug)]
struct LoginFailed(Option<Box<LoginFailed>>);

impl fmt::Display for LoginFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(_) => f.write_str("cannot log in with hunter2"),
            None => f.write_str("hunter2 was refused"),
        }
    }
}

impl Error for LoginFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|source| source as _)
    }
}

#[test]
fn the_sources_of_a_secret_error_and_its_copies_are_redacted_with_it() {
    for replacement in [Replacement::Redacted, Replacement::Remove] {
        let redaction = Redaction::new().replaced_by(replacement).key("credential");
        let received = exported_by(redaction.build(), |provider| {
            let layer = tracing_stamp::otel_layer(provider.tracer("test"), |layer| layer);
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::with_default(subscriber, || {
                let error = LoginFailed(Some(Box::new(LoginFailed(None))));
                let error = &error as &(dyn Error + 'static);
                tracing::info_span!("login", credential = error).in_scope(|| {
                    tracing::error!(credential = error, "failed");
                });
            });
        });
        let span = received.span();
        let all = received.text();
        assert!(
            !all.contains("hunter2 was") && !all.contains("with hunter2"),
            "{all}"
        );
        let expected = match replacement {
            Replacement::Remove => None,
            _ => text("[redacted]"),
        };
        for key in ["credential", "credential.chain", "exception.message"] {
            assert_eq!(value(&span.attributes, key), expected, "{key}");
            assert_eq!(value(&span.events[0].attributes, key), expected, "{key}");
        }
    }
}

#[test]
fn an_error_without_a_rule_keeps_its_attributes() {
    let received = exported_by(secret_keys().build(), |provider| {
        let layer = tracing_stamp::otel_layer(provider.tracer("test"), |layer| layer);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let error = LoginFailed(None);
            let error = &error as &(dyn Error + 'static);
            drop(tracing::info_span!("login", cause = error));
        });
    });
    let span = received.span();
    for key in ["cause", "exception.message"] {
        assert_eq!(value(&span.attributes, key), text("hunter2 was refused"));
    }
}

#[test]
fn json_in_an_attribute_is_redacted_by_its_keys_and_paths() {
    let redaction = secret_keys().path("customer.phone");
    let attributes = vec![
        KeyValue::new(
            "customer",
            r#"{"phone":"555-0199","id":7,"p\u0061ssword":"hunter2"}"#,
        ),
        KeyValue::new("payload", r#"[{"phone":"555-0100"}]"#),
    ];
    let span = exported(&redaction, attributes);
    assert_eq!(
        value(&span.attributes, "customer"),
        text(r#"{"phone":"[redacted]","id":7,"p\u0061ssword":"[redacted]"}"#)
    );
    assert_eq!(
        value(&span.attributes, "payload"),
        text(r#"[{"phone":"555-0100"}]"#)
    );
}

#[cfg(feature = "redact")]
#[test]
fn patterns_are_found_in_names_statuses_strings_and_lists() {
    use opentelemetry::trace::Status;

    const TOKEN: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let received = exported_by(Redaction::new().secrets().build(), |provider| {
        let tracer = provider.tracer("test");
        let list = [
            StringValue::from("a"),
            StringValue::from(format!("-t {TOKEN}")),
        ];
        let mut span = tracer
            .span_builder(format!("fetch {TOKEN}"))
            .with_attributes([
                KeyValue::new("command", format!("git clone {TOKEN}")),
                KeyValue::new("arguments", Value::Array(list.to_vec().into())),
            ])
            .start(&tracer);
        span.add_event(format!("sent {TOKEN}"), vec![]);
        span.set_status(Status::error(format!("{TOKEN} was refused")));
        span.end();
    });
    let all = received.text();
    assert!(!all.contains(TOKEN), "{all}");
    let span = received.span();
    assert_eq!(span.name, "fetch [redacted]");
    assert_eq!(span.events[0].name, "sent [redacted]");
    assert_eq!(span.status, Status::error("[redacted] was refused"));
    assert_eq!(
        value(&span.attributes, "command"),
        text("git clone [redacted]")
    );
    let list: Vec<StringValue> = vec!["a".into(), "-t [redacted]".into()];
    assert_eq!(
        value(&span.attributes, "arguments"),
        Some(Value::Array(Array::String(list)))
    );
}

#[test]
fn a_span_that_is_redacted_twice_is_the_same_as_after_the_first_time() {
    let redaction = Redaction::new()
        .secret_keys()
        .replaced_by(Replacement::LastFour)
        .key("iban");
    let attributes = || {
        vec![
            KeyValue::new("iban", "DE02120300000000202051"),
            KeyValue::new("password", "hunter2"),
        ]
    };
    let once = exported(&redaction, attributes());
    let twice = exported(&redaction, once.attributes.clone());
    assert_eq!(once.attributes, twice.attributes);
    assert_eq!(value(&once.attributes, "iban"), text("****2051"));
}
