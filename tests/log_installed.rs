//! `log` with this crate's logger installed. A process can install a logger only once, so this is one test in a separate process.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use log::{debug, error, info, log_enabled, warn};
use std::time::{Duration, Instant};
use support::Lines;
use tracing_stamp::bridge;
use tracing_subscriber::{EnvFilter, prelude::*, reload};

/// Waits until `log`'s maximum level has this value, while records arrive.
fn wait_for(level: log::LevelFilter) {
    let begin = Instant::now();
    while log::max_level() != level {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the maximum level is still {}",
            log::max_level()
        );
        error!(target: "waiting", "a record that comes");
        std::thread::yield_now();
    }
}

#[test]
fn records_reach_the_subscriber_and_the_maximum_level_follows_it() {
    assert_eq!(log::max_level(), log::LevelFilter::Off);
    bridge::log::install().expect("no other logger is installed");
    let again = bridge::log::install().expect_err("a logger is installed already");
    assert!(again.to_string().contains("tracing_subscriber"), "{again}");
    error!("nobody listens yet");

    // The subscriber is installed afterwards, and `log` follows its maximum level.
    let lines = Lines::default();
    let (filter, handle) = reload::Layer::new(EnvFilter::new("warn,log_installed=info"));
    tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(filter)
            .with(tracing_stamp::layer().with_writer(lines.clone())),
    )
    .expect("no other subscriber is installed");
    warn!(order = 7; "just after");
    info!("also just after");
    assert_eq!(lines.with_message("just after").get("order"), 7);
    lines.with_message("also just after");
    wait_for(log::LevelFilter::Info);

    // `log_enabled!` decides by target and level.
    assert!(log_enabled!(log::Level::Info));
    assert!(!log_enabled!(log::Level::Debug));
    assert!(log_enabled!(target: "elsewhere", log::Level::Warn));
    assert!(!log_enabled!(target: "elsewhere", log::Level::Info));

    // After a reload that lets more through, the very next record is written.
    handle
        .reload(EnvFilter::new("debug"))
        .expect("the subscriber is there");
    debug!("just after the reload");
    lines.with_message("just after the reload");
    wait_for(log::LevelFilter::Debug);
    debug!("long after the reload");
    lines.with_message("long after the reload");

    // After a reload that lets less through, the maximum level sinks.
    handle
        .reload(EnvFilter::new("error"))
        .expect("the subscriber is there");
    warn!("unwanted");
    wait_for(log::LevelFilter::Error);
    assert!(!lines.text().contains("unwanted"));
}
