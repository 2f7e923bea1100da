//! Records logged outside of any trace are counted by call site.

use super::support::Lines;
use slog::{Logger, o};
use tracing_stamp::{
    Stats,
    bridge::{log::Logger as LogLogger, slog::TracingDrain},
};
use tracing_subscriber::prelude::*;

/// Returns the counters after `run` has logged.
fn stats(run: impl FnOnce()) -> Stats {
    log::set_max_level(log::LevelFilter::Trace);
    let layer = tracing_stamp::layer()
        .with_diagnostics(|_| ())
        .with_writer(Lines::default());
    let stats = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    stats
}

/// Returns the call sites as text.
fn call_sites(stats: &Stats) -> Vec<String> {
    let sites = stats.unstamped_call_sites();
    sites.iter().map(ToString::to_string).collect()
}

#[test]
fn records_of_log_and_slog_are_counted_at_their_own_place() {
    let first = line!() + 3;
    let stats = stats(|| {
        let root = Logger::root(TracingDrain::new(), o!());
        log::info!(logger: LogLogger::new(), target: "shop::log", "hello");
        (0..2).for_each(|_| slog::info!(root, "hello"));
    });
    let expected = [
        format!("{} ({}:{}): 2 lines", module_path!(), file!(), first + 1),
        format!("shop::log ({}:{first}): 1 line", file!()),
    ];
    assert_eq!(call_sites(&stats), expected);
}

#[test]
fn records_of_one_place_with_different_keys_are_counted_together() {
    let keys = ["a", "b", "c"];
    let stats = stats(|| {
        for key in keys {
            let pairs = [(key, 1)];
            let record = log::Record::builder()
                .args(format_args!("hello"))
                .target("shop")
                .file(Some("src/shop.rs"))
                .line(Some(7))
                .key_values(&pairs)
                .build();
            log::Log::log(&LogLogger::new(), &record);
        }
    });
    assert_eq!(call_sites(&stats), ["shop (src/shop.rs:7): 3 lines"]);
}

#[test]
fn records_without_a_call_site_of_their_own_are_counted_together() {
    let names: Vec<String> = (0..64).map(|index| format!("key_{index}")).collect();
    let pairs: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let stats = stats(|| {
        for target in ["shop", "jobs", "opentelemetry_sdk"] {
            let record = log::Record::builder()
                .args(format_args!("hello"))
                .target(target)
                .key_values(&pairs)
                .build();
            log::Log::log(&LogLogger::new(), &record);
        }
    });
    assert_eq!(call_sites(&stats), ["log: 2 lines"]);
    assert_eq!(stats.unstamped(), 3);
}
