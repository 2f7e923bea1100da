//! Propagation between processes, tested against the text of the W3C's specifications.

mod baggage;
mod carriers;
mod property;
mod traceparent;
mod tracestate;

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
};

/// The headers of a message: ordered, and possibly several with the same name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Headers(Vec<(String, String)>);

impl Headers {
    fn of<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(headers.into_iter().map(owned).collect())
    }

    fn sent(propagator: &dyn TextMapPropagator, context: &Context) -> Self {
        let mut headers = Self::default();
        propagator.inject_context(context, &mut headers);
        headers
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)
    }
}

impl Injector for Headers {
    fn set(&mut self, key: &str, value: String) {
        self.0.retain(|(known, _)| known != key);
        self.0.push((key.to_owned(), value));
    }
}

impl Extractor for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == key);
        found.next().map(|(_, value)| value.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let found = self.0.iter().filter(|(known, _)| known == key);
        Some(found.map(|(_, value)| value.as_str()).collect())
    }
}
