//! Spans that move between threads and tasks.

use super::{
    reentrant::globally,
    scene::{Setup, without_hanging},
};
use std::{
    collections::HashMap,
    future::Future as _,
    pin::pin,
    sync::Barrier,
    task::{Context, Poll, Waker},
    thread,
};
use tracing::{Instrument as _, Span, info, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

/// Yields once.
async fn give_way() {
    let mut gave_way = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut gave_way, true) {
            Poll::Ready(())
        } else {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn a_task_that_moves_between_threads_keeps_its_ids() {
    Setup::new()
        .span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .everywhere(|scene| {
            let task = async {
                info!("on the first thread");
                give_way().await;
                info!("on the second thread");
                async {
                    info!("in the inner, on the second thread");
                    give_way().await;
                    info!("in the inner, on the third thread");
                }
                .instrument(info_span!("inner"))
                .await;
                info!("on the third thread");
            };
            let mut task = scene.run(|| Box::pin(task.instrument(info_span!("task"))));
            for is_last in [false, false, true] {
                thread::scope(|threads| {
                    threads.spawn(|| {
                        scene.run(|| {
                            let polled =
                                task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                            assert_eq!(polled.is_ready(), is_last);
                            info!(is_last, "beside the task");
                        });
                    });
                });
            }
            drop(task);
            for number in ["first", "second", "third"] {
                let ids = scene.ids(&format!("on the {number} thread"));
                assert_eq!(ids, scene.exported_ids("task"), "{number}");
            }
            for number in ["second", "third"] {
                let ids = scene.ids(&format!("in the inner, on the {number} thread"));
                assert_eq!(ids, scene.exported_ids("inner"), "{number}");
            }
            for lines in &scene.lines {
                for line in lines.all() {
                    assert!(line.get("message") != "beside the task" || line.ids().is_none());
                }
            }
            for kind in ["new", "close"] {
                assert_eq!(
                    scene.lifecycle_ids(kind, "task"),
                    scene.exported_ids("task")
                );
                assert_eq!(
                    scene.lifecycle_ids(kind, "inner"),
                    scene.exported_ids("inner")
                );
            }
            let task = scene.exported.span("task").span_context.span_id();
            scene.assert_parent("inner", Some(task));
        });
}

#[test]
fn two_tasks_that_take_turns_on_one_thread_keep_their_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let task = |name: &'static str| async move {
                    for step in 0..3 {
                        info!(step, "{name} {step}");
                        give_way().await;
                    }
                };
                let mut one = pin!(task("one").instrument(info_span!("one")));
                let mut two = pin!(task("two").instrument(info_span!("two")));
                let context = &mut Context::from_waker(Waker::noop());
                for _ in 0..3 {
                    assert!(one.as_mut().poll(context).is_pending());
                    assert!(two.as_mut().poll(context).is_pending());
                }
                assert!(two.as_mut().poll(context).is_ready());
                assert!(one.as_mut().poll(context).is_ready());
            });
            for name in ["one", "two"] {
                let ids = scene.exported_ids(name);
                for step in 0..3 {
                    assert_eq!(scene.ids(&format!("{name} {step}")), ids);
                }
                assert_eq!(scene.lifecycle_ids("close", name), ids);
            }
        });
}

const TASKS: usize = 64;

#[test]
fn many_tasks_on_a_multi_threaded_runtime_keep_their_ids() {
    globally(
        many_tasks_on_a_multi_threaded_runtime_keep_their_ids,
        &Setup::new().span_events(FmtSpan::NEW | FmtSpan::CLOSE),
        |scene| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(4)
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let tasks: Vec<_> = (0..TASKS)
                    .map(|task| tokio::spawn(run_task(task).instrument(info_span!("task", task))))
                    .collect();
                for task in tasks {
                    task.await.expect("no task panics");
                }
            });
            drop(runtime);

            let mut exported = HashMap::new();
            for span in scene.exported.spans() {
                let context = &span.span_context;
                let ids = (
                    context.trace_id().to_string(),
                    context.span_id().to_string(),
                );
                for kv in &span.attributes {
                    if kv.key.as_str() == "task" || kv.key.as_str() == "step" {
                        exported.insert((span.name.to_string(), kv.value.to_string()), ids.clone());
                    }
                }
            }
            for lines in &scene.lines {
                let all = lines.all();
                let mut checked = 0;
                for line in &all {
                    let expected = match line.get("message").as_str().expect("a string") {
                        "warm-up" => continue,
                        "without a span" => None,
                        _ => {
                            let span = line.get("span_name").as_str().expect("in a span");
                            if span == "warm-up" {
                                continue;
                            }
                            let key = if span == "task" { "task" } else { "step" };
                            let value = line.get(key).to_string().trim_matches('"').to_owned();
                            Some(exported[&(span.to_owned(), value)].clone())
                        }
                    };
                    assert_eq!(scene.ids_on(line), expected, "{line:?}");
                    checked += 1;
                }
                // Per task: 8 steps of 3 lines, two lines of the blocking thread, and each of the 9 spans' new and close.
                assert_eq!(checked, TASKS * (8 * 3 + 2 + 9 * 2));
            }
        },
    );
}

async fn run_task(task: usize) {
    for step in 0..8 {
        info!("in the task");
        tokio::task::yield_now().await;
        let span = info_span!("step", step = format!("{task}.{step}"));
        async {
            info!("in the step");
            tokio::task::yield_now().await;
            info!("in the step again");
        }
        .instrument(span)
        .await;
    }
    let span = Span::current();
    let blocking = tokio::task::spawn_blocking(move || {
        info!("without a span");
        span.in_scope(|| info!("on a blocking thread"));
    });
    blocking.await.expect("it does not panic");
}

#[test]
fn a_span_entered_on_many_threads_at_once_has_one_pair_of_ids() {
    without_hanging("many threads", || {
        Setup::new()
            .span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .everywhere(|scene| {
                let span = scene.run(|| info_span!("span"));
                let barrier = Barrier::new(4);
                thread::scope(|threads| {
                    for number in 0..4 {
                        let (span, barrier) = (span.clone(), &barrier);
                        threads.spawn(move || {
                            scene.run(|| {
                                barrier.wait();
                                let _entered = span.enter();
                                info!("thread {number}");
                                barrier.wait();
                                info!("thread {number} again");
                            });
                        });
                    }
                });
                drop(span);
                let ids = scene.exported_ids("span");
                for number in 0..4 {
                    assert_eq!(scene.ids(&format!("thread {number}")), ids);
                    assert_eq!(scene.ids(&format!("thread {number} again")), ids);
                }
                assert_eq!(scene.lifecycle_ids("new", "span"), ids);
                assert_eq!(scene.lifecycle_ids("close", "span"), ids);
            });
    });
}
