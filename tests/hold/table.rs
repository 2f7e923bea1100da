//! Where an error is, and which lines it releases.

use crate::scene::{Scene, remote};
use std::{panic, thread};
use tracing::{debug, error, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::{
    Hold,
    carry::{Carry as _, carry},
};

struct Case {
    name: &'static str,
    run: fn(),
    /// An asterisk marks a line that was held.
    written: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "no error",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                info!("b");
            });
        },
        written: &["b"],
    },
    Case {
        name: "in the root",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                info_span!("child").in_scope(|| debug!("b"));
                info!("c");
                error!("d");
                debug!("e");
            });
            info_span!("request").in_scope(|| debug!("f"));
        },
        written: &["c", "a*", "b*", "d", "e"],
    },
    Case {
        name: "in a child",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                info_span!("child").in_scope(|| {
                    debug!("b");
                    error!("c");
                });
                debug!("d");
            });
        },
        written: &["a*", "b*", "c", "d"],
    },
    Case {
        name: "in a spawned task",
        run: || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime");
            let task = info_span!("request").in_scope(|| {
                debug!("a");
                async {
                    debug!("b");
                    tokio::task::yield_now().await;
                    error!("c");
                }
                .carry()
            });
            runtime.block_on(async { tokio::spawn(task).await.expect("no panic") });
        },
        written: &["a*", "b*", "c"],
    },
    Case {
        name: "on another thread",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                thread::spawn(carry(|| error!("b")))
                    .join()
                    .expect("no panic");
                debug!("c");
            });
        },
        written: &["a*", "b", "c"],
    },
    Case {
        name: "in one of two requests of a trace at once",
        run: || {
            let requests = [0, 1].map(|_| info_span!("request"));
            for request in &requests {
                request.set_parent(remote(5)).expect("not started");
            }
            let [first, second] = requests;
            first.in_scope(|| debug!("a"));
            second.in_scope(|| debug!("b"));
            drop(first);
            second.in_scope(|| error!("c"));
            second.in_scope(|| debug!("d"));
        },
        written: &["a*", "b*", "c", "d"],
    },
    Case {
        name: "in a request that has held nothing, beside one of its trace that has ended",
        run: || {
            let requests = [0, 1].map(|_| info_span!("request"));
            for request in &requests {
                request.set_parent(remote(6)).expect("not started");
                request.in_scope(|| ());
            }
            let [first, second] = requests;
            first.in_scope(|| debug!("a"));
            drop(first);
            second.in_scope(|| error!("b"));
        },
        written: &["a*", "b"],
    },
    Case {
        name: "after the root has ended",
        run: || {
            let context = info_span!("request").in_scope(|| {
                debug!("a");
                opentelemetry::Context::current()
            });
            let _attached = context.attach();
            debug!("b");
            error!("c");
            debug!("d");
        },
        written: &["b*", "c", "d"],
    },
    Case {
        name: "inside a nested catch_unwind",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                let caught = panic::catch_unwind(|| {
                    let _child = info_span!("child").entered();
                    debug!("b");
                    error!("c");
                    panic::resume_unwind(Box::new(()));
                });
                assert!(caught.is_err());
                debug!("d");
            });
        },
        written: &["a*", "b*", "c", "d"],
    },
    Case {
        name: "a panic inside a nested catch_unwind, without an error",
        run: || {
            info_span!("request").in_scope(|| {
                debug!("a");
                let caught = panic::catch_unwind(|| {
                    let _child = info_span!("child").entered();
                    panic::resume_unwind(Box::new(()));
                });
                assert!(caught.is_err());
            });
        },
        written: &[],
    },
    Case {
        name: "with an explicit parent",
        run: || {
            let request = info_span!("request");
            request.in_scope(|| debug!("a"));
            debug!(parent: &request, "b");
            error!(parent: &request, "c");
            debug!(parent: &request, "d");
            debug!(parent: None, "outside");
        },
        written: &["a*", "b*", "c", "d"],
    },
    Case {
        name: "outside of any trace",
        run: || {
            debug!("a");
            info!("b");
            error!("c");
            debug!("d");
        },
        written: &["b", "c"],
    },
    Case {
        name: "in a trace within the span of another one",
        run: || {
            info_span!("worker").in_scope(|| {
                debug!("a");
                let request = info_span!("request");
                request.set_parent(remote(8)).expect("not started");
                request.in_scope(|| {
                    debug!("b");
                    error!("c");
                });
                drop(request);
                let request = info_span!("request");
                request.set_parent(remote(8)).expect("not started");
                request.in_scope(|| debug!("d"));
            });
        },
        written: &["b*", "c"],
    },
];

#[test]
fn an_error_releases_the_held_lines_of_its_trace_before_it_and_in_order() {
    for is_sampled in [true, false] {
        for case in CASES {
            let scene = Scene::sampled(Hold::new(), is_sampled);
            scene.run(case.run);
            assert_eq!(
                scene.written(),
                case.written,
                "{}, sampled: {is_sampled}",
                case.name
            );
            let stats = &scene.stats;
            let ended = stats.released() + stats.held_dropped();
            let held = match case.name {
                // Its context has no span, so the line is held until it is too old.
                "after the root has ended" => ended,
                _ => stats.held(),
            };
            assert_eq!(held, ended, "{}", case.name);
        }
    }
}
