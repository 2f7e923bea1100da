//! Reads the values of a header from a carrier.

use opentelemetry::propagation::Extractor;

/// A header of the W3C.
pub(crate) struct Header {
    pub(super) name: &'static str,
    /// The key by which the propagators of this crate ask for the only value of the header. No carrier has it, because it is not valid as
    /// the name of a header. `http::HeaderExtractor` knows it, and all other extractors return `None`.
    ///
    /// `Extractor::get_all` allocates a list for each header, and `Extractor::get` does not say whether there are more values.
    pub(crate) only_value: &'static str,
}

pub(crate) const TRACEPARENT: Header = Header {
    name: "traceparent",
    only_value: "traceparent\0",
};
pub(crate) const TRACESTATE: Header = Header {
    name: "tracestate",
    only_value: "tracestate\0",
};
pub(crate) const BAGGAGE: Header = Header {
    name: "baggage",
    only_value: "baggage\0",
};

/// The values of a header, in order.
pub(super) enum Values<'c> {
    None,
    One([&'c str; 1]),
    All(Vec<&'c str>),
}

impl Header {
    pub(super) fn values<'c>(&self, carrier: &'c dyn Extractor) -> Values<'c> {
        match carrier.get(self.only_value) {
            Some("") => Values::None,
            Some(value) => Values::One([value]),
            None => Values::All(carrier.get_all(self.name).unwrap_or_default()),
        }
    }
}

impl<'c> Values<'c> {
    pub(super) fn as_slice(&self) -> &[&'c str] {
        match self {
            Self::None => &[],
            Self::One(value) => value,
            Self::All(values) => values,
        }
    }
}
