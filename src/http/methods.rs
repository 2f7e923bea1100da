use http::Method;
use std::cell::Cell;
use tracing::Span;

/// The methods of RFC 9110, of RFC 5789 (PATCH), and QUERY: the list of OpenTelemetry's conventions.
const KNOWN: [&str; 10] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
];

/// Stands for all other methods.
const OTHER: &str = "_OTHER";

thread_local! {
    static NAME: Cell<String> = const { Cell::new(String::new()) };
}

/// The known methods. A caller can send any word as a method, so only these name spans.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    /// Replaces [`KNOWN`].
    custom: Option<Vec<String>>,
}

impl Methods {
    pub(super) fn new(methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            custom: Some(methods.into_iter().map(Into::into).collect()),
        }
    }

    /// Returns the value of `http.request.method`.
    pub(super) fn attribute<'m>(&self, method: &'m Method) -> &'m str {
        let name = method.as_str();
        let is_known = match &self.custom {
            Some(known) => known.iter().any(|known| known == name),
            None => KNOWN.contains(&name),
        };
        if is_known { name } else { OTHER }
    }

    /// Calls `make` with the name of a span. The name is put together in a buffer that the thread reuses.
    #[inline]
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
        let _ = NAME.try_with(|buffer| buffer.set(name));
        span
    }

    /// Returns the value of `http.request.method_original`, if there is one.
    pub(super) fn original<'m>(&self, method: &'m Method) -> Option<&'m str> {
        (self.attribute(method) != method.as_str()).then_some(method.as_str())
    }
}
