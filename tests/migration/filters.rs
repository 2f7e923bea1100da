//! Levels, filters and wrappers of a layer.

use super::{lines::messages, support::Lines};
use tracing::{Subscriber, debug, info, subscriber::with_default, warn};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, filter_fn},
    fmt,
    prelude::*,
    registry::LookupSpan,
    reload,
};

#[test]
pub(crate) fn a_level_or_a_filter_is_added_before_the_layer() {
    fn log() {
        info!(target: "shop", "info of the shop");
        debug!(target: "shop", "debug of the shop");
        debug!("debug");
        warn!("warning");
    }
    let filter = || EnvFilter::new("warn,shop=debug");
    let (before, before_filtered) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(LevelFilter::INFO)
        .with_writer(before.clone())
        .finish();
    with_default(subscriber, log);
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter())
        .with_writer(before_filtered.clone())
        .finish();
    with_default(subscriber, log);

    let (after, after_filtered) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(tracing_stamp::layer().with_writer(after.clone()));
    with_default(subscriber, log);
    let subscriber = tracing_subscriber::registry()
        .with(filter())
        .with(tracing_stamp::layer().with_writer(after_filtered.clone()));
    with_default(subscriber, log);
    assert_eq!(messages(&before.all()), messages(&after.all()));
    assert_eq!(messages(&after.all()), ["info of the shop", "warning"]);
    assert_eq!(
        messages(&before_filtered.all()),
        messages(&after_filtered.all())
    );
    assert_eq!(
        messages(&after_filtered.all()),
        ["info of the shop", "debug of the shop", "warning"]
    );
}

#[test]
pub(crate) fn filters_and_wrappers_are_the_same() {
    /// The messages that a layer writes under each filter and in each wrapper.
    fn written<L>(layer: impl Fn(Lines) -> L) -> Vec<Vec<String>>
    where
        L: Layer<Registry> + Send + Sync + 'static,
    {
        fn run(
            lines: Lines,
            subscriber: impl Subscriber + Send + Sync + for<'span> LookupSpan<'span> + 'static,
            run: impl FnOnce(),
        ) -> Vec<String> {
            with_default(subscriber, run);
            messages(&lines.all())
        }
        fn log() {
            info!(target: "shop", "info of the shop");
            debug!(target: "shop", "debug of the shop");
            warn!("warning");
        }
        let registry = tracing_subscriber::registry;
        let new = Lines::default;
        let mut all = Vec::new();
        let lines = new();
        let filtered = layer(lines.clone()).with_filter(EnvFilter::new("off,shop=debug"));
        all.push(run(lines, registry().with(filtered), log));
        let lines = new();
        let filtered = layer(lines.clone()).with_filter(filter_fn(|of| of.target() != "shop"));
        all.push(run(lines, registry().with(filtered), log));
        let lines = new();
        let (filter, handle) = reload::Layer::new(LevelFilter::WARN);
        let filtered = layer(lines.clone()).with_filter(filter);
        all.push(run(lines, registry().with(filtered), || {
            log();
            handle.reload(LevelFilter::DEBUG).unwrap();
            log();
        }));
        let lines = new();
        all.push(run(lines.clone(), registry().with(Some(layer(lines))), log));
        let lines = new();
        let boxed: Box<dyn Layer<Registry> + Send + Sync> = layer(lines.clone()).boxed();
        all.push(run(lines, registry().with(boxed), log));
        all
    }
    let before = written(|lines| fmt::layer().json().flatten_event(true).with_writer(lines));
    let after = written(|lines| tracing_stamp::layer().with_writer(lines));
    assert_eq!(before, after);
    let lengths: Vec<_> = after.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1, 4, 3, 3]);
}
