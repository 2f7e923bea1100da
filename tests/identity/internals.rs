//! OpenTelemetry, its processors, samplers and exporters log from inside its borrows and locks.

use super::{
    alone::{alone, each_alone},
    reentrant::{USED, VARIANTS, globally, globally_in, order_and_age},
    scene::{Order, Scene, Setup},
    support::Lines,
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt as _, TraceId, TracerProvider as _},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{
        BatchSpanProcessor, InMemorySpanExporter, InMemorySpanExporterBuilder, Sampler,
        SamplingResult, SdkTracerProvider, ShouldSample, Span, SpanData, SpanExporter,
        SpanProcessor,
    },
};
use std::{cell::Cell, time::Duration};
use tracing::{Dispatch, Metadata, info, info_span};
use tracing_subscriber::{Layer, Registry, filter::filter_fn, fmt::format::FmtSpan, prelude::*};

/// OpenTelemetry's layer, as its documentation advises, does not see OpenTelemetry's own events.
fn not_its_own(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("opentelemetry")
}

/// A few more contexts than a thread can have.
const TOO_MANY: usize = 65_540;

fn overflow(scene: &Scene) {
    let outer = info_span!("outer");
    let entered = outer.enter();
    info!("in the outer");
    let attached = Context::current();
    let mut guards: Vec<_> = (0..TOO_MANY).map(|_| attached.clone().attach()).collect();
    info!("at the top");
    // OpenTelemetry's layer cannot make this one's context current, and logs that.
    info_span!("beyond").in_scope(|| info!("in one beyond"));
    info_span!("beyond the first").in_scope(|| {
        info_span!("beyond the second").in_scope(|| info!("in two beyond"));
    });
    while let Some(guard) = guards.pop() {
        drop(guard);
    }
    info!("in the outer again");
    drop(entered);
    drop(outer);
    info!("outside");
    info_span!("next").in_scope(|| info!("in the next"));

    let outer = scene.exported_ids("outer");
    for message in ["in the outer", "at the top", "in the outer again"] {
        assert_eq!(scene.ids(message), outer, "{message}");
    }
    let trace = outer.expect("exported").0;
    for message in ["in one beyond", "in two beyond"] {
        assert_eq!(
            scene.ids(message).ids.expect("in a trace").0,
            trace,
            "{message}"
        );
    }
    assert_eq!(scene.ids("outside"), None);
    assert_eq!(scene.ids("in the next"), scene.exported_ids("next"));
    assert_opentelemetry_was_heard(scene);
}

/// OpenTelemetry's own lines are written without ids, since they touch no context.
#[track_caller]
fn assert_opentelemetry_was_heard(scene: &Scene) {
    for lines in &scene.lines {
        let all = lines.all();
        let own: Vec<_> = all
            .iter()
            .filter(|line| {
                line.get("target")
                    .as_str()
                    .is_some_and(|target| target.starts_with("opentelemetry"))
            })
            .collect();
        assert!(!own.is_empty(), "nothing of OpenTelemetry's own");
        assert!(own.iter().all(|line| line.ids().is_none()), "{own:?}");
    }
}

#[test]
fn a_context_stack_that_overflows_neither_panics_nor_hangs() {
    globally(
        a_context_stack_that_overflows_neither_panics_nor_hangs,
        &Setup::new()
            .otel_sees(not_its_own)
            .span_events(FmtSpan::FULL),
        overflow,
    );
}

#[test]
fn a_context_stack_that_overflows_without_a_filter_on_opentelemetrys_layer_neither_panics_nor_hangs()
 {
    globally(
        a_context_stack_that_overflows_without_a_filter_on_opentelemetrys_layer_neither_panics_nor_hangs,
        &Setup::new(),
        overflow,
    );
}

#[test]
fn a_context_stack_that_overflows_outside_of_any_span_neither_panics_nor_hangs() {
    globally(
        a_context_stack_that_overflows_outside_of_any_span_neither_panics_nor_hangs,
        &Setup::new(),
        |scene| {
            let guards: Vec<_> = (0..TOO_MANY).map(|_| Context::new().attach()).collect();
            info!("at the top");
            // Not in reverse order: most are dropped below others.
            drop(guards);
            info_span!("next").in_scope(|| info!("in the next"));
            assert_eq!(scene.ids("at the top"), None);
            assert_eq!(scene.ids("in the next"), scene.exported_ids("next"));
            assert_opentelemetry_was_heard(scene);
        },
    );
}

#[test]
fn guards_dropped_out_of_order_neither_panic_nor_hang_nor_confuse_ids() {
    globally_in(
        &USED,
        guards_dropped_out_of_order_neither_panic_nor_hang_nor_confuse_ids,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            let outer = info_span!("outer");
            let inner = info_span!(parent: &outer, "inner");
            let entered_outer = outer.enter();
            let attached = super::scene::local(1, 2).attach();
            let entered_inner = inner.enter();
            info!("in the inner");
            drop(attached);
            info!("in the inner, its middle gone");
            drop(entered_outer);
            info!("in the inner alone");
            info!(parent: &outer, "of the outer");
            drop(entered_inner);
            info!("outside");
            drop(inner);
            drop(outer);
            let inner = scene.exported_ids("inner");
            assert_eq!(scene.ids("in the inner"), inner);
            assert_eq!(scene.ids("in the inner, its middle gone"), inner);
            assert_eq!(scene.ids("in the inner alone"), inner);
            assert_eq!(scene.ids("of the outer"), scene.exported_ids("outer"));
            assert_eq!(scene.ids("outside"), None);
            assert_eq!(scene.lifecycle_ids("close", "inner"), inner);
            assert_eq!(
                scene.lifecycle_ids("close", "outer"),
                scene.exported_ids("outer")
            );
        },
    );
}

/// A processor, a sampler and an exporter that log, each under a target that does not look like OpenTelemetry's.
#[derive(Clone, Debug)]
struct Talkative {
    exporter: InMemorySpanExporter,
    opens_spans: bool,
}

thread_local! {
    static TALKING: Cell<bool> = const { Cell::new(false) };
}

impl Talkative {
    /// Logs, unless it is called because of its own log.
    fn say(&self, place: &'static str) {
        if TALKING.replace(true) {
            return;
        }
        info!(place, "talk");
        info!(parent: None, place, "talk of nothing");
        info!(parent: tracing::Span::current().id(), place, "talk of the current");
        if self.opens_spans {
            info_span!("talk").in_scope(|| info!(place, "talk in a span"));
        }
        TALKING.set(false);
    }

    fn without_spans(&self) -> Self {
        Self {
            opens_spans: false,
            ..self.clone()
        }
    }
}

impl SpanProcessor for Talkative {
    fn on_start(&self, _: &mut Span, _: &Context) {
        self.say("on_start");
    }

    fn on_end(&self, _: SpanData) {
        // The registry never frees a span that closes while another closes, and then never frees its parent.
        self.without_spans().say("on_end");
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.say("force_flush");
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.say("shutdown");
        Ok(())
    }
}

impl SpanExporter for Talkative {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        // The simple processor holds a lock here, and the end of another span would wait for it.
        self.without_spans().say("export");
        self.exporter.export(batch).await
    }
}

impl ShouldSample for Talkative {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        self.say("should_sample");
        Sampler::AlwaysOn.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

/// A scene with a provider that logs on every occasion, also on a batch processor's thread.
fn talkative(order: Order, opens_spans: bool, span_events: FmtSpan) -> Scene {
    let exporter = InMemorySpanExporterBuilder::new().build();
    let talkative = Talkative {
        exporter: exporter.clone(),
        opens_spans,
    };
    let batched = Talkative {
        exporter: InMemorySpanExporterBuilder::new().build(),
        ..talkative.clone()
    };
    let provider = SdkTracerProvider::builder()
        .with_sampler(talkative.clone())
        .with_span_processor(talkative.clone())
        .with_simple_exporter(talkative)
        .with_span_processor(BatchSpanProcessor::builder(batched).build())
        .build();
    let mut lines = Vec::new();
    let mut stats = Vec::new();
    let mut stamp = || {
        let written = Lines::default();
        let layer = tracing_stamp::layer()
            .with_writer(written.clone())
            .with_span_events(span_events.clone());
        lines.push(written);
        stats.push(layer.stats());
        layer
    };
    let tracer = provider.tracer("talkative");
    let registry = Registry::default();
    let otel_filter = || filter_fn(not_its_own);
    let dispatch = match order {
        Order::Before => Dispatch::new(
            registry.with(stamp()).with(
                tracing_opentelemetry::layer()
                    .with_tracer(tracer)
                    .with_filter(otel_filter()),
            ),
        ),
        Order::After => Dispatch::new(
            registry
                .with(
                    tracing_opentelemetry::layer()
                        .with_tracer(tracer)
                        .with_filter(otel_filter()),
                )
                .with(stamp()),
        ),
        Order::Both => Dispatch::new(
            registry
                .with(stamp())
                .with(
                    tracing_opentelemetry::layer()
                        .with_tracer(tracer)
                        .with_filter(otel_filter()),
                )
                .with(stamp()),
        ),
    };
    Scene::new(
        super::support::Exported { provider, exporter },
        lines,
        stats,
        dispatch,
    )
}

fn play_talkative(scene: &Scene, span_events: &FmtSpan) {
    for round in 0..2 {
        let outer = info_span!("outer", round);
        outer.in_scope(|| {
            info!("in the outer {round}");
            let asleep = info_span!("asleep");
            info_span!(parent: &asleep, "child").in_scope(|| info!("in the child {round}"));
        });
    }
    scene.exported.provider.force_flush().expect("flushed");
    let spans = scene.exported.spans();
    for round in 0..2 {
        for name in ["outer", "child"] {
            let ids = scene
                .ids(&format!("in the {name} {round}"))
                .ids
                .expect("in a trace");
            assert!(
                spans.iter().any(|span| span.name == name
                    && span.span_context.span_id().to_string() == ids.1
                    && span.span_context.trace_id().to_string() == ids.0),
                "{name}: {ids:?}"
            );
        }
    }
    for lines in &scene.lines {
        let all = lines.all();
        for place in [
            "on_start",
            "on_end",
            "should_sample",
            "export",
            "force_flush",
        ] {
            let heard = |message: &str| {
                all.iter()
                    .any(|line| line.get("message") == message && line.get("place") == place)
            };
            assert!(
                heard("talk") && heard("talk of nothing"),
                "{place}: {}",
                lines.text()
            );
        }
        if *span_events == FmtSpan::FULL {
            for line in &all {
                let is_outers = line.get("span_name") == "outer";
                let is_lifecycle = ["new", "enter", "exit", "close"]
                    .iter()
                    .any(|kind| line.get("message") == *kind);
                if is_outers && is_lifecycle {
                    let ids = line.ids().unwrap_or_default();
                    assert!(
                        spans.iter().any(|span| span.name == "outer"
                            && span.span_context.span_id().to_string() == ids.1),
                        "a lifecycle line without its ids: {line:?}"
                    );
                }
            }
        }
    }
    scene.exported.provider.shutdown().expect("shut down");
}

fn talk<T>(variants: &[&'static str], test: T, opens_spans: bool, span_events: FmtSpan) {
    each_alone(test, variants, |variant| {
        let (order, is_warm) = order_and_age(variant);
        let scene = talkative(order, opens_spans, span_events.clone());
        tracing::dispatcher::set_global_default(scene.dispatch.clone())
            .expect("the first of this process");
        if is_warm {
            info_span!("warm-up").in_scope(|| info!("warm-up"));
        }
        play_talkative(&scene, &span_events);
    });
}

#[test]
fn processors_samplers_and_exporters_may_log() {
    talk(
        &VARIANTS,
        processors_samplers_and_exporters_may_log,
        false,
        FmtSpan::NONE,
    );
}

#[test]
fn processors_samplers_and_exporters_may_log_while_lifecycle_lines_wait() {
    talk(
        &USED,
        processors_samplers_and_exporters_may_log_while_lifecycle_lines_wait,
        false,
        FmtSpan::FULL,
    );
}

#[test]
fn processors_and_samplers_may_open_spans() {
    talk(
        &VARIANTS,
        processors_and_samplers_may_open_spans,
        true,
        FmtSpan::NONE,
    );
}

#[test]
fn an_event_of_opentelemetrys_target_has_no_ids() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let span = info_span!("span");
            let _entered = span.enter();
            info!(target: "opentelemetry", "of the api");
            info!(target: "opentelemetry_sdk::trace", "of the sdk");
            info!(target: "opentelemetry-otlp", "of an exporter");
            info!(target: "opentelemetry", parent: &span, "of the api, with a parent");
            info!("of the application");
        });
        for message in [
            "of the api",
            "of the sdk",
            "of an exporter",
            "of the api, with a parent",
        ] {
            assert_eq!(scene.ids(message), None, "{message}");
        }
        assert_eq!(scene.ids("of the application"), scene.exported_ids("span"));
    });
}

/// A user's value that logs when its context is dropped.
struct LogsWhenDropped;

impl Drop for LogsWhenDropped {
    fn drop(&mut self) {
        info!("dropped with its context");
    }
}

#[test]
fn a_value_in_a_context_may_log_when_it_is_dropped() {
    let _ = alone(a_value_in_a_context_may_log_when_it_is_dropped, || {
        let scene = Setup::new().scene(Order::Both);
        tracing::dispatcher::set_global_default(scene.dispatch.clone())
            .expect("the first of this process");
        let outer = info_span!("outer").entered();
        let guard = Context::current().with_value(LogsWhenDropped).attach();
        assert!(Context::current().has_active_span());
        drop(guard);
        info!("after it");
        drop(outer);
        assert_eq!(
            scene.ids("dropped with its context"),
            scene.exported_ids("outer")
        );
        assert_eq!(scene.ids("after it"), scene.exported_ids("outer"));
    });
}
