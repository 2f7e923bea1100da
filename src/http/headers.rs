//! HTTP's header maps as carriers.

use crate::{trace_context::with_current, w3c};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    propagation::{Extractor, Injector},
    trace::TraceContextExt as _,
};

/// Names that are asked for with each request: a text is made a name first.
static OF_W3C: [HeaderName; 3] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
];

/// What stands for a value that is no text, or a member that is none. It is not valid in any header of a trace.
const NO_TEXT: &str = "\u{fffd}";

/// Reads the headers of a message, all values of each: also those that are no ASCII, so that nobody can hide a second `traceparent`.
/// A `baggage` that is no UTF-8 is given member by member, as only those which are none are wrong.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tracing_stamp::{http::HeaderExtractor, opentelemetry::propagation::Extractor as _};
///
/// let mut headers = HeaderMap::new();
/// headers.append("traceparent", HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
/// headers.append("traceparent", HeaderValue::from_bytes(b"\xff")?);
/// assert_eq!(HeaderExtractor::new(&headers).get_all("traceparent").map(|values| values.len()), Some(2));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeaderExtractor<'h> {
    headers: &'h HeaderMap,
}

impl<'h> HeaderExtractor<'h> {
    /// Of these headers.
    ///
    /// ```
    /// let headers = http::HeaderMap::new();
    /// let extractor = tracing_stamp::http::HeaderExtractor::new(&headers);
    /// # let _ = extractor;
    /// ```
    #[must_use]
    pub fn new(headers: &'h HeaderMap) -> Self {
        Self { headers }
    }
}

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.headers.get(key).map(text_of)
    }

    fn keys(&self) -> Vec<&str> {
        self.headers.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values = match OF_W3C.iter().find(|name| name.as_str() == key) {
            Some(name) => self.headers.get_all(name),
            None => self.headers.get_all(key),
        };
        let mut values = values.iter();
        let first = values.next()?;
        if key == "baggage" {
            let all = std::iter::once(first).chain(values).flat_map(texts_of);
            // Each takes one of the bytes that are read, if only for its comma: for more there is no room.
            return Some(all.take(w3c::BAGGAGE_BYTES).collect());
        }
        let mut all = vec![text_of(first)];
        all.extend(values.map(text_of));
        Some(all)
    }
}

/// A list, whole, or member by member where it is no text.
fn texts_of(list: &HeaderValue) -> impl Iterator<Item = &str> {
    let whole = std::str::from_utf8(list.as_bytes()).ok();
    let members = || list.as_bytes().split(|byte| *byte == b',');
    let members = whole.is_none().then(members).into_iter().flatten();
    whole.into_iter().chain(members.map(text_in))
}

fn text_of(value: &HeaderValue) -> &str {
    text_in(value.as_bytes())
}

fn text_in(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or(NO_TEXT)
}

/// Writes headers into a message. With a `traceparent` the `tracestate` that another one came with is removed. ([`inject`] removes
/// all that a former context left there.)
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tracing_stamp::{http::HeaderInjector, opentelemetry::propagation::Injector as _};
///
/// let mut headers = HeaderMap::from_iter([(http::HeaderName::from_static("tracestate"), HeaderValue::from_static("foo=1"))]);
/// HeaderInjector::new(&mut headers).set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
/// assert!(!headers.contains_key("tracestate"));
/// ```
#[derive(Debug)]
pub struct HeaderInjector<'h> {
    headers: &'h mut HeaderMap,
}

impl<'h> HeaderInjector<'h> {
    /// Into these headers.
    ///
    /// ```
    /// let mut headers = http::HeaderMap::new();
    /// let injector = tracing_stamp::http::HeaderInjector::new(&mut headers);
    /// # let _ = injector;
    /// ```
    #[must_use]
    pub fn new(headers: &'h mut HeaderMap) -> Self {
        Self { headers }
    }
}

impl Injector for HeaderInjector<'_> {
    fn set(&mut self, key: &str, value: String) {
        if key == "traceparent" {
            self.headers.remove("tracestate");
        }
        // What a propagator writes is right; where it is not, it is not sent.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            // A map that is full has no room for it.
            let _ = self.headers.try_insert(name, value);
        }
    }
}

/// Writes the current context into headers, by the process's propagator, or the W3C's where there is none. What a former context left
/// there, as where a proxy copies headers, is removed.
///
/// To be called within the span that is to be the parent of what the receiver does.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// tracing_stamp::http::inject(&mut headers);
/// assert!(headers.is_empty(), "no trace is current");
/// ```
pub fn inject(headers: &mut HeaderMap) {
    if let Some(context) = with_current(Context::clone) {
        // Where nothing is known, what somebody has copied there goes on.
        if context.span().span_context().is_valid() || !context.baggage().is_empty() {
            w3c::with_fields(|field| drop(headers.remove(field)));
        }
        w3c::inject_into(&context, &mut HeaderInjector::new(headers));
    }
}

/// Removes what a context left in headers, in the form of whichever propagator, and of the W3C's.
pub(super) fn remove(headers: &mut HeaderMap) {
    w3c::with_fields(|field| drop(headers.remove(field)));
    remove_w3c(headers);
}

pub(super) fn remove_w3c(headers: &mut HeaderMap) {
    for name in &OF_W3C {
        headers.remove(name);
    }
}

/// Reads the context that headers brought; an empty one where there is none, or a wrong one.
///
/// ```
/// use tracing_stamp::opentelemetry::trace::TraceContextExt as _;
///
/// let context = tracing_stamp::http::extract(&http::HeaderMap::new());
/// assert!(!context.has_active_span());
/// ```
#[must_use]
pub fn extract(headers: &HeaderMap) -> Context {
    w3c::extract(&HeaderExtractor::new(headers))
}
