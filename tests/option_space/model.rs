//! The expected contents of lines.

use super::{
    case::{Attribute, Case, EventCase, ParentChoice, Which},
    keys::{Entry, Taken, keyed, winners},
    support::{FIXED_KEYS, dynamic::Given},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tracing_stamp::{Schema, SpanFields};

pub(crate) struct Model<'a> {
    pub(crate) case: &'a Case,
    pub(crate) schema: Schema,
    pub(crate) taken: Taken,
    pub(crate) resource: BTreeMap<String, Value>,
}

impl<'a> Model<'a> {
    pub(crate) fn new(case: &'a Case) -> Self {
        let schema = case.options.schema();
        let dots_nest = case.options.schema == Which::Ecs;
        let mut names: BTreeSet<String> = FIXED_KEYS.map(|key| schema.name(key).to_owned()).into();
        if case.options.schema == Which::Ecs {
            names.insert("ecs.version".into());
            // One metadata field of Elasticsearch stands for all of them.
            names.insert("_id".into());
        }
        let mut model = Self {
            case,
            schema,
            taken: Taken { names, dots_nest },
            resource: BTreeMap::new(),
        };
        let attributes = model.attributes();
        model.resource = keyed(&winners(&attributes, &model.taken), &model.taken);
        model.taken.names.extend(model.resource.keys().cloned());
        // The name of the service belongs to the resource, even if the resource has none.
        let service = match case.options.schema {
            Which::Datadog => "service",
            _ => "service.name",
        };
        model.taken.names.insert(service.into());
        model
    }

    pub(crate) fn attributes(&self) -> Vec<Entry> {
        let resource = &self.case.options.resource;
        let mut entries = Vec::new();
        let service = resource
            .iter()
            .rev()
            .find(|(name, _)| name == "service.name");
        if let (Which::Ecs, Some((_, service))) = (self.case.options.schema, service) {
            entries.push(("event.dataset", service));
        }
        for (name, attribute) in resource {
            let renamed = match (self.case.options.schema, &**name) {
                (Which::Datadog, "service.name") => "service",
                (_, name) => name,
            };
            entries.push((renamed, attribute));
        }
        let entry = |(name, attribute): (&str, &Attribute)| Entry {
            name: self.taken.written(name),
            value: match attribute {
                Attribute::Bool(value) => json!(value),
                Attribute::I64(value) => json!(value),
                Attribute::F64(value) => self.float(*value),
                Attribute::Text(value) => json!(value),
            },
            field: None,
        };
        entries.into_iter().map(entry).collect()
    }

    pub(crate) fn float(&self, value: f64) -> Value {
        if value.is_finite() {
            // Goes through text, as for a reader of the line: parsing a float can be off by the last bit.
            let text = serde_json::to_string(&value).expect("finite");
            serde_json::from_str(&text).expect("a number")
        } else if self.case.options.schema == Which::Otel {
            json!(non_finite(value))
        } else {
            Value::Null
        }
    }

    pub(crate) fn value(&self, given: &Given) -> Value {
        match given {
            Given::Nothing => unreachable!("called only for fields with a value"),
            Given::Bool(value) => json!(value),
            Given::I64(value) => json!(value),
            Given::U64(value) => json!(value),
            Given::I128(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => json!(value),
                (_, Ok(value)) => json!(value),
                _ => json!(value.to_string()),
            },
            Given::U128(value) => match u64::try_from(*value) {
                Ok(value) => json!(value),
                _ => json!(value.to_string()),
            },
            Given::F64(value) => self.float(*value),
            Given::Str(value) | Given::Debug(value) => json!(value),
            Given::Bytes(value) => json!(STANDARD.encode(value)),
            Given::Error(messages) => json!(messages[0]),
        }
    }

    /// Returns the fields that have a value, each error followed by its list of sources.
    pub(crate) fn entries<'f>(
        &self,
        fields: impl IntoIterator<Item = (&'f str, &'f Given)>,
    ) -> Vec<Entry> {
        let suffix = if self.case.options.schema == Which::Ecs {
            "_sources"
        } else {
            ".sources"
        };
        let mut entries = Vec::new();
        for (name, given) in fields {
            if *given == Given::Nothing {
                continue;
            }
            let name = self.taken.written(name);
            entries.push(Entry {
                name: name.clone(),
                value: self.value(given),
                field: None,
            });
            if let Given::Error(messages) = given
                && messages.len() > 1
            {
                entries.push(Entry {
                    name: format!("{name}{suffix}"),
                    value: json!(messages[1..]),
                    field: Some(name),
                });
            }
        }
        entries
    }

    pub(crate) fn parent(&self, span: usize) -> Option<usize> {
        match self.case.spans[span].parent {
            ParentChoice::Current => span.checked_sub(1),
            ParentChoice::Root => None,
            ParentChoice::Span(_) if span == 0 => None,
            ParentChoice::Span(parent) => Some(parent % span),
        }
    }

    /// Returns the chain of spans, outermost span first.
    pub(crate) fn chain(&self, leaf: Option<usize>) -> Vec<usize> {
        let mut chain: Vec<usize> =
            std::iter::successors(leaf, |span| self.parent(*span)).collect();
        chain.reverse();
        chain
    }

    pub(crate) fn own(&self, span: usize, is_recorded: bool, taken: &Taken) -> Vec<Entry> {
        let span = &self.case.spans[span];
        let names = || span.fields.iter().map(|(name, _)| name.as_str());
        let given = |values: &'a [Given]| names().zip(values);
        let made = span
            .fields
            .iter()
            .map(|(name, given)| (name.as_str(), given));
        let mut own = winners(&self.entries(made), taken);
        for values in span.recorded.iter().filter(|_| is_recorded) {
            own.extend(self.entries(given(values)));
            own = winners(&own, taken);
        }
        own
    }

    /// Returns the list of spans for a line with this innermost span.
    pub(crate) fn list(&self, leaf: usize, is_recorded: bool) -> Value {
        let taken = Taken {
            names: BTreeSet::from(["name".to_owned()]),
            dots_nest: self.taken.dots_nest,
        };
        let object = |span: usize| {
            let mut object: Map<String, Value> =
                keyed(&self.own(span, is_recorded, &taken), &taken)
                    .into_iter()
                    .collect();
            object.insert("name".into(), json!(self.case.spans[span].name));
            Value::Object(object)
        };
        self.chain(Some(leaf)).into_iter().map(object).collect()
    }

    /// Returns the user members of a line: those of an event without its message, or those of a line about a span.
    pub(crate) fn user(
        &self,
        leaf: Option<usize>,
        is_recorded: bool,
        event: Option<&EventCase>,
    ) -> BTreeMap<String, Value> {
        let mut all = Vec::new();
        if event.is_some_and(|event| matches!(event.parent, ParentChoice::Current)) {
            for key in &self.case.options.baggage {
                let set = self.case.baggage.iter().rev().find(|(name, _)| name == key);
                all.extend(set.map(|(name, value)| Entry {
                    name: name.clone(),
                    value: json!(value),
                    field: None,
                }));
            }
        }
        if self.case.options.span_fields == SpanFields::Flatten {
            let mut spans = Vec::new();
            for span in self.chain(leaf) {
                spans.extend(self.own(span, is_recorded, &self.taken));
                spans = winners(&spans, &self.taken);
            }
            all.extend(spans);
        }
        if let Some(event) = event {
            let last = event.fields.iter().rposition(is_message);
            for (index, field) in event.fields.iter().enumerate() {
                let mut entries = self.entries([(field.0.as_str(), &field.1)]);
                if field.0 == "message" {
                    // The message itself is a fixed key. Only the list of the winning message is kept.
                    entries.retain(|entry| entry.field.is_some() && Some(index) == last);
                    entries.iter_mut().for_each(|entry| entry.field = None);
                }
                all.extend(entries);
            }
        }
        keyed(&winners(&all, &self.taken), &self.taken)
    }

    pub(crate) fn message(&self, event: &EventCase) -> String {
        match event
            .fields
            .iter()
            .rfind(|field| is_message(field))
            .map(|(_, given)| given)
        {
            None | Some(Given::Nothing) => String::new(),
            Some(Given::I128(value)) => value.to_string(),
            Some(Given::U128(value)) => value.to_string(),
            Some(Given::F64(value)) if value.is_finite() => {
                serde_json::to_string(value).expect("finite")
            }
            Some(Given::F64(value)) => non_finite(*value).to_owned(),
            Some(given) => match self.value(given) {
                Value::String(text) => text,
                other => other.to_string(),
            },
        }
    }
}

fn is_message((name, given): &(String, Given)) -> bool {
    name == "message" && *given != Given::Nothing
}

fn non_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
