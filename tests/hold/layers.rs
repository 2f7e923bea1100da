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

/// A request in a layer that comes before OpenTelemetry's, so that it does not know the trace when a span is entered.
fn run_first(lines: &Lines, hold: Hold, run: impl FnOnce()) -> tracing_stamp::Stats {
    let layer = stamp(lines, hold);
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry().with(layer).with(otel());
    tracing::subscriber::with_default(subscriber, run);
    stats
}

#[test]
fn in_a_layer_that_comes_first_a_released_trace_ends_with_its_root() {
    let lines = Lines::default();
    let request = |run: fn()| {
        let request = info_span!("request");
        tracing_opentelemetry::OpenTelemetrySpanExt::set_parent(&request, crate::scene::remote(9))
            .expect("not started");
        request.in_scope(run);
    };
    run_first(&lines, Hold::new(), || {
        request(|| error!("a"));
        request(|| debug!("b"));
        request(|| ());
        request(|| debug!("c"));
    });
    assert_eq!(written(&lines), ["a"]);
}

#[test]
fn a_trace_whose_id_ends_with_zeros_ends_with_its_root() {
    let lines = Lines::default();
    let request = |status: i64| {
        let request = info_span!("request", http.response.status_code = status);
        let remote = crate::scene::remote(7 << 64);
        tracing_opentelemetry::OpenTelemetrySpanExt::set_parent(&request, remote)
            .expect("not started");
        request.in_scope(|| debug!("a"));
    };
    let stats = run_first(&lines, Hold::new(), || {
        request(200);
        request(500);
    });
    assert_eq!(written(&lines), ["a*"]);
    assert_eq!((stats.held(), stats.held_dropped()), (2, 1));
}

#[test]
fn without_opentelemetrys_layer_the_outermost_span_is_the_local_root_of_an_attached_trace() {
    let lines = Lines::default();
    let layer = stamp(&lines, Hold::new());
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry().with(layer);
    let request = |status: i64| {
        let _attached = crate::scene::remote(5).attach();
        let request = info_span!("request", http.response.status_code = status);
        request.in_scope(|| info_span!("query").in_scope(|| debug!("a")));
    };
    tracing::subscriber::with_default(subscriber, || {
        request(200);
        request(503);
    });
    assert_eq!(written(&lines), ["a*"]);
    assert_eq!((stats.held(), stats.held_dropped()), (2, 1));
}

#[test]
fn an_error_that_a_burst_leaves_out_releases_its_trace() {
    let lines = Lines::default();
    let burst = tracing_stamp::Burst::per_call_site(1, Duration::from_secs(3_600));
    let layer = stamp(&lines, Hold::new().with_release_level(LevelFilter::WARN)).with_burst(burst);
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..3 {
            info_span!("request").in_scope(|| {
                debug!("a");
                warn!("b");
            });
        }
        let request = info_span!("request");
        request.in_scope(|| debug!("c"));
        let fail = |request: &tracing::Span| warn!(parent: request, "d");
        (0..2).for_each(|_| fail(&request));
        let request = info_span!("request");
        request.in_scope(|| debug!("e"));
        fail(&request);
    });
    let expected = ["a*", "b", "a*", "a*", "c*", "d", "e*"];
    assert_eq!(written(&lines)[..expected.len()], expected);
}

#[test]
fn the_lines_that_a_panicking_writer_did_not_get_are_counted_and_reported() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    #[derive(Clone)]
    struct Fragile(Lines, std::sync::Arc<AtomicBool>);

    impl std::io::Write for Fragile {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            assert!(!self.1.swap(false, SeqCst), "the first line");
            std::io::Write::write(&mut self.0, bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let fragile = Fragile(lines.clone(), std::sync::Arc::new(AtomicBool::new(true)));
    let layer = tracing_stamp::layer()
        .with_writer(move || fragile.clone())
        .with_hold(Hold::new());
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("request").in_scope(|| {
            (0..5).for_each(|_| debug!("a"));
            let error = || error!("b");
            assert!(std::panic::catch_unwind(error).is_err());
            debug!("c");
            error!("d");
        });
    });
    assert_eq!(written(&lines), ["held lines dropped", "c*", "d"]);
    assert_eq!(
        (stats.held(), stats.released(), stats.held_dropped()),
        (6, 2, 4)
    );
}
