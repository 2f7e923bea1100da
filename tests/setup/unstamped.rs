//! The last line, which reports how many lines had no ids and where most of them were logged.

use super::{code::lines, support::Line};
use tracing::{info, info_span};
use tracing_stamp::{
    Schema,
    setup::{Format, setup},
};

const MESSAGE: &str = "lines outside of any trace";

const ONCE: u32 = line!() + 3;

fn once() {
    info!(target: "shop::once", "hello");
}

const JOBS: u32 = line!() + 3;

fn jobs() {
    (0..3).for_each(|_| info!(target: "shop::jobs", "hello"));
}

#[test]
fn the_last_line_names_the_worst_call_site() {
    let setup = setup()
        .with_service_name("orders")
        // The filter excludes WARN, and does not apply to the report.
        .with_filter("error,shop=info")
        .with_unstamped_report(true);
    let lines = lines(setup, || {
        once();
        jobs();
        info_span!("span").in_scope(jobs);
    });
    let all = lines.all();
    assert_eq!(all.len(), 8);
    let last = lines.with_message(MESSAGE);
    assert_eq!(all.last(), Some(&last));
    let worst = format!("shop::jobs ({}:{JOBS}): 3 lines", file!());
    for (key, expected) in [
        ("level", "WARN".into()),
        ("target", "tracing_stamp::setup".into()),
        ("service.name", "orders".into()),
        ("lines", 4.into()),
        ("call_sites", 2.into()),
        ("worst", serde_json::Value::from(worst)),
    ] {
        assert_eq!(last.get(key), &expected, "{key}");
    }
    assert_eq!(last.ids(), None);
    assert!(!last.has("elsewhere"));
}

#[test]
fn the_report_is_written_once_also_when_the_guard_is_dropped() {
    let written = super::support::Lines::default();
    let (dispatch, guard) = setup()
        .with_writer(written.clone())
        .with_unstamped_report(true)
        .build()
        .expect("the set-up is valid");
    tracing::dispatcher::with_default(&dispatch, once);
    assert_eq!(guard.stats().unstamped_call_sites()[0].line(), Some(ONCE));
    drop(guard);
    written.with_message(MESSAGE);
    assert_eq!(written.all().len(), 2);
}

#[test]
fn there_is_no_report_by_default() {
    let lines = lines(setup(), jobs);
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn there_is_no_report_if_every_line_has_ids() {
    let lines = lines(setup().with_unstamped_report(true), || {
        info_span!("span").in_scope(jobs);
    });
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn the_report_has_the_keys_of_the_schema() {
    let setup = setup()
        .with_schema(Schema::ecs())
        .with_unstamped_report(true);
    let lines = lines(setup, once);
    let last: Line = lines.with_message(MESSAGE);
    assert_eq!(last.get("log.level"), "WARN");
    assert_eq!(last.get("log.logger"), "tracing_stamp::setup");
    assert!(last.has("@timestamp"));
}

#[test]
fn the_report_is_text_in_the_pretty_format() {
    let setup = setup()
        .with_format(Format::Pretty)
        .with_unstamped_report(true);
    let text = lines(setup, once).text();
    let last = text.lines().last().expect("a line");
    let expected = format!(
        " WARN lines outside of any trace target=tracing_stamp::setup lines=1 call_sites=1 worst=\"shop::once ({}:{ONCE}): 1 line\"",
        file!()
    );
    assert!(last.ends_with(&expected), "{last}");
}

#[test]
fn the_report_counts_lines_of_further_call_sites_together() {
    log::set_max_level(log::LevelFilter::Info);
    let setup = setup().with_unstamped_report(true);
    let lines = lines(setup, || {
        for index in 0..1_030 {
            let target = format!("site_{index:04}");
            log::info!(logger: tracing_stamp::bridge::log::Logger::new(), target: &target, "hello");
        }
    });
    let last = lines.with_message(MESSAGE);
    let numbers = ["lines", "call_sites", "elsewhere"].map(|key| last.get(key).clone());
    assert_eq!(numbers, [1_030, 1_024, 6]);
    let worst = last.get("worst").as_str().expect("a string");
    assert!(worst.starts_with("site_0000 ("), "{worst}");
}
