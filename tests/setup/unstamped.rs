//! The line at the end that says where lines were logged outside of any trace.

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
        // Nothing of WARN: it was asked for.
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
fn it_is_there_also_where_the_guard_is_dropped_and_once() {
    let written = super::support::Lines::default();
    let (dispatch, guard) = setup()
        .with_writer(written.clone())
        .with_unstamped_report(true)
        .build()
        .expect("it is right");
    tracing::dispatcher::with_default(&dispatch, once);
    assert_eq!(guard.stats().unstamped_call_sites()[0].line(), Some(ONCE));
    drop(guard);
    written.with_message(MESSAGE);
    assert_eq!(written.all().len(), 2);
}

#[test]
fn there_is_none_where_it_was_not_asked_for() {
    let lines = lines(setup(), jobs);
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn there_is_none_where_each_line_has_ids() {
    let lines = lines(setup().with_unstamped_report(true), || {
        info_span!("span").in_scope(jobs);
    });
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn it_has_the_names_of_the_schema() {
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
fn on_a_terminal_it_is_text() {
    let setup = setup()
        .with_format(Format::Pretty)
        .with_unstamped_report(true);
    let text = lines(setup, once).text();
    let last = text.lines().last().expect("a line");
    let said = format!(
        " WARN lines outside of any trace target=tracing_stamp::setup lines=1 call_sites=1 worst=\"shop::once ({}:{ONCE}): 1 line\"",
        file!()
    );
    assert!(last.ends_with(&said), "{last}");
}

#[test]
fn what_came_from_further_call_sites_is_told_too() {
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
    let worst = last.get("worst").as_str().expect("text");
    assert!(worst.starts_with("site_0000 ("), "{worst}");
}
