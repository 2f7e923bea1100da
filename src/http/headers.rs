//! Header maps of HTTP as carriers of a context.

use crate::{trace_context::with_current, w3c};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    propagation::{Extractor, Injector},
    trace::TraceContextExt as _,
};

/// Headers that are looked up for each request. As constants they need not be parsed from strings each time.
static W3C_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
];

/// The number of headers up to which one pass over all of them takes less time than several look-ups, each with its hash.
const FEW: usize = 32;

/// Stands for a value, or a member of a list, that is not UTF-8. It is not valid in any trace header.
const NOT_UTF8: &str = "\u{fffd}";

/// [`Extractor`] that reads the headers of a message.
///
/// It returns all values of a header, also those that are not ASCII, so that no caller can hide a second `traceparent`. If `baggage` is
/// not UTF-8, its members are returned one by one, because only the members that are not UTF-8 are invalid.
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
    /// The values of the [`W3C_HEADERS`], for `only_value` of `w3c::Header`. `None` if there are many headers.
    known: Option<[Values<'h>; W3C_HEADERS.len()]>,
}

impl<'h> HeaderExtractor<'h> {
    /// Returns an extractor that reads these headers.
    #[must_use]
    pub fn new(headers: &'h HeaderMap) -> Self {
        let known = (headers.len() <= FEW).then(|| {
            let mut known = [Values::None; W3C_HEADERS.len()];
            for (name, value) in headers {
                if let Some(at) = known_at(name) {
                    known[at].push(value);
                }
            }
            known
        });
        Self { headers, known }
    }
}

impl Extractor for HeaderExtractor<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let at = match key {
            _ if key == w3c::TRACEPARENT.only_value => 0,
            _ if key == w3c::TRACESTATE.only_value => 1,
            _ if key == w3c::BAGGAGE.only_value => 2,
            _ => return self.headers.get(key).map(text_of),
        };
        match self.known.as_ref()?[at] {
            Values::None => Some(""),
            Values::One(value) => std::str::from_utf8(value.as_bytes()).ok(),
            Values::Several => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        self.headers.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values = match W3C_HEADERS.iter().find(|name| name.as_str() == key) {
            Some(name) => self.headers.get_all(name),
            None => self.headers.get_all(key),
        };
        let mut values = values.iter();
        let first = values.next()?;
        if key == "baggage" {
            let all = std::iter::once(first)
                .chain(values)
                .flat_map(whole_or_members);
            // Each member takes at least one byte, its comma, of the bytes that are read, so no more members can be read.
            return Some(all.take(w3c::BAGGAGE_BYTES).collect());
        }
        let mut all = vec![text_of(first)];
        all.extend(values.map(text_of));
        Some(all)
    }
}

/// The values of a header.
#[derive(Clone, Copy, Debug)]
enum Values<'h> {
    None,
    One(&'h HeaderValue),
    Several,
}

/// Returns the index of a header in [`W3C_HEADERS`].
#[inline]
fn known_at(name: &HeaderName) -> Option<usize> {
    match name.as_str() {
        "traceparent" => Some(0),
        "tracestate" => Some(1),
        "baggage" => Some(2),
        _ => None,
    }
}

impl<'h> Values<'h> {
    fn push(&mut self, value: &'h HeaderValue) {
        *self = match self {
            Self::None => Self::One(value),
            Self::One(_) | Self::Several => Self::Several,
        };
    }
}

/// Returns a list as a whole, or its members one by one if it is not UTF-8.
fn whole_or_members(list: &HeaderValue) -> impl Iterator<Item = &str> {
    let whole = std::str::from_utf8(list.as_bytes()).ok();
    let members = || list.as_bytes().split(|byte| *byte == b',');
    let members = whole.is_none().then(members).into_iter().flatten();
    whole.into_iter().chain(members.map(text_in))
}

fn text_of(value: &HeaderValue) -> &str {
    text_in(value.as_bytes())
}

fn text_in(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or(NOT_UTF8)
}

/// [`Injector`] that writes headers into a message.
///
/// Setting a `traceparent` removes the `tracestate` of an earlier one. ([`inject`] removes all headers of an earlier context.)
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
    /// Returns an injector that writes into these headers.
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
        // A header that a propagator got wrong is not sent.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            // This fails if the map has reached its maximum size.
            let _ = self.headers.try_insert(name, value);
        }
    }
}

/// Writes the current context into headers, with the process's propagator, or the W3C's if there is none. The headers of an earlier
/// context are removed: a proxy may have copied them.
///
/// Call it within the span that is to be the parent of the receiver's spans.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// tracing_stamp::http::inject(&mut headers);
/// assert!(headers.is_empty(), "no trace is current");
/// ```
pub fn inject(headers: &mut HeaderMap) {
    if let Some(context) = with_current(Context::clone) {
        // An empty context removes nothing: the headers of an earlier context, if any, are passed on.
        if context.span().span_context().is_valid() || !context.baggage().is_empty() {
            w3c::with_fields(|field| drop(headers.remove(field)));
        }
        w3c::inject_into(&context, &mut HeaderInjector::new(headers));
    }
}

/// Removes the headers of an earlier context: those of the process's propagator and those of the W3C.
pub(super) fn remove(headers: &mut HeaderMap) {
    w3c::with_fields(|field| drop(headers.remove(field)));
    remove_w3c(headers);
}

pub(super) fn remove_w3c(headers: &mut HeaderMap) {
    let has_any = || headers.keys().any(|name| known_at(name).is_some());
    if headers.len() > FEW || has_any() {
        for name in &W3C_HEADERS {
            headers.remove(name);
        }
    }
}

/// Returns the first value of each of these headers.
pub(super) fn first_values<'h, const N: usize>(
    headers: &'h HeaderMap,
    names: [&HeaderName; N],
) -> [Option<&'h HeaderValue>; N] {
    if headers.len() > FEW {
        return names.map(|name| headers.get(name));
    }
    let mut found = [None; N];
    for (name, value) in headers {
        for (found, wanted) in found.iter_mut().zip(names) {
            if found.is_none() && name == wanted {
                *found = Some(value);
            }
        }
        if found.iter().all(Option::is_some) {
            break;
        }
    }
    found
}

/// Reads the context from headers. Returns an empty context if there is none, or if it is invalid.
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
