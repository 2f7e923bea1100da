use axum::Router;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::{
    global::set_text_map_propagator,
    propagation::{TextMapCompositePropagator, TextMapPropagator},
};
use opentelemetry_sdk::propagation;
use tracing_stamp::{http::ServerLayer, w3c};

use super::by_hand;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// The floor: the service and its request without a layer.
    NoLayer,
    Stamp,
    /// `OtelAxumLayer` as in the README of axum-tracing-opentelemetry 0.42, without the optional second layer there, which writes the trace id
    /// into the response.
    AxumOpenTelemetry,
    /// `TraceLayer` with custom closures, as in "Customization" in the documentation of `tower_http::trace` (0.7).
    TraceLayer,
    TraceLayerPropagating,
}

pub const ALL: [Contender; 5] = [
    Contender::NoLayer,
    Contender::Stamp,
    Contender::AxumOpenTelemetry,
    Contender::TraceLayerPropagating,
    Contender::TraceLayer,
];

impl Contender {
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLayer => "no-layer",
            Self::Stamp => "tracing-stamp",
            Self::AxumOpenTelemetry => "axum-tracing-opentelemetry",
            Self::TraceLayer => "trace-layer",
            Self::TraceLayerPropagating => "trace-layer-propagating",
        }
    }

    /// What it does, for the table.
    pub fn what(self) -> &'static str {
        match self {
            Self::NoLayer => "nothing: the floor",
            Self::Stamp => "span to the body's end, context in, `traceresponse` out",
            Self::AxumOpenTelemetry => "span to the response head, context in",
            Self::TraceLayer => "span to the body's end, no context",
            Self::TraceLayerPropagating => "span to the body's end, context in, by hand",
        }
    }

    pub fn propagates(self) -> bool {
        !matches!(self, Self::NoLayer | Self::TraceLayer)
    }

    pub fn find(name: &str) -> Result<Self, String> {
        ALL.into_iter()
            .find(|contender| contender.name() == name)
            .ok_or_else(|| format!("no layer {name:?}"))
    }

    /// Wraps the routes in its layer, and installs its propagators. Only the library's layer writes access lines.
    pub fn around(self, routes: Router, with_access_lines: bool) -> Router {
        match self {
            Self::NoLayer => routes,
            Self::Stamp => {
                // As `init` does.
                install(
                    w3c::TraceContextPropagator::new(),
                    w3c::BaggagePropagator::new(),
                );
                let layer = ServerLayer::new().with_route(|request| {
                    request
                        .extensions
                        .get()
                        .map(axum::extract::MatchedPath::as_str)
                });
                routes.layer(layer.with_access_lines(with_access_lines))
            }
            Self::AxumOpenTelemetry => {
                install_of_sdk();
                routes.layer(OtelAxumLayer::default())
            }
            Self::TraceLayer => by_hand::around(routes, by_hand::span),
            Self::TraceLayerPropagating => {
                install_of_sdk();
                by_hand::around(routes, by_hand::propagating_span)
            }
        }
    }
}

fn install_of_sdk() {
    install(
        propagation::TraceContextPropagator::new(),
        propagation::BaggagePropagator::new(),
    );
}

fn install(
    trace: impl TextMapPropagator + Send + Sync + 'static,
    baggage: impl TextMapPropagator + Send + Sync + 'static,
) {
    set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(trace),
        Box::new(baggage),
    ]));
}
