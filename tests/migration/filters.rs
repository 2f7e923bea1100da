//! Levels, filters and what is put around a layer.

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
pub(crate) fn a_level_or_a_filter_stands_before_the_layer() {
    fn log() {
        info!(target: "shop", "info of the shop");
        debug!(target: "shop", "debug of the shop");
        debug!("debug");
        warn!("warning");
    }
    let filter = || EnvFilter::new("warn,shop=debug");
    let (old, old_filtered) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(LevelFilter::INFO)
        .with_writer(old.clone())
        .finish();
    with_default(subscriber, log);
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter())
        .with_writer(old_filtered.clone())
        .finish();
    with_default(subscriber, log);

    let (here, here_filtered) = (Lines::default(), Lines::default());
    let subscriber = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(tracing_stamp::layer().with_writer(here.clone()));
    with_default(subscriber, log);
    let subscriber = tracing_subscriber::registry()
        .with(filter())
        .with(tracing_stamp::layer().with_writer(here_filtered.clone()));
    with_default(subscriber, log);
    assert_eq!(messages(&old.all()), messages(&here.all()));
    assert_eq!(messages(&here.all()), ["info of the shop", "warning"]);
    assert_eq!(
        messages(&old_filtered.all()),
        messages(&here_filtered.all())
    );
    assert_eq!(
        messages(&here_filtered.all()),
        ["info of the shop", "debug of the shop", "warning"]
    );
}

#[test]
pub(crate) fn filters_and_wrappers_are_the_same() {
    /// The messages that a layer writes within each composition.
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
    let old = written(|lines| fmt::layer().json().flatten_event(true).with_writer(lines));
    let here = written(|lines| tracing_stamp::layer().with_writer(lines));
    assert_eq!(old, here);
    let lengths: Vec<_> = here.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1, 4, 3, 3]);
}
