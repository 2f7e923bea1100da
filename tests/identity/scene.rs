//! A subscriber with OpenTelemetry's layer and stamping layers around it, in each order that matters.

use super::support::{Exported, Line, Lines};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::Sampler;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};
use tracing::{Dispatch, Metadata, Subscriber};
use tracing_stamp::{StampLayer, Stats};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, fmt::format::FmtSpan, prelude::*,
    registry::LookupSpan,
};

/// A trace id and a span id, as a line has them.
pub(crate) type Ids = (String, String);

/// Where stamping layers stand. A layer nearer to the registry has its hooks called first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Order {
    /// Between the registry and OpenTelemetry's layer.
    Before,
    /// Outside of OpenTelemetry's layer.
    After,
    /// Two layers, one on each side.
    Both,
}

/// What layers have learnt before a scenario is played.
#[derive(Clone, Copy, Debug)]
enum Age {
    Fresh,
    /// They have seen a span, and know that OpenTelemetry's layer activates contexts.
    Used,
    /// They have seen some, and know on which side of it they stand; and they have seen this very scenario, and know of each
    /// call site whether OpenTelemetry's layer sees its spans.
    AtHome,
}

const AGES: [Age; 3] = [Age::Fresh, Age::Used, Age::AtHome];

pub(crate) const ORDERS: [Order; 3] = [Order::Before, Order::After, Order::Both];

pub(crate) type Keep = fn(&Metadata<'_>) -> bool;

type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// What a scene is built of.
#[derive(Clone)]
pub(crate) struct Setup {
    activation: bool,
    otel_sees: Option<Keep>,
    stamp_sees: Option<Keep>,
    env_filter: Option<&'static str>,
    life: FmtSpan,
    sampler: Option<Sampler>,
    tracer: bool,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            activation: true,
            otel_sees: None,
            stamp_sees: None,
            env_filter: None,
            life: FmtSpan::NONE,
            sampler: None,
            tracer: true,
        }
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

    pub(crate) fn life(self, life: FmtSpan) -> Self {
        Self { life, ..self }
    }

    pub(crate) fn sampler(self, sampler: Sampler) -> Self {
        Self {
            sampler: Some(sampler),
            ..self
        }
    }

    /// OpenTelemetry's layer as `layer()` makes it: its tracer makes no ids.
    pub(crate) fn without_tracer(self) -> Self {
        Self {
            tracer: false,
            ..self
        }
    }

    /// Plays the scenario in each order of the layers, each time with layers of each [age](AGES).
    pub(crate) fn everywhere(&self, scenario: impl Fn(&Scene)) {
        self.at_ages(&AGES, scenario);
    }

    /// The same with layers that have seen a span alone. A layer nearer to the registry than OpenTelemetry's cannot know
    /// the ids of the very first span until its first look within it, so what hides them there hides them for that span.
    pub(crate) fn everywhere_but_in_the_first_span(&self, scenario: impl Fn(&Scene)) {
        self.at_ages(&AGES[1..], scenario);
    }

    fn at_ages(&self, ages: &[Age], scenario: impl Fn(&Scene)) {
        let variants = ORDERS
            .into_iter()
            .flat_map(|order| ages.iter().map(move |age| (order, *age)));
        each(variants, |(order, age)| {
            named(&format!("{order:?}, layers {age:?}"), || {
                let scene = self.scene(order);
                match age {
                    Age::Fresh => {}
                    Age::Used => scene.warm_up(),
                    Age::AtHome => {
                        (0..3).for_each(|_| scene.warm_up());
                        scenario(&scene);
                        scene.forget();
                    }
                }
                scenario(&scene);
            });
        });
    }

    pub(crate) fn scene(&self, order: Order) -> Scene {
        let exported = match self.sampler.clone() {
            Some(sampler) => Exported::with_sampler(sampler),
            None => Exported::new(),
        };
        let mut scene = Scene {
            exported,
            lines: Vec::new(),
            stats: Vec::new(),
            dispatch: Dispatch::none(),
        };
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
            .with_span_events(self.life.clone());
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
        let layer = tracing_opentelemetry::layer().with_context_activation(self.activation);
        if !self.tracer {
            return layer.boxed();
        }
        let layer = layer.with_tracer(scene.exported.tracer());
        match self.otel_sees {
            Some(keep) => layer.with_filter(filter_fn(keep)).boxed(),
            None => layer.boxed(),
        }
    }
}

/// A subscriber, the lines of its stamping layers, and what was exported.
pub(crate) struct Scene {
    pub(crate) exported: Exported,
    pub(crate) lines: Vec<Lines>,
    pub(crate) stats: Vec<Stats>,
    pub(crate) dispatch: Dispatch,
}

impl Scene {
    pub(crate) fn run<T>(&self, f: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, f)
    }

    /// A span's whole life, with a line in it, so that the layers have learnt what there is to learn.
    pub(crate) fn warm_up(&self) {
        self.run(|| {
            tracing::error_span!("warm-up").in_scope(|| tracing::error!("warm-up"));
        });
    }

    /// Forgets what was written and exported.
    fn forget(&self) {
        self.lines.iter().for_each(Lines::clear);
        self.exported.exporter.reset();
    }

    /// The only line with this message, on which all layers must agree but for its times.
    pub(crate) fn line(&self, message: &str) -> Line {
        self.the_line(message, None)
    }

    /// The only line of this kind in the life of the only span of this name.
    pub(crate) fn life(&self, kind: &str, span: &str) -> Line {
        self.the_line(kind, Some(span))
    }

    fn the_line(&self, message: &str, span: Option<&str>) -> Line {
        let mut agreed: Option<Line> = None;
        for lines in &self.lines {
            let mut found = lines.all();
            found.retain(|line| {
                line.get("message") == message
                    && span.is_none_or(|span| line.get("span_name") == span)
            });
            assert_eq!(
                found.len(),
                1,
                "lines {message:?} of {span:?} in {}",
                lines.text()
            );
            let line = found.remove(0);
            if let Some(agreed) = &agreed {
                let identity = |line: &Line| {
                    ["trace_id", "span_id", "trace_flags"].map(|key| line.get(key).clone())
                };
                assert_eq!(
                    identity(agreed),
                    identity(&line),
                    "the layers before and after OpenTelemetry's differ on {message:?}"
                );
            }
            agreed = Some(line);
        }
        agreed.expect("a scene has a stamping layer")
    }

    /// The ids on the only line with this message.
    pub(crate) fn ids(&self, message: &str) -> Option<Ids> {
        ids_of(&self.line(message))
    }

    /// The ids on the only line of this kind in a span's life.
    pub(crate) fn life_ids(&self, kind: &str, span: &str) -> Option<Ids> {
        ids_of(&self.life(kind, span))
    }

    /// The ids under which the only span of this name was exported.
    pub(crate) fn exported_ids(&self, span: &str) -> Option<Ids> {
        self.exported.ids(span)
    }
}

/// The ids of a line; one that has only a part of the three keys fails.
pub(crate) fn ids_of(line: &Line) -> Option<Ids> {
    let has = ["trace_id", "span_id", "trace_flags"].map(|key| line.has(key));
    assert!(
        has == [true; 3] || has == [false; 3],
        "only some of the ids on {line:?}"
    );
    line.ids()
}

/// Says in which variant a scenario failed.
pub(crate) fn named(name: &str, scenario: impl FnOnce()) {
    if let Some(why) = failure(scenario) {
        panic!("[{name}] {why}");
    }
}

/// Plays a scenario in each variant, also after one has failed, and then says which did.
pub(crate) fn each<T>(variants: impl IntoIterator<Item = T>, scenario: impl Fn(T)) {
    let failures: Vec<_> = variants
        .into_iter()
        .filter_map(|variant| failure(|| scenario(variant)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn failure(scenario: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(scenario)).err()?;
    let why = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Some(why.to_owned())
}

/// Longer than any machine takes for what is waited for; reached only by a deadlock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a scenario on a thread of its own and fails, instead of hanging, where it never ends.
pub(crate) fn without_hanging(name: &str, scenario: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn(move || {
        scenario();
        // The receiver is gone only where the test has failed already.
        let _ = done.send(());
    });
    match is_done.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("[{name}] still not done: a deadlock"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// A context as it comes from another process.
pub(crate) fn remote(trace_id: u128, span_id: u64, flags: TraceFlags) -> Context {
    Context::new().with_remote_span_context(span_context(trace_id, span_id, flags, true))
}

/// A context of this process that no exporter hears of: a caller of the OpenTelemetry API has made it current.
pub(crate) fn local(trace_id: u128, span_id: u64) -> Context {
    Context::new().with_remote_span_context(span_context(
        trace_id,
        span_id,
        TraceFlags::SAMPLED,
        false,
    ))
}

fn span_context(trace_id: u128, span_id: u64, flags: TraceFlags, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(span_id),
        flags,
        is_remote,
        TraceState::NONE,
    )
}

/// The ids of a context's span, as a line has them.
pub(crate) fn ids_in(context: &Context) -> Option<Ids> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid()
        .then(|| (span.trace_id().to_string(), span.span_id().to_string()))
}
