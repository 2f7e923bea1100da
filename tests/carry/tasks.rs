//! Tasks of tokio, on a runtime of several threads.

use super::stage::{
    Farewell, Flag, assert_of, assert_of_none, exported, exported_ids, has_ended, ids, request,
    runtime,
};
use std::{
    collections::HashSet,
    future::{self, Future},
    pin::{Pin, pin},
    sync::{Arc, Barrier},
    task::{Context, Poll, Waker},
    thread::{self, ThreadId},
};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{JoinSet, spawn_blocking},
};
use tracing::{Instrument as _, Span, info, info_span};
use tracing_stamp::carry::{Carry as _, carry};

async fn logs(message: &'static str) {
    tokio::task::yield_now().await;
    info!("{message}");
}

/// Logs that it was polled, and then never ends. Logs again when it is dropped.
async fn never_ends(began: Flag, message: &'static str, farewell: &'static str) {
    let _farewell = Farewell(farewell);
    info!("{message}");
    began.raise();
    future::pending::<()>().await;
}

#[test]
fn a_carried_task_has_the_ids_of_the_span_it_is_spawned_in() {
    let work = async {
        tokio::spawn(logs("spawn, left behind"))
            .await
            .expect("no panic");
        tokio::spawn(logs("spawn, carried").carry())
            .await
            .expect("no panic");
    };
    runtime().block_on(work.instrument(request("spawn")));
    assert_of_none("spawn, left behind");
    assert_of("spawn", "spawn, carried");
}

#[test]
fn a_carried_blocking_job_has_the_ids_of_the_span_it_is_spawned_in() {
    let work = async {
        spawn_blocking(|| info!("blocking, left behind"))
            .await
            .expect("no panic");
        spawn_blocking(carry(|| info!("blocking, carried")))
            .await
            .expect("no panic");
    };
    runtime().block_on(work.instrument(request("spawn_blocking")));
    assert_of_none("blocking, left behind");
    assert_of("spawn_blocking", "blocking, carried");
}

#[test]
fn each_task_of_a_join_set_has_the_ids_of_the_span_it_was_carried_in() {
    runtime().block_on(async {
        let mut set = JoinSet::new();
        request("set, first").in_scope(|| {
            set.spawn(logs("set, left behind"));
            set.spawn(logs("set, carried in the first").carry());
        });
        request("set, second").in_scope(|| {
            set.spawn(logs("set, carried in the second").carry());
            set.spawn_blocking(carry(|| info!("set, a blocking job")));
        });
        while let Some(ended) = set.join_next().await {
            ended.expect("no panic");
        }
    });
    assert_of_none("set, left behind");
    assert_of("set, first", "set, carried in the first");
    assert_of("set, second", "set, carried in the second");
    assert_of("set, second", "set, a blocking job");
}

#[test]
fn the_winner_and_the_loser_of_a_select_each_have_the_ids_of_the_span_they_were_carried_in() {
    let began = Flag::default();
    let lost = request("select, loser").in_scope(|| {
        never_ends(
            began.clone(),
            "select, the loser begins",
            "select, the loser is dropped",
        )
        .carry()
    });
    let left = never_ends(
        began,
        "select, one left behind begins",
        "select, one left behind is dropped",
    );
    let won = request("select, winner").in_scope(|| logs("select, the winner").carry());
    runtime().block_on(async {
        tokio::select! {
            biased;
            () = lost => {}
            () = left => {}
            () = won => {}
        }
        info!("select, afterwards");
    });
    assert_of("select, loser", "select, the loser begins");
    assert_of("select, loser", "select, the loser is dropped");
    assert_of("select, winner", "select, the winner");
    assert_of_none("select, one left behind begins");
    assert_of_none("select, one left behind is dropped");
    assert_of_none("select, afterwards");
}

#[test]
fn values_dropped_by_a_cancelled_task_have_the_ids_it_was_carried_with() {
    let runtime = runtime();
    let spawn = |began: &Flag, is_carried, message, farewell| {
        let job = never_ends(began.clone(), message, farewell);
        let task = if is_carried {
            runtime.spawn(job.carry())
        } else {
            runtime.spawn(job)
        };
        began.wait();
        task.abort();
        let ended = runtime.block_on(task);
        assert!(ended.expect_err("it never ends").is_cancelled());
    };
    request("abort").in_scope(|| {
        spawn(
            &Flag::default(),
            true,
            "abort, carried",
            "abort, dropped half-way",
        );
        spawn(
            &Flag::default(),
            false,
            "abort, left behind",
            "abort, dropped half-way and left behind",
        );
    });
    assert_of("abort", "abort, carried");
    assert_of("abort", "abort, dropped half-way");
    assert_of_none("abort, left behind");
    assert_of_none("abort, dropped half-way and left behind");
}

#[test]
fn values_dropped_when_a_runtime_shuts_down_have_the_ids_they_were_carried_with() {
    let runtime = runtime();
    let began = Flag::default();
    request("shutdown").in_scope(|| {
        let job = never_ends(began.clone(), "shutdown, begins", "shutdown, dropped");
        runtime.spawn(job.carry());
    });
    began.wait();
    drop(runtime);
    assert_of("shutdown", "shutdown, dropped");
}

#[test]
fn values_of_a_future_that_is_never_polled_are_dropped_with_the_ids_it_was_carried_with() {
    let job = |farewell| {
        let farewell = Farewell(farewell);
        async move {
            let _farewell = farewell;
            info!("never polled, and so never logged");
        }
    };
    let (carried, left) = request("never polled").in_scope(|| {
        (
            job("never polled, carried").carry(),
            job("never polled, left behind"),
        )
    });
    thread::spawn(move || {
        drop(carried);
        drop(left);
        info!("never polled, afterwards");
    })
    .join()
    .expect("no panic");
    assert_of("never polled", "never polled, carried");
    assert_of_none("never polled, left behind");
    assert_of_none("never polled, afterwards");
}

/// Polls a future once, without a waker.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_future_polled_on_another_thread_each_time_has_its_own_ids_on_each() {
    const MESSAGES: [&str; 4] = [
        "moving, at first",
        "moving, then",
        "moving, after that",
        "moving, at last",
    ];
    let job = async {
        let mut threads: HashSet<ThreadId> = HashSet::new();
        for message in MESSAGES {
            let mut was_polled = false;
            future::poll_fn(|_| {
                let ready = was_polled;
                was_polled = true;
                if ready {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            info!("{message}");
            threads.insert(thread::current().id());
        }
        threads.len()
    };
    let mut job = Box::pin(request("moving").in_scope(|| job.carry()));
    // All threads live until the end, so that no two have the same thread id.
    let barrier = Arc::new(Barrier::new(MESSAGES.len() + 1));
    let mut threads = Vec::new();
    let moves = loop {
        let (back, is_back) = std::sync::mpsc::channel();
        let barrier = Arc::clone(&barrier);
        threads.push(thread::spawn(move || {
            let polled = poll_once(job.as_mut());
            info!("moving, beside it");
            back.send((job, polled)).expect("the test waits for it");
            barrier.wait();
        }));
        let (same_job, polled) = is_back.recv().expect("no panic");
        job = same_job;
        if let Poll::Ready(moves) = polled {
            break moves;
        }
    };
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
    drop(job);
    assert_eq!(moves, MESSAGES.len());
    for message in MESSAGES {
        assert_of("moving", message);
    }
}

#[test]
fn a_hundred_tasks_that_move_between_threads_each_keep_their_own_ids() {
    const TASKS: usize = 100;
    let messages: Vec<&'static str> = (0..TASKS)
        .map(|number| &*format!("crowd, {number}").leak())
        .collect();
    let names: Vec<&'static str> = (0..TASKS)
        .map(|number| &*format!("crowd {number}").leak())
        .collect();
    let runtime = runtime();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for (&name, &message) in names.iter().zip(&messages) {
            let job = async move {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                logs(message).await;
            };
            request(name).in_scope(|| set.spawn(job.carry()));
        }
        while let Some(ended) = set.join_next().await {
            ended.expect("no panic");
        }
    });
    for (&name, &message) in names.iter().zip(&messages) {
        assert_of(name, message);
    }
}

#[test]
fn a_carried_job_keeps_its_span_open_and_a_job_with_its_own_linked_span_does_not() {
    let runtime = runtime();
    let (finish, may_finish) = oneshot::channel::<()>();
    let carried = request("open, carried").in_scope(|| {
        let job = async {
            let _ = may_finish.await;
            info!("open, carried");
        };
        runtime.spawn(job.carry())
    });
    let (finish_linked, may_finish_linked) = oneshot::channel::<()>();
    let linked = request("open, linked").in_scope(|| {
        let span = info_span!(parent: None, "request", otel.name = "open, the job", request = "open, the job");
        span.follows_from(Span::current());
        let job = async {
            let _ = may_finish_linked.await;
            info!("open, the job");
        };
        runtime.spawn(job.instrument(span))
    });
    // The test holds no handle of either request any more.
    let linked_to = exported("open, linked").span_context;
    assert!(!has_ended("open, carried"));
    finish.send(()).expect("the job waits for it");
    finish_linked.send(()).expect("the job waits for it");
    runtime.block_on(async {
        carried.await.expect("no panic");
        linked.await.expect("no panic");
    });
    assert_of("open, carried", "open, carried");
    assert_of("open, the job", "open, the job");
    let job = exported("open, the job");
    assert_eq!(
        job.links.links[0].span_context.span_id(),
        linked_to.span_id()
    );
    assert_ne!(job.span_context.trace_id(), linked_to.trace_id());
}

#[test]
fn a_future_carried_within_another_span_keeps_the_context_it_was_carried_with() {
    let job = request("nested, inner").in_scope(|| logs("nested, inner").carry());
    let work = async {
        job.await;
        info!("nested, outer");
        Handle::current()
            .spawn(logs("nested, spawned").carry())
            .await
            .expect("no panic");
    };
    runtime().block_on(work.instrument(request("nested, outer")));
    assert_of("nested, inner", "nested, inner");
    assert_of("nested, outer", "nested, outer");
    assert_of("nested, outer", "nested, spawned");
}

#[test]
fn a_span_created_in_a_carried_job_is_a_child_of_the_span_it_was_carried_in() {
    let job = || async {
        info_span!("child", otel.name = "child, carried").in_scope(|| info!("child, carried"));
    };
    runtime().block_on(
        async {
            tokio::spawn(job().carry()).await.expect("no panic");
        }
        .instrument(request("child's parent")),
    );
    let (child, parent) = (exported("child, carried"), exported("child's parent"));
    assert_eq!(child.parent_span_id, parent.span_context.span_id());
    assert_eq!(
        child.span_context.trace_id(),
        parent.span_context.trace_id()
    );
    assert_eq!(ids("child, carried"), exported_ids("child, carried"));
}

#[test]
fn a_carried_future_returns_the_result_of_the_future() {
    let mut job = pin!(future::ready(7).carry());
    assert_eq!(poll_once(job.as_mut()), Poll::Ready(7));
    assert_eq!(carry(|| 7)(), 7);
}
