//! What is dropped, and what says so.

use crate::scene::{Scene, remote};
use std::{thread, time::Duration};
use tracing::{debug, error, info_span};
use tracing_stamp::Hold;

fn trace_lines(scene: &Scene) -> Vec<serde_json::Value> {
    let text = scene.lines.text();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn beyond_the_memory_of_a_trace_its_oldest_lines_are_dropped_and_a_line_says_how_many() {
    let scene = Scene::new(Hold::new().with_max_trace_bytes(4_096));
    let text = "x".repeat(300);
    let trace_id = scene.run(|| {
        info_span!("request").in_scope(|| {
            (0..100).for_each(|number| debug!(number, text));
            error!("refused");
            tracing_stamp::opentelemetry::trace::TraceContextExt::span(
                &opentelemetry::Context::current(),
            )
            .span_context()
            .trace_id()
        })
    });
    let lines = trace_lines(&scene);
    let (dropped, rest) = lines.split_first().expect("lines");
    assert_eq!(dropped["message"], "held lines dropped");
    assert_eq!(dropped["level"], "WARN");
    assert_eq!(dropped["trace_id"], trace_id.to_string());
    let (error, released) = rest.split_last().expect("lines");
    assert_eq!(error["message"], "refused");
    let numbers: Vec<_> = released
        .iter()
        .map(|line| line["number"].as_u64().expect("a number"))
        .collect();
    assert!((4..9).contains(&numbers.len()), "{}", numbers.len());
    assert_eq!(
        numbers,
        (100 - numbers.len() as u64..100).collect::<Vec<_>>()
    );
    assert_eq!(dropped["lines"], 100 - numbers.len());
    assert_eq!(scene.stats.held_dropped(), 100 - numbers.len() as u64);
    assert_eq!(scene.stats.held(), 100);
}

#[test]
fn a_line_longer_than_the_memory_of_a_trace_is_dropped() {
    let scene = Scene::new(Hold::new().with_max_trace_bytes(2_048));
    scene.run(|| {
        info_span!("request").in_scope(|| {
            debug!("a");
            debug!("{}", "x".repeat(3_000));
            debug!("b");
            error!("c");
        });
    });
    assert_eq!(scene.written(), ["held lines dropped", "a*", "b*", "c"]);
    assert_eq!(scene.stats.held_dropped(), 1);
}

#[test]
fn beyond_the_memory_of_all_traces_the_oldest_lines_are_dropped() {
    let scene = Scene::new(Hold::new().with_max_bytes(64 << 10));
    let text = "x".repeat(1_000);
    scene.run(|| {
        let requests: Vec<_> = (0..100).map(|_| info_span!("request")).collect();
        for (number, request) in requests.iter().enumerate() {
            request.in_scope(|| debug!(number, text));
        }
        requests[0].in_scope(|| error!("the first"));
        requests[99].in_scope(|| error!("the last"));
        let dropped = scene.stats.held_dropped();
        assert!((50..90).contains(&dropped), "{dropped}");
    });
    assert_eq!(
        scene.written(),
        ["held lines dropped", "the first", "*", "the last"]
    );
    assert_eq!(scene.stats.held(), 100);
}

#[test]
fn the_memory_for_held_lines_never_exceeds_its_limit() {
    const LIMIT: usize = 1 << 20;
    let scene = Scene::new(Hold::new().with_max_bytes(LIMIT));
    let text = "x".repeat(500);
    scene.run(|| {
        let requests: Vec<_> = (0..400).map(|_| info_span!("request")).collect();
        // What each span allocates for its first line, and the thread for its buffers.
        let log = |held: bool| {
            for round in 0..20 {
                for request in &requests {
                    match held {
                        true => request.in_scope(|| debug!(round, text)),
                        false => request.in_scope(|| tracing::info!(round, text)),
                    }
                }
            }
        };
        log(false);
        let measured = allocation_counter::measure(|| log(true));
        // Beside the limit: the tables of traces, and the list of traces from which the oldest are taken.
        let other = 400 * 300;
        assert!(
            measured.bytes_max < (LIMIT + other) as u64,
            "{}",
            measured.bytes_max
        );
        assert!(
            measured.bytes_max > (LIMIT / 2) as u64,
            "{}",
            measured.bytes_max
        );
        assert!(scene.stats.held_dropped() > 4_000);
    });
}

#[test]
fn lines_of_a_trace_without_a_span_are_dropped_when_they_are_too_old() {
    let scene = Scene::new(Hold::new().with_max_age(Duration::from_millis(30)));
    scene.run(|| {
        let _attached = remote(5).attach();
        debug!("a");
        thread::sleep(Duration::from_millis(60));
        debug!("b");
        error!("c");
    });
    assert_eq!(scene.written(), ["b*", "c"]);
    assert_eq!(scene.stats.held_dropped(), 1);
}

#[test]
fn lines_within_a_span_are_held_for_as_long_as_it_is_open() {
    let scene = Scene::new(Hold::new().with_max_age(Duration::from_millis(10)));
    scene.run(|| {
        info_span!("request").in_scope(|| {
            debug!("a");
            thread::sleep(Duration::from_millis(40));
            error!("b");
        });
    });
    assert_eq!(scene.written(), ["a*", "b"]);
}

#[test]
fn the_lines_that_are_held_when_the_subscriber_is_dropped_are_counted_as_dropped() {
    let scene = Scene::new(Hold::new());
    scene.run(|| {
        let _attached = remote(5).attach();
        debug!("a");
    });
    let stats = scene.stats.clone();
    assert_eq!((stats.held(), stats.held_dropped()), (1, 0));
    drop(scene);
    assert_eq!(stats.held_dropped(), 1);
}
