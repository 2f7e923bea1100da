use http::Method;
use std::cell::Cell;
use tracing::Span;

/// Stands for all other methods.
const OTHER: &str = "_OTHER";

thread_local! {
    static NAME: Cell<String> = const { Cell::new(String::new()) };
}

/// The known methods. A caller can send any word as a method, so only these name spans.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    /// Replaces those of [`is_known`].
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
        if self.has(method) {
            method.as_str()
        } else {
            OTHER
        }
    }

    #[inline]
    fn has(&self, method: &Method) -> bool {
        match &self.custom {
            Some(known) => known.iter().any(|known| known == method.as_str()),
            None => is_known(method),
        }
    }

    /// Returns the value of `http.request.method_original`, if there is one.
    pub(super) fn original<'m>(&self, method: &'m Method) -> Option<&'m str> {
        (!self.has(method)).then_some(method.as_str())
    }
}

/// Calls `make` with the name of a span, given the [`attribute`](Methods::attribute) of the method. The name is put together in a buffer
/// that the thread reuses.
#[inline]
pub(super) fn named(method: &str, target: Option<&str>, make: impl FnOnce(&str) -> Span) -> Span {
    let mut name = NAME.try_with(Cell::take).unwrap_or_default();
    name.clear();
    name.push_str(match method {
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

/// Returns whether this is a method of RFC 9110, of RFC 5789 (PATCH), or QUERY: the list of OpenTelemetry's conventions.
fn is_known(method: &Method) -> bool {
    match *method {
        Method::GET
        | Method::POST
        | Method::PUT
        | Method::DELETE
        | Method::HEAD
        | Method::OPTIONS
        | Method::PATCH
        | Method::CONNECT
        | Method::TRACE => true,
        _ => method.as_str() == "QUERY",
    }
}
