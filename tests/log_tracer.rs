//! Records of `log` that arrive through the `LogTracer` of `tracing-log`, which `tracing_subscriber`'s own `init()` installs. A process
//! can do so only once, so this is one test in a separate process.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use support::Lines;
use tracing_subscriber::{EnvFilter, prelude::*};

#[test]
fn a_record_that_arrives_through_log_tracer_has_its_own_target_file_and_line() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_file(true)
        .with_line_number(true)
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let stats = layer.stats();
    tracing_subscriber::registry()
        .with(layer.with_filter(EnvFilter::new("warn,hyper=info")))
        .init();

    for _ in 0..2 {
        log::info!(target: "hyper::proto", "from a dependency");
    }
    log::info!(target: "other", "filtered by the record's own target");
    let line = line!() + 1;
    log::warn!("from here");
    // An ordinary event with such fields is not changed.
    tracing::warn!(target: "log", { log.target = "mine", log.line = 7 }, "by hand");

    let all = lines.all();
    assert_eq!(all.len(), 4, "{}", lines.text());
    for record in &all[..2] {
        assert_eq!(record.get("target"), "hyper::proto");
        assert_eq!(record.get("file"), file!());
        assert_eq!(
            record.keys(),
            ["timestamp", "level", "message", "target", "file", "line"]
        );
    }
    let here = lines.with_message("from here");
    assert_eq!(here.get("target"), module_path!());
    assert_eq!(here.get("line"), line);
    let by_hand = lines.with_message("by hand");
    assert_eq!(by_hand.get("log.target"), "mine");
    assert_eq!(by_hand.get("log.line"), 7);
    // The places of these records are counted like all others.
    let places = stats.unstamped_call_sites();
    assert_eq!((places[0].target(), places[0].count()), ("hyper::proto", 2));

    // Beyond the maximum number of call sites, the lines stay the same.
    for number in 0..17_000 {
        log::warn!(target: &format!("made::{number}"), "at run time");
    }
    let last = lines.all().pop().expect("a line");
    assert_eq!(last.get("target"), "made::16999");
    assert!(!last.has("log.target"), "{last:?}");
}
