//! The methods that a span is named by.

use http::Method;
use std::cell::Cell;
use tracing::Span;

/// Those of RFC 9110, of RFC 5789 (PATCH), and QUERY: the conventions' list.
const KNOWN: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];

/// What stands for all others.
const OTHER: &str = "_OTHER";

thread_local! {
    static NAME: Cell<String> = const { Cell::new(String::new()) };
}

/// The methods that are known; anybody can send any word.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    instead: Option<Vec<String>>,
}

impl Methods {
    pub(super) fn new(methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            instead: Some(methods.into_iter().map(Into::into).collect()),
        }
    }

    /// `http.request.method`.
    pub(super) fn attribute<'m>(&self, method: &'m Method) -> &'m str {
        let name = method.as_str();
        let is_known = match &self.instead {
            Some(known) => known.iter().any(|known| known == name),
            None => KNOWN.contains(&name),
        };
        if is_known { name } else { OTHER }
    }

    /// Makes a span, by its name: that is put together in a buffer of the thread.
    pub(super) fn named(
        &self,
        method: &Method,
        target: Option<&str>,
        make: impl FnOnce(&str) -> Span,
    ) -> Span {
        let mut name = NAME.try_with(Cell::take).unwrap_or_default();
        name.clear();
        name.push_str(match self.attribute(method) {
            OTHER => "HTTP",
            known => known,
        });
        if let Some(target) = target {
            name.push(' ');
            name.push_str(target);
        }
        let span = make(&name);
        let _ = NAME.try_with(|kept| kept.set(name));
        span
    }

    /// `http.request.method_original`.
    pub(super) fn original<'m>(&self, method: &'m Method) -> Option<&'m str> {
        (self.attribute(method) != method.as_str()).then_some(method.as_str())
    }
}
