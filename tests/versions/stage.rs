//! A subscriber of the layer under test and this version's OpenTelemetry layer, with its lines and exported spans.

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TracerProvider as _},
};
#[cfg(not(otel_0_27))]
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};
#[cfg(otel_0_27)]
use opentelemetry_sdk::{
    testing::trace::InMemorySpanExporter,
    trace::{Sampler, TracerProvider as SdkTracerProvider},
};
use serde_json::Value;
use tracing::Dispatch;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::opentelemetry_of;
use tracing_subscriber::{Layer, Registry, fmt::format::FmtSpan, prelude::*};

#[path = "../support/lines.rs"]
mod lines;

pub use lines::Lines;

/// The position of the stamping layer. The hooks of a layer nearer to the registry are called first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    Before,
    After,
}

const ORDERS: [Order; 2] = [Order::Before, Order::After];

/// How the stamping layer learns a span's ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// From the span's extensions, in which these versions keep them.
    #[cfg(keeps_ids)]
    Kept,
    /// By watching the current context, over `tracing_opentelemetry::layer()`.
    #[cfg(not(keeps_ids))]
    Watched,
    /// From the tracer, over `otel_layer_of!`.
    #[cfg(not(keeps_ids))]
    Reported,
}

#[cfg(keeps_ids)]
const WAYS: [Way; 1] = [Way::Kept];
#[cfg(not(keeps_ids))]
const WAYS: [Way; 2] = [Way::Watched, Way::Reported];

/// The version under test.
#[cfg(keeps_ids)]
pub fn version() -> impl tracing_stamp::version::OpenTelemetry {
    opentelemetry_of!(opentelemetry, tracing_opentelemetry::OtelData)
}

/// The version under test.
#[cfg(not(keeps_ids))]
pub fn version() -> impl tracing_stamp::version::OpenTelemetry {
    opentelemetry_of!(opentelemetry, tracing_opentelemetry)
}

/// A context from another process.
pub fn remote(trace_id: u128, span_id: u64) -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(trace_id.to_be_bytes()),
        SpanId::from_bytes(span_id.to_be_bytes()),
        TraceFlags::SAMPLED,
        true,
        Default::default(),
    ))
}

/// `set_parent`, which returns a result since 0.32.
pub fn set_parent(span: &tracing::Span, parent: Context) {
    #[allow(clippy::let_unit_value, reason = "there is a result in later versions")]
    let _ = span.set_parent(parent);
}

/// Trace id, span id, and parent's span id, as the exporter received them.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    pub trace_id: String,
    pub span_id: String,
    pub parent_span_id: Option<String>,
}

/// The lines and the exported spans of a scenario.
pub struct Outcome {
    order: Order,
    way: Way,
    pub lines: Vec<Value>,
    spans: Vec<(String, Exported)>,
}

impl Outcome {
    /// Whether each span's ids and its parent's are known, and not only those that can be observed.
    pub fn is_certain(&self) -> bool {
        #[cfg(keeps_ids)]
        return true;
        #[cfg(not(keeps_ids))]
        return self.way == Way::Reported;
    }

    /// The variant, for the messages of assertions.
    pub fn origin(&self) -> String {
        format!(
            "stamping layer {:?} OpenTelemetry's, ids {:?}",
            self.order, self.way
        )
    }

    /// The exported span with this name.
    pub fn span(&self, name: &str) -> &Exported {
        let found = self.spans.iter().find(|(of, _)| of == name);
        let (_, span) = found.unwrap_or_else(|| panic!("no span {name} in {:?}", self.spans));
        span
    }

    /// The lines with this message. Fails if there are none.
    pub fn lines(&self, message: &str) -> Vec<&Value> {
        let found: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line["message"] == message)
            .collect();
        assert!(
            !found.is_empty(),
            "no line {message:?} in {:#?}",
            self.lines
        );
        found
    }

    /// Asserts that all lines with this message have the ids of the exported span with this name.
    #[track_caller]
    pub fn is_stamped(&self, message: &str, name: &str) {
        let span = self.span(name);
        for line in self.lines(message) {
            assert_eq!(
                line["trace_id"],
                span.trace_id.as_str(),
                "{}: {line}",
                self.origin()
            );
            assert_eq!(
                line["span_id"],
                span.span_id.as_str(),
                "{}: {line}",
                self.origin()
            );
        }
    }

    /// Asserts that these lines have the ids of that span, or none.
    #[track_caller]
    pub fn is_stamped_or_bare(&self, message: &str, name: &str) {
        if self
            .lines(message)
            .iter()
            .any(|line| line.get("trace_id").is_some())
        {
            self.is_stamped(message, name);
        }
    }
}

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// A stage that is set up once for each order.
pub struct Stage {
    sampler: Sampler,
    span_events: FmtSpan,
    parents: bool,
    baggage: &'static [&'static str],
}

impl Stage {
    pub fn new() -> Self {
        Self {
            sampler: Sampler::AlwaysOn,
            span_events: FmtSpan::NONE,
            parents: false,
            baggage: &[],
        }
    }

    pub fn sampler(self, sampler: Sampler) -> Self {
        Self { sampler, ..self }
    }

    pub fn span_events(self, span_events: FmtSpan) -> Self {
        Self {
            span_events,
            ..self
        }
    }

    /// Lines have the id of the parent of their span.
    pub fn parents(self) -> Self {
        Self {
            parents: true,
            ..self
        }
    }

    pub fn baggage(self, baggage: &'static [&'static str]) -> Self {
        Self { baggage, ..self }
    }

    /// Runs a scenario in each order, with this version of OpenTelemetry.
    pub fn play(&self, scenario: impl Fn()) -> Vec<Outcome> {
        let orders = ORDERS.into_iter();
        let stacks = orders.flat_map(|order| WAYS.map(|way| (order, way)));
        stacks
            .map(|(order, way)| self.play_once(order, way, &scenario))
            .collect()
    }

    fn play_once(&self, order: Order, way: Way, scenario: &impl Fn()) -> Outcome {
        let lines = Lines::default();
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_sampler(self.sampler.clone())
            .with_simple_exporter(exporter.clone())
            .build();
        let stamp = tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_span_events(self.span_events.clone())
            .with_parent_span_id(self.parents)
            .with_baggage(self.baggage.iter().copied())
            .with_opentelemetry(version());
        let tracer = provider.tracer("test");
        let opentelemetry: BoxedLayer = match way {
            #[cfg(keeps_ids)]
            Way::Kept => Box::new(tracing_opentelemetry::layer().with_tracer(tracer)),
            #[cfg(not(keeps_ids))]
            Way::Watched => Box::new(tracing_opentelemetry::layer().with_tracer(tracer)),
            #[cfg(not(keeps_ids))]
            Way::Reported => Box::new(tracing_stamp::otel_layer_of!(
                opentelemetry,
                tracing_opentelemetry,
                tracer,
                |layer| layer
            )),
        };
        let layers: Vec<BoxedLayer> = match order {
            Order::Before => vec![Box::new(stamp), opentelemetry],
            Order::After => vec![opentelemetry, Box::new(stamp)],
        };
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(layers));
        tracing::dispatcher::with_default(&dispatch, scenario);
        let spans = exporter
            .get_finished_spans()
            .unwrap()
            .into_iter()
            .map(|span| {
                let parent = (span.parent_span_id != SpanId::INVALID)
                    .then(|| span.parent_span_id.to_string());
                let exported = Exported {
                    trace_id: span.span_context.trace_id().to_string(),
                    span_id: span.span_context.span_id().to_string(),
                    parent_span_id: parent,
                };
                (span.name.into_owned(), exported)
            });
        let text = lines.text();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        Outcome {
            order,
            way,
            lines,
            spans: spans.collect(),
        }
    }
}
