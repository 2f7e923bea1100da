//! Applies rules to the spans of one batch.

use log_redaction::{KeyRule, Redactor};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value, trace::Status};
use opentelemetry_sdk::{Resource, trace::SpanData};
use std::{borrow::Cow, collections::HashMap, mem};

/// The suffix of the attribute with which `tracing-opentelemetry` lists the sources of an error field.
const SOURCES: &str = ".chain";

/// Attributes to which `tracing-opentelemetry` copies the message and the sources of an error field, whatever name the field has.
const COPIES: [&str; 2] = ["exception.message", "exception.stacktrace"];

/// Redacts spans as the exporters of [`init`](crate::init) do.
pub(crate) fn redact_spans(spans: &mut [SpanData], redactor: &Redactor) {
    let mut redaction = BatchRedaction::new(redactor);
    for span in spans {
        redaction.redact(span);
    }
}

/// The redaction of one batch. The rule of a key is looked up once in a batch, since its spans have few different keys.
pub(in crate::setup) struct BatchRedaction<'r> {
    redactor: &'r Redactor,
    rules: HashMap<Key, Option<KeyRule>>,
    /// The values of the current span that may be errors and had a rule, and what stands in their place, if anything.
    secret_errors: Vec<(Value, Option<Value>)>,
}

impl<'r> BatchRedaction<'r> {
    pub(in crate::setup) fn new(redactor: &'r Redactor) -> Self {
        Self {
            redactor,
            rules: HashMap::new(),
            secret_errors: Vec::new(),
        }
    }

    fn redact(&mut self, span: &mut SpanData) {
        self.secret_errors.clear();
        self.static_text(&mut span.name);
        if let Status::Error { description } = &mut span.status {
            self.static_text(description);
        }
        self.attributes(&mut span.attributes);
        for event in &mut span.events.events {
            self.static_text(&mut event.name);
            self.attributes(&mut event.attributes);
        }
        for link in &mut span.links.links {
            self.attributes(&mut link.attributes);
        }
        if !self.secret_errors.is_empty() {
            self.copied_errors(&mut span.attributes);
            for event in &mut span.events.events {
                self.copied_errors(&mut event.attributes);
            }
        }
    }

    pub(super) fn resource(&mut self, resource: &Resource) -> Resource {
        let attributes = resource.iter();
        let attributes = attributes.map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let mut attributes: Vec<_> = attributes.collect();
        self.attributes(&mut attributes);
        let builder = Resource::builder_empty();
        let builder = match resource.schema_url() {
            Some(url) => builder.with_schema_url(attributes, url.to_owned()),
            None => builder.with_attributes(attributes),
        };
        builder.build()
    }

    /// Redacts attributes, and removes those that are to be left out.
    pub(in crate::setup) fn attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        attributes.retain_mut(|attribute| self.attribute(attribute));
    }

    /// Returns whether the attribute is left.
    fn attribute(&mut self, attribute: &mut KeyValue) -> bool {
        let KeyValue { key, value, .. } = attribute;
        match self.rule(key) {
            Some(rule) if !(rule.keeps_booleans() && matches!(value, Value::Bool(_))) => {
                self.replace(value, &rule)
            }
            _ => {
                self.texts(key, value);
                true
            }
        }
    }

    /// Returns the rule for a key, which is also that of the sources of an error with this key.
    fn rule(&mut self, key: &Key) -> Option<KeyRule> {
        if let Some(rule) = self.rules.get(key) {
            return *rule;
        }
        let name = key.as_str();
        let rule = self.redactor.key(name).or_else(|| {
            let error = name.strip_suffix(SOURCES)?;
            self.redactor.key(error)
        });
        self.rules.insert(key.clone(), rule);
        rule
    }

    /// Replaces the value of an attribute that has a rule. Returns whether the attribute is left.
    fn replace(&mut self, value: &mut Value, rule: &KeyRule) -> bool {
        let write = |text: &mut String| text.push_str(&value.as_str());
        let replacement = self.redactor.replace(rule, write).map(Value::from);
        let is_left = replacement.is_some();
        let secret = match &replacement {
            Some(replacement) => mem::replace(value, replacement.clone()),
            None => mem::replace(value, Value::Bool(false)),
        };
        if is_error(&secret) {
            self.secret_errors.push((secret, replacement));
        }
        is_left
    }

    /// Replaces the secret parts of an attribute that has no rule.
    fn texts(&self, key: &Key, value: &mut Value) {
        let key = key.as_str();
        match value {
            Value::String(text) => self.string(key, text),
            Value::Array(Array::String(texts)) => {
                texts.iter_mut().for_each(|text| self.string(key, text));
            }
            _ => {}
        }
    }

    fn string(&self, key: &str, string: &mut StringValue) {
        let text = string.as_str();
        let json = text
            .starts_with(['{', '['])
            .then(|| self.redactor.json(key, text.as_bytes()))
            .flatten()
            .and_then(|json| String::from_utf8(json).ok());
        if let Some(redacted) = json.or_else(|| self.redactor.text(text)) {
            *string = redacted.into();
        }
    }

    fn static_text(&self, text: &mut Cow<'static, str>) {
        if let Some(redacted) = self.redactor.text(text) {
            *text = redacted.into();
        }
    }

    /// Replaces copies of errors that had a rule.
    fn copied_errors(&self, attributes: &mut Vec<KeyValue>) {
        attributes.retain_mut(|KeyValue { key, value, .. }| {
            let is_copy = COPIES.contains(&key.as_str());
            let mut errors = self.secret_errors.iter().filter(|_| is_copy);
            match errors.find(|(secret, _)| secret == value) {
                Some((_, Some(replacement))) => {
                    *value = replacement.clone();
                    true
                }
                Some((_, None)) => false,
                None => true,
            }
        });
    }
}

/// Returns whether a value can be the message of an error, or the list of its sources.
fn is_error(value: &Value) -> bool {
    match value {
        Value::String(message) => !message.as_str().is_empty(),
        Value::Array(Array::String(sources)) => !sources.is_empty(),
        _ => false,
    }
}
