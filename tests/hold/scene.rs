use crate::support::Lines;
use opentelemetry::{
    Context,
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde_json::Value;
use tracing::{Dispatch, level_filters::LevelFilter};
use tracing_stamp::{Hold, Stats};
use tracing_subscriber::prelude::*;

/// A subscriber with OpenTelemetry's layer and a layer that holds lines.
pub(crate) struct Scene {
    pub(crate) lines: Lines,
    pub(crate) stats: Stats,
    pub(crate) dispatch: Dispatch,
}

impl Scene {
    pub(crate) fn new(hold: Hold) -> Self {
        Self::sampled(hold, true)
    }

    pub(crate) fn sampled(hold: Hold, is_sampled: bool) -> Self {
        let sampler = match is_sampled {
            true => Sampler::AlwaysOn,
            false => Sampler::AlwaysOff,
        };
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        let otel = tracing_stamp::otel_layer(provider.tracer("test"), |layer| layer).with_filter(
            tracing_subscriber::filter::filter_fn(|metadata| metadata.is_span()),
        );
        let lines = Lines::default();
        let stamp = tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_hold(hold);
        let stats = stamp.stats();
        let subscriber = tracing_subscriber::registry()
            .with(otel)
            .with(stamp.with_filter(LevelFilter::DEBUG));
        Self {
            lines,
            stats,
            dispatch: Dispatch::new(subscriber),
        }
    }

    pub(crate) fn run<T>(&self, run: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, run)
    }

    /// The messages of all lines in the order in which they were written. A line that was held has an asterisk.
    pub(crate) fn written(&self) -> Vec<String> {
        written(&self.lines)
    }
}

pub(crate) fn written(lines: &Lines) -> Vec<String> {
    let lines = lines.text();
    let message = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let mark = match line.get("held") {
            None => "",
            Some(Value::Bool(true)) => "*",
            Some(other) => panic!("`held` is {other}"),
        };
        format!("{}{mark}", line["message"].as_str().expect("a message"))
    };
    lines.lines().map(message).collect()
}

/// A context of another process, in the trace with this number.
pub(crate) fn remote(trace: u128) -> Context {
    let context = SpanContext::new(
        TraceId::from(trace),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    Context::new().with_remote_span_context(context)
}
