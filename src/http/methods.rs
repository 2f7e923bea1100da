//! The methods that a span is named by.

use http::Method;
use std::borrow::Cow;

/// Those of RFC 9110, of RFC 5789 (PATCH), and QUERY: the conventions' list.
const KNOWN: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];

/// What stands for all others.
const OTHER: &str = "_OTHER";

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

    /// A span's name.
    pub(super) fn span_name<'m>(&self, method: &'m Method, target: Option<&str>) -> Cow<'m, str> {
        let method = match self.attribute(method) {
            OTHER => "HTTP",
            known => known,
        };
        match target {
            Some(target) => format!("{method} {target}").into(),
            None => method.into(),
        }
    }

    /// `http.request.method_original`.
    pub(super) fn original<'m>(&self, method: &'m Method) -> Option<&'m str> {
        (self.attribute(method) != method.as_str()).then_some(method.as_str())
    }
}
