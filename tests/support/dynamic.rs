//! Call sites with any names and values, created at run time. The macros of `tracing` create them at compile time.

use std::{error::Error, fmt, sync::OnceLock};
use tracing::{Event, Level, Metadata, Span, span};
use tracing_core::{
    Callsite, Interest, Kind,
    callsite::Identifier,
    field::{FieldSet, Value},
};

/// A value of any kind that `tracing` can visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A field of the call site without a value.
    Nothing,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(String),
    Bytes(Vec<u8>),
    /// Recorded through a `Debug` implementation that writes the text as it is.
    Debug(String),
    /// An error's message and those of its sources.
    Error(Vec<String>),
}

/// The parent of an event or a span.
#[derive(Clone, Copy, Debug)]
pub enum Parent<'a> {
    Current,
    Root,
    Span(&'a Span),
}

/// A call site. Like those of the macros, it is never freed.
#[derive(Clone, Copy, Debug)]
pub struct Site(&'static Metadata<'static>);

impl Site {
    pub fn event(names: &[&str]) -> Self {
        Self::new(Kind::EVENT, "event", "dynamic", Level::INFO, names)
    }

    pub fn span(name: &str, names: &[&str]) -> Self {
        Self::new(Kind::SPAN, name, "dynamic", Level::INFO, names)
    }

    pub fn new(kind: Kind, name: &str, target: &str, level: Level, names: &[&str]) -> Self {
        let names: Vec<&'static str> = names.iter().map(|name| leak(name)).collect();
        let callsite: &'static DynamicCallsite =
            Box::leak(Box::new(DynamicCallsite(OnceLock::new())));
        let fields = FieldSet::new(Vec::leak(names), Identifier(callsite));
        Self(callsite.0.get_or_init(|| {
            Metadata::new(
                leak(name),
                leak(target),
                level,
                Some("src/dynamic.rs"),
                Some(7),
                Some("dynamic"),
                fields,
                kind,
            )
        }))
    }

    /// Logs an event of this call site, with one value per field.
    pub fn log(self, parent: Parent<'_>, values: &[Given]) {
        with(values, |values| {
            let values = self.0.fields().value_set_all(values);
            match parent {
                Parent::Current => Event::dispatch(self.0, &values),
                Parent::Root => Event::child_of(None, self.0, &values),
                Parent::Span(span) => Event::child_of(span.id(), self.0, &values),
            }
        });
    }

    /// Opens a span of this call site.
    pub fn open(self, parent: Parent<'_>, values: &[Given]) -> Span {
        with(values, |values| {
            let values = self.0.fields().value_set_all(values);
            match parent {
                Parent::Current => Span::new(self.0, &values),
                Parent::Root => Span::new_root(self.0, &values),
                Parent::Span(parent) => Span::child_of(parent.id(), self.0, &values),
            }
        })
    }

    /// Records values on a span of this call site.
    pub fn record(self, span: &Span, values: &[Given]) {
        with(values, |values| {
            let values = self.0.fields().value_set_all(values);
            span.with_subscriber(|(id, dispatch)| {
                dispatch.record(id, &span::Record::new(&values));
            });
        });
    }
}

/// An error with a chain of sources.
#[derive(Debug)]
pub struct Chain {
    message: String,
    source: Option<Box<Self>>,
}

impl Chain {
    /// Returns an error with the first message. Its sources have the other messages.
    pub fn new<'a>(
        messages: impl IntoIterator<Item = &'a str, IntoIter: DoubleEndedIterator>,
    ) -> Self {
        let chain = messages.into_iter().rev().fold(None, |source, message| {
            Some(Box::new(Self {
                message: message.to_owned(),
                source,
            }))
        });
        *chain.expect("there is at least one message")
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Chain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

struct DynamicCallsite(OnceLock<Metadata<'static>>);

impl Callsite for DynamicCallsite {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("`Site::new` sets it")
    }
}

/// `Debug` that writes text as it is, in two pieces. Derived implementations write many pieces.
struct Raw<'a>(&'a str);

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = (0..=self.0.len() / 2)
            .rev()
            .find(|at| self.0.is_char_boundary(*at));
        let (first, second) = self.0.split_at(half.unwrap_or(0));
        f.write_str(first)?;
        f.write_str(second)
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}

fn with<T>(values: &[Given], f: impl FnOnce(&[Option<&dyn Value>]) -> T) -> T {
    let errors: Vec<Option<Chain>> = values
        .iter()
        .map(|value| match value {
            Given::Error(messages) => Some(Chain::new(messages.iter().map(String::as_str))),
            _ => None,
        })
        .collect();
    let boxed: Vec<Option<Box<dyn Value + '_>>> = values
        .iter()
        .zip(&errors)
        .map(|(value, error)| match value {
            Given::Nothing => None,
            Given::Bool(value) => Some(Box::new(*value) as _),
            Given::I64(value) => Some(Box::new(*value) as _),
            Given::U64(value) => Some(Box::new(*value) as _),
            Given::I128(value) => Some(Box::new(*value) as _),
            Given::U128(value) => Some(Box::new(*value) as _),
            Given::F64(value) => Some(Box::new(*value) as _),
            Given::Str(value) => Some(Box::new(value.as_str()) as _),
            Given::Bytes(value) => Some(Box::new(value.as_slice()) as _),
            Given::Debug(value) => Some(Box::new(tracing::field::debug(Raw(value))) as _),
            Given::Error(_) => error
                .as_ref()
                .map(|error| Box::new(error as &(dyn Error + 'static)) as _),
        })
        .collect();
    let all: Vec<Option<&dyn Value>> = boxed.iter().map(Option::as_deref).collect();
    f(&all)
}
