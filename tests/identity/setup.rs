//! The parts of a scene: the layers, their order, and what they have learnt.

use super::{
    scene::{Scene, each, named},
    support::{Exported, Lines},
};
use opentelemetry::{
    Context,
    trace::{Span as _, Tracer, noop::NoopTracer},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Sampler, Span, SpanData, SpanProcessor},
};
use std::time::Duration;
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_stamp::{StampLayer, otel_layer};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, fmt::format::FmtSpan, prelude::*,
    registry::LookupSpan, reload,
};

/// The position of stamping layers. The hooks of a layer nearer to the registry are called first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Order {
    /// Between the registry and OpenTelemetry's layer.
    Before,
    /// Outside of OpenTelemetry's layer.
    After,
    /// Two layers, one on each side.
    Both,
}

/// What layers have learnt before a scenario runs.
#[derive(Clone, Copy, Debug)]
enum Age {
    Fresh,
    /// They have seen a span, and know that OpenTelemetry's layer activates contexts.
    Used,
    /// They have seen several, and know whether they come before or after it. They have also seen this very scenario, and know for each
    /// call site whether OpenTelemetry's layer sees its spans.
    AtHome,
}

/// How the stamping layers learn the ids of spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// They watch OpenTelemetry's layer. Lines leave out uncertain ids.
    Watched,
    /// `otel_layer` reports them, with a filter around it.
    Reported,
    /// `otel_layer` reports them, with a filter within it.
    ReportedWithin,
}

pub(crate) const WAYS: [Way; 3] = [Way::Watched, Way::Reported, Way::ReportedWithin];

const AGES: [Age; 3] = [Age::Fresh, Age::Used, Age::AtHome];

pub(crate) const ORDERS: [Order; 3] = [Order::Before, Order::After, Order::Both];

pub(crate) type Keep = fn(&Metadata<'_>) -> bool;

type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// The parts of a scene.
#[derive(Clone)]
pub(crate) struct Setup {
    activation: bool,
    otel_sees: Option<Keep>,
    stamp_sees: Option<Keep>,
    env_filter: Option<&'static str>,
    span_events: FmtSpan,
    parents: bool,
    sampler: Option<Sampler>,
    tracer: bool,
    way: Way,
    reload: bool,
    talkative: bool,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            activation: true,
            otel_sees: None,
            stamp_sees: None,
            env_filter: None,
            span_events: FmtSpan::NONE,
            parents: false,
            sampler: None,
            tracer: true,
            way: Way::Watched,
            reload: false,
            talkative: false,
        }
    }

    /// OpenTelemetry's layer behind a `reload`.
    pub(crate) fn reloadable(self) -> Self {
        Self {
            reload: true,
            ..self
        }
    }

    /// A processor logs `started` when a span starts.
    pub(crate) fn talkative(self) -> Self {
        Self {
            talkative: true,
            ..self
        }
    }

    pub(crate) fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    pub(crate) fn without_activation(self) -> Self {
        Self {
            activation: false,
            ..self
        }
    }

    /// A per-layer filter on OpenTelemetry's layer.
    pub(crate) fn otel_sees(self, keep: Keep) -> Self {
        Self {
            otel_sees: Some(keep),
            ..self
        }
    }

    /// A per-layer filter on the stamping layers.
    pub(crate) fn stamp_sees(self, keep: Keep) -> Self {
        Self {
            stamp_sees: Some(keep),
            ..self
        }
    }

    /// A filter for all layers.
    pub(crate) fn env_filter(self, directives: &'static str) -> Self {
        Self {
            env_filter: Some(directives),
            ..self
        }
    }

    pub(crate) fn span_events(self, span_events: FmtSpan) -> Self {
        Self {
            span_events,
            ..self
        }
    }

    /// Lines have the id of the parent of their span.
    pub(crate) fn parents(self) -> Self {
        Self {
            parents: true,
            ..self
        }
    }

    pub(crate) fn sampler(self, sampler: Sampler) -> Self {
        Self {
            sampler: Some(sampler),
            ..self
        }
    }

    /// OpenTelemetry's layer as `layer()` creates it: its tracer creates no ids.
    pub(crate) fn without_tracer(self) -> Self {
        Self {
            tracer: false,
            ..self
        }
    }

    /// Runs the scenario in each order of the layers, each time with layers of each [age](AGES), and in each [way](WAYS).
    pub(crate) fn everywhere(&self, scenario: impl Fn(&Scene)) {
        self.at_ages(&AGES, scenario);
    }

    /// Runs the scenario only with layers that have seen a span. A layer nearer to the registry than OpenTelemetry's cannot know the
    /// ids of the very first span until its first look within it. If they are hidden then, they stay hidden for that span.
    pub(crate) fn everywhere_but_in_the_first_span(&self, scenario: impl Fn(&Scene)) {
        self.at_ages(&AGES[1..], scenario);
    }

    fn at_ages(&self, ages: &[Age], scenario: impl Fn(&Scene)) {
        let ways = WAYS
            .into_iter()
            .filter(|way| *way != Way::ReportedWithin || self.otel_sees.is_some());
        let variants = ways.flat_map(|way| {
            let ages = if way == Way::Watched { ages } else { &AGES };
            ORDERS
                .into_iter()
                .flat_map(move |order| ages.iter().map(move |age| (way, order, *age)))
        });
        each(variants, |(way, order, age)| {
            named(&format!("{way:?}, {order:?}, layers {age:?}"), || {
                let mut scene = self.clone().way(way).scene(order);
                match age {
                    Age::Fresh => {}
                    Age::Used => scene.warm_up(),
                    Age::AtHome => {
                        (0..3).for_each(|_| scene.warm_up());
                        scenario(&scene);
                        scene.forget();
                    }
                }
                scene.is_fresh = matches!(age, Age::Fresh);
                scenario(&scene);
            });
        });
    }

    pub(crate) fn scene(&self, order: Order) -> Scene {
        let exported = match self.sampler.clone() {
            Some(sampler) => Exported::with_sampler(sampler),
            None if self.talkative => Exported::with_processor(Talkative),
            None => Exported::new(),
        };
        let mut scene = Scene::new(exported, Vec::new(), Vec::new(), Dispatch::none());
        scene.way = self.way;
        scene.shows_ends = !self.reload && !matches!(self.sampler, Some(Sampler::AlwaysOff));
        scene.dispatch = match self.env_filter {
            Some(directives) => self.dispatch(
                order,
                &mut scene,
                Registry::default().with(EnvFilter::new(directives)),
            ),
            None => self.dispatch(order, &mut scene, Registry::default()),
        };
        scene
    }

    fn dispatch<S>(&self, order: Order, scene: &mut Scene, base: S) -> Dispatch
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
    {
        match order {
            Order::Before => Dispatch::new(base.with(self.stamp(scene)).with(self.otel(scene))),
            Order::After => Dispatch::new(base.with(self.otel(scene)).with(self.stamp(scene))),
            Order::Both => Dispatch::new(
                base.with(self.stamp(scene))
                    .with(self.otel(scene))
                    .with(self.stamp(scene)),
            ),
        }
    }

    fn stamp<S>(&self, scene: &mut Scene) -> BoxedLayer<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
    {
        let lines = Lines::default();
        let layer: StampLayer<Lines> = tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_span_events(self.span_events.clone())
            .with_parent_span_id(self.parents);
        scene.lines.push(lines);
        scene.stats.push(layer.stats());
        match self.stamp_sees {
            Some(keep) => layer.with_filter(filter_fn(keep)).boxed(),
            None => layer.boxed(),
        }
    }

    fn otel<S>(&self, scene: &Scene) -> BoxedLayer<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
    {
        let layer = if self.tracer {
            self.otel_over(scene.exported.tracer())
        } else {
            self.otel_over(NoopTracer::new())
        };
        if self.reload {
            reload::Layer::new(layer).0.boxed()
        } else {
            layer
        }
    }

    fn otel_over<S, T>(&self, tracer: T) -> BoxedLayer<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
        T: Tracer<Span: Send + Sync> + Send + Sync + 'static,
    {
        let filter = self.otel_sees.map(filter_fn);
        match (self.way, filter) {
            (Way::Watched, filter) => {
                let layer = tracing_opentelemetry::layer()
                    .with_tracer(tracer)
                    .with_context_activation(self.activation);
                match filter {
                    Some(filter) => layer.with_filter(filter).boxed(),
                    None => layer.boxed(),
                }
            }
            (Way::ReportedWithin, Some(filter)) => otel_layer(tracer, |layer| {
                layer
                    .with_context_activation(self.activation)
                    .with_filter(filter)
            })
            .boxed(),
            (Way::Reported | Way::ReportedWithin, filter) => {
                let layer = otel_layer(tracer, |layer| {
                    layer.with_context_activation(self.activation)
                });
                match filter {
                    Some(filter) => layer.with_filter(filter).boxed(),
                    None => layer.boxed(),
                }
            }
        }
    }
}

/// A processor that logs when a span starts.
#[derive(Debug)]
struct Talkative;

impl SpanProcessor for Talkative {
    fn on_start(&self, span: &mut Span, _: &Context) {
        tracing::info!(started = ?span.span_context().span_id(), "started");
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
