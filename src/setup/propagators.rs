//! The propagators that `OTEL_PROPAGATORS` selects.

use super::{env::Env, noop_propagator::NoopPropagator};
use crate::w3c::{BaggagePropagator, TraceContextPropagator};
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};

/// A name in `OTEL_PROPAGATORS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PropagatorName {
    TraceContext,
    Baggage,
    #[cfg(feature = "zipkin")]
    B3,
    #[cfg(feature = "zipkin")]
    B3Multi,
    #[cfg(feature = "xray")]
    Xray,
    None,
}

const EXPECTED: &str = "`tracecontext`, `baggage`, `b3` and `b3multi` (feature `zipkin`), `xray` (feature `xray`), with commas between \
                        them, or `none`";

impl PropagatorName {
    pub(super) fn from_env(env: &Env<'_>) -> Option<Vec<Self>> {
        env.parsed("OTEL_PROPAGATORS", EXPECTED, |value| {
            value
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(Self::parse)
                .collect()
        })
    }

    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "tracecontext" => Some(Self::TraceContext),
            "baggage" => Some(Self::Baggage),
            #[cfg(feature = "zipkin")]
            "b3" => Some(Self::B3),
            #[cfg(feature = "zipkin")]
            "b3multi" => Some(Self::B3Multi),
            #[cfg(feature = "xray")]
            "xray" => Some(Self::Xray),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    fn make(self) -> Box<dyn TextMapPropagator + Send + Sync> {
        match self {
            Self::TraceContext => Box::new(TraceContextPropagator::new()),
            Self::Baggage => Box::new(BaggagePropagator::new()),
            #[cfg(feature = "zipkin")]
            Self::B3 => Box::new(super::b3::Single::new()),
            #[cfg(feature = "zipkin")]
            Self::B3Multi => Box::new(super::b3::multiple()),
            #[cfg(feature = "xray")]
            Self::Xray => Box::new(opentelemetry_aws::trace::XrayPropagator::default()),
            Self::None => Box::new(NoopPropagator),
        }
    }
}

/// Combines propagators into one. W3C Trace Context and Baggage by default.
pub(super) fn propagator(names: Option<Vec<PropagatorName>>) -> TextMapCompositePropagator {
    let names =
        names.unwrap_or_else(|| vec![PropagatorName::TraceContext, PropagatorName::Baggage]);
    TextMapCompositePropagator::new(names.into_iter().map(PropagatorName::make).collect())
}
