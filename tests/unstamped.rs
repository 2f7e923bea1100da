//! Call sites that log outside of any trace. Each test is named after the sentence that it proves.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use std::thread;
use support::{
    Exported, Lines,
    dynamic::{Given, Parent, Site},
};
use tracing::{
    Dispatch, Level, dispatcher::with_default, info, info_span, level_filters::LevelFilter, warn,
};
use tracing_core::Kind;
use tracing_stamp::{StampLayer, Stats, UnstampedCallSite};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

/// Returns a subscriber with a layer of these options beside OpenTelemetry's, and the layer's counters.
fn stack(options: impl FnOnce(StampLayer) -> StampLayer) -> (Dispatch, Stats) {
    let layer = options(tracing_stamp::layer());
    // Taken first, since later settings of the layer must not affect it.
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(
            Exported::new().tracer(),
            |layer| layer,
        ))
        .with(layer.with_diagnostics(|_| ()).with_writer(Lines::default()));
    (subscriber.into(), stats)
}

/// Returns the counters after `run` has logged.
fn stats(run: impl FnOnce()) -> Stats {
    let (dispatch, stats) = stack(|layer| layer);
    with_default(&dispatch, run);
    stats
}

/// Returns the target, source line and count of each call site.
fn call_sites(stats: &Stats) -> Vec<(String, Option<u32>, u64)> {
    let sites = stats.unstamped_call_sites();
    let parts = |site: &UnstampedCallSite| (site.target().to_owned(), site.line(), site.count());
    sites.iter().map(parts).collect()
}

/// Returns the number of lines counted by call site.
fn sum(stats: &Stats) -> u64 {
    let sites = stats.unstamped_call_sites();
    sites.iter().map(UnstampedCallSite::count).sum::<u64>() + stats.unstamped_elsewhere()
}

/// Creates a new call site with this target.
fn site(target: &str) -> Site {
    Site::new(Kind::EVENT, "event", target, Level::INFO, &["message"])
}

fn log(site: Site) {
    site.log(Parent::Current, &[Given::Str("hello".into())]);
}

#[test]
fn lines_outside_any_trace_are_listed_by_call_site_most_lines_first() {
    let first = line!() + 2;
    let stats = stats(|| {
        info!(target: "shop::once", "hello");
        (0..3).for_each(|_| warn!(target: "shop::jobs", order = 1017, "hello"));
        info!(target: "shop::also_once", "hello");
        info!(target: "shop::once", "hello");
    });
    let expected = [
        ("shop::jobs", first + 1, 3),
        ("shop::also_once", first + 2, 1),
        ("shop::once", first, 1),
        ("shop::once", first + 3, 1),
    ];
    let expected = expected.map(|(target, line, count)| (target.to_owned(), Some(line), count));
    assert_eq!(call_sites(&stats), expected);
    for site in stats.unstamped_call_sites() {
        assert_eq!(site.file(), Some(file!()));
    }
    let expected = format!("shop::jobs ({}:{}): 3 lines", file!(), first + 1);
    assert_eq!(stats.unstamped_call_sites()[0].to_string(), expected);
    assert_eq!(stats.unstamped_elsewhere(), 0);
}

#[test]
fn lines_within_a_trace_are_not_counted_by_call_site() {
    let here = || info!(target: "both", "hello");
    let stats = stats(|| {
        let span = info_span!("span");
        span.in_scope(|| {
            info!(target: "within", "hello");
            (0..5).for_each(|_| here());
        });
        here();
        info!(target: "within", parent: &span, "hello");
        here();
        info_span!("another").in_scope(here);
    });
    let named: Vec<_> = call_sites(&stats)
        .into_iter()
        .map(|(target, _, count)| (target, count))
        .collect();
    assert_eq!(named, [("both".to_owned(), 2)]);
    assert_eq!((stats.stamped(), stats.unstamped()), (8, 2));
}

#[test]
fn a_line_with_parent_none_is_outside_any_trace_even_within_a_span() {
    let stats = stats(|| {
        info_span!("span").in_scope(|| info!(target: "root", parent: None, "hello"));
    });
    assert_eq!(call_sites(&stats).len(), 1);
    assert_eq!(stats.unstamped_call_sites()[0].target(), "root");
}

#[test]
fn lines_of_a_spans_life_are_counted_where_the_span_is_created() {
    let layer = tracing_stamp::layer().with_diagnostics(|_| ());
    let stats = layer.stats();
    let layer = layer
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_writer(Lines::default());
    let place = line!() + 2;
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info_span!(target: "shop::span", "span").in_scope(|| ());
    });
    assert_eq!(
        call_sites(&stats),
        [("shop::span".to_owned(), Some(place), 2)]
    );
    assert_eq!(stats.unstamped(), 2);
}

#[test]
fn lines_from_one_place_are_counted_together() {
    macro_rules! log_twice {
        () => {
            info!(target: "twice", "hello");
            warn!(target: "twice", "hello");
        };
    }
    let stats = stats(|| {
        log_twice!();
    });
    assert_eq!(call_sites(&stats).len(), 1);
    assert_eq!(stats.unstamped_call_sites()[0].count(), 2);
}

#[test]
fn lines_from_more_call_sites_than_are_kept_are_counted_together() {
    const KEPT: usize = 1_024;
    let name = |index: usize| format!("site_{index:04}");
    let sites: Vec<_> = (0..KEPT + 10).map(|index| site(&name(index))).collect();
    let stats = stats(|| {
        (0..3).for_each(|_| sites.iter().copied().for_each(log));
        log(sites[17]);
        // Another call site at a place that is kept.
        log(site(&name(18)));
    });
    let named = call_sites(&stats);
    assert_eq!(named.len(), KEPT);
    assert_eq!(
        named[..3],
        [
            (name(17), Some(7), 4),
            (name(18), Some(7), 4),
            (name(0), Some(7), 3)
        ]
    );
    assert_eq!(named[KEPT - 1], (name(KEPT - 1), Some(7), 3));
    assert_eq!(stats.unstamped_elsewhere(), 30);
    assert_eq!(sum(&stats), stats.unstamped());
}

#[test]
fn the_counts_by_call_site_add_up_to_the_unstamped_lines() {
    const ROUNDS: u64 = 50;
    let (dispatch, stats) = stack(|layer| layer);
    // The threads race for the first line of each call site, and for the last call site that is kept.
    let sites: Vec<_> = (0..1_100)
        .map(|index| site(&format!("site_{index}")))
        .collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                with_default(&dispatch, || {
                    for _ in 0..ROUNDS {
                        sites.iter().copied().for_each(log);
                        info_span!("span").in_scope(|| log(sites[0]));
                    }
                });
            });
        }
    });
    assert_eq!(stats.unstamped(), 4 * ROUNDS * 1_100);
    assert_eq!(stats.stamped(), 4 * ROUNDS);
    assert_eq!(sum(&stats), stats.unstamped());
    assert!(
        stats
            .unstamped_call_sites()
            .iter()
            .all(|site| site.count() == 4 * ROUNDS)
    );
}

#[test]
fn clones_of_the_counters_agree_and_another_layer_has_its_own() {
    let other = tracing_stamp::layer().stats();
    let stats = stats(|| info!("hello"));
    let clone = stats.clone();
    assert_eq!(clone.unstamped_call_sites(), stats.unstamped_call_sites());
    assert_eq!(clone.unstamped_call_sites().len(), 1);
    assert!(other.unstamped_call_sites().is_empty());
}

#[test]
fn opentelemetrys_own_lines_are_counted_but_not_by_call_site() {
    let stats = stats(|| {
        info!(target: "opentelemetry_sdk", "hello");
        info_span!("span").in_scope(|| info!(target: "opentelemetry-otlp", "hello"));
        info!("hello");
    });
    assert_eq!(stats.unstamped(), 3);
    assert_eq!(call_sites(&stats).len(), 1);
    assert_eq!(sum(&stats), 1);
}

#[test]
fn a_line_that_is_left_out_is_not_counted_by_call_site() {
    let (dispatch, stats) = stack(|layer| layer.with_unsampled_max_level(LevelFilter::WARN));
    with_default(&dispatch, || {
        info!("hello");
        warn!("hello");
    });
    assert_eq!(call_sites(&stats).len(), 1);
    assert_eq!(sum(&stats), stats.unstamped());
}
