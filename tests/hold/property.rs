//! Threads that log in many traces at once.

use crate::scene::{Scene, remote};
use std::{collections::BTreeMap, sync::Barrier, thread};
use tracing::{Span, debug, error, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::Hold;

const TRACES: usize = 50;
const THREADS: usize = 8;

/// What one thread does in the trace with this number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Hold(usize),
    Fail(usize),
}

fn step() -> impl proptest::strategy::Strategy<Value = Step> {
    use proptest::prelude::*;
    prop_oneof![
        20 => (0..TRACES).prop_map(Step::Hold),
        1 => (0..TRACES).prop_map(Step::Fail),
    ]
}

/// Runs the steps of all threads. All requests are open meanwhile.
fn run(scene: &Scene, steps: &[Vec<Step>]) {
    let begin = Barrier::new(steps.len());
    scene.run(|| {
        let requests: Vec<Span> = (0..TRACES)
            .map(|number| {
                let request = info_span!("request");
                request
                    .set_parent(remote(number as u128 + 1))
                    .expect("not started");
                request
            })
            .collect();
        thread::scope(|scope| {
            for (thread, steps) in steps.iter().enumerate() {
                let (begin, requests) = (&begin, &requests);
                let dispatch = scene.dispatch.clone();
                scope.spawn(move || {
                    tracing::dispatcher::with_default(&dispatch, || {
                        begin.wait();
                        for (number, step) in steps.iter().enumerate() {
                            match *step {
                                Step::Hold(trace) => {
                                    requests[trace].in_scope(|| debug!(thread, number, "held"));
                                }
                                Step::Fail(trace) => {
                                    requests[trace].in_scope(|| error!(thread, number, "failed"));
                                }
                            }
                        }
                    });
                });
            }
        });
    });
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 60, ..Default::default() })]

    #[test]
    fn each_trace_has_all_of_its_held_lines_in_order_or_none(
        steps in proptest::collection::vec(proptest::collection::vec(step(), 0..60), THREADS),
    ) {
        let scene = Scene::new(Hold::new());
        run(&scene, &steps);
        // By trace: the steps of each thread in the order in which they were written.
        let mut written: BTreeMap<usize, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
        for line in scene.lines.text().lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let id = line["trace_id"].as_str().expect("an id");
            let trace = usize::from_str_radix(id, 16).expect("a number") - 1;
            let number = |key: &str| line[key].as_u64().expect("a number") as usize;
            written.entry(trace).or_default().entry(number("thread")).or_default().push(number("number"));
        }
        for trace in 0..TRACES {
            let has_failed = steps.iter().flatten().any(|step| *step == Step::Fail(trace));
            let expected: BTreeMap<usize, Vec<usize>> = steps
                .iter()
                .enumerate()
                .map(|(thread, steps)| {
                    let of_trace = |step: &Step| matches!(step, Step::Hold(of) | Step::Fail(of) if *of == trace);
                    let numbers = steps.iter().enumerate().filter(|(_, step)| of_trace(step));
                    (thread, numbers.map(|(number, _)| number).collect::<Vec<_>>())
                })
                .filter(|(_, numbers)| !numbers.is_empty())
                .collect();
            let found = written.remove(&trace).unwrap_or_default();
            match has_failed {
                true => proptest::prop_assert_eq!(found, expected),
                false => proptest::prop_assert!(found.is_empty()),
            }
        }
        let stats = &scene.stats;
        proptest::prop_assert_eq!(stats.released() + stats.held_dropped(), stats.held());
    }
}
