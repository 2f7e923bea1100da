//! Layers that hold lines, in the company of others.

use crate::{scene::written, support::Lines};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing::{Subscriber, debug, error, info, info_span, level_filters::LevelFilter, warn};
use tracing_stamp::{Hold, StampLayer, writer::Background};
use tracing_subscriber::{
    Layer, Registry, filter::filter_fn, prelude::*, registry::LookupSpan, reload,
};

fn otel<S>() -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
{
    let provider = SdkTracerProvider::default();
    tracing_stamp::otel_layer(provider.tracer("test"), |layer| layer)
        .with_filter(filter_fn(|metadata| metadata.is_span()))
}

fn stamp(lines: &Lines, hold: Hold) -> StampLayer<Lines> {
    tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_hold(hold)
}

fn requests() {
    info_span!("request").in_scope(|| {
        debug!("a");
        info!("b");
        warn!("c");
        error!("d");
    });
    info_span!("request").in_scope(|| {
        debug!("e");
        info!("f");
        warn!("g");
    });
}

#[test]
fn each_of_several_layers_holds_what_its_own_settings_say() {
    let [all, debug, info] = [(); 3].map(|()| Lines::default());
    let beyond = |level| Hold::new().with_written(level);
    let subscriber = tracing_subscriber::registry()
        .with(otel())
        .with(tracing_stamp::layer().with_writer(all.clone()))
        .with(stamp(&debug, beyond(LevelFilter::INFO)).with_filter(LevelFilter::DEBUG))
        .with(stamp(&info, beyond(LevelFilter::WARN)).with_filter(LevelFilter::INFO));
    tracing::subscriber::with_default(subscriber, requests);
    assert_eq!(written(&all), ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(written(&debug), ["b", "c", "a*", "d", "f", "g"]);
    assert_eq!(written(&info), ["c", "b*", "d", "g"]);
}

#[test]
fn a_layer_holds_lines_in_an_option_a_vec_a_box_and_a_reload() {
    let expected = ["b", "c", "a*", "d", "f", "g"];
    let lines = Lines::default();
    let run = |layer: Box<dyn Layer<Registry> + Send + Sync>| {
        lines.clear();
        // OpenTelemetry's layer comes second here.
        let subscriber = tracing_subscriber::registry().with(layer).with(otel());
        tracing::subscriber::with_default(subscriber, requests);
        assert_eq!(written(&lines), expected);
    };
    let layer = || stamp(&lines, Hold::new());
    run(Box::new(Some(layer())));
    run(Box::new(vec![layer()]));
    run(Box::new(layer().boxed()));
    run(Box::new(reload::Layer::new(layer()).0));
    run(Box::new(layer().with_filter(filter_fn(|_| true))));
}

#[test]
fn a_layer_that_replaces_another_one_holds_lines_of_its_own() {
    let (before, after) = (Lines::default(), Lines::default());
    let (layer, handle) = reload::Layer::new(stamp(&before, Hold::new()));
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("request").in_scope(|| {
            debug!("a");
            let new = stamp(&after, Hold::new());
            handle.reload(new).expect("the subscriber exists");
            debug!("b");
            error!("c");
        });
    });
    // Nothing releases what the first layer has held, since it sees no event any more.
    assert!(written(&before).is_empty());
    assert_eq!(written(&after), ["b*", "c"]);
}

#[test]
fn held_lines_go_through_a_background_writer_in_order() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone()).start().expect("a thread");
    let layer = tracing_stamp::layer()
        .with_writer(writer)
        .with_hold(Hold::new());
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || (0..50).for_each(|_| requests()));
    let report = guard.shutdown(Duration::from_secs(10));
    assert!(report.is_ok());
    assert_eq!(written(&lines), ["b", "c", "a*", "d", "f", "g"].repeat(50));
}

#[test]
fn a_writer_that_calls_release_does_not_disturb_the_release() {
    #[derive(Clone)]
    struct Releasing(Lines);

    impl std::io::Write for Releasing {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            tracing_stamp::hold::release();
            std::io::Write::write(&mut self.0, bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let releasing = Releasing(lines.clone());
    let layer = tracing_stamp::layer()
        .with_writer(move || releasing.clone())
        .with_hold(Hold::new());
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("request").in_scope(|| {
            debug!("a");
            debug!("b");
            error!("c");
            debug!("d");
        });
    });
    assert_eq!(written(&lines), ["a*", "b*", "c", "d"]);
}
