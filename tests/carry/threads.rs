//! Threads of the standard library, and other code that calls closures.

use super::stage::{assert_of, assert_of_none, request};
use std::{
    panic::{UnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};
use tracing::info;
use tracing_stamp::carry::{Carried, ContextSnapshot, carry};

#[test]
fn a_carried_thread_has_the_ids_of_the_span_it_is_spawned_in() {
    request("thread").in_scope(|| {
        let carried = thread::spawn(carry(|| info!("thread, carried")));
        let left = thread::spawn(|| info!("thread, left behind"));
        carried.join().expect("no panic");
        left.join().expect("no panic");
    });
    assert_of("thread", "thread, carried");
    assert_of_none("thread, left behind");
}

#[test]
fn a_carried_scoped_thread_has_the_ids_and_may_borrow() {
    let text = String::from("borrowed");
    let length = request("scope").in_scope(|| {
        thread::scope(|scope| {
            scope.spawn(|| info!("scope, left behind"));
            let carried = scope.spawn(carry(|| {
                info!("scope, carried");
                text.len()
            }));
            carried.join().expect("no panic")
        })
    });
    assert_eq!(length, text.len());
    assert_of("scope", "scope, carried");
    assert_of_none("scope, left behind");
}

#[test]
fn a_worker_runs_each_job_of_its_queue_within_the_context_it_was_sent_from() {
    let (send, receive) = mpsc::channel::<(ContextSnapshot, &'static str)>();
    let worker = thread::spawn(move || {
        for (snapshot, message) in receive {
            snapshot.in_scope(|| info!("{message}"));
            info!("{message}, afterwards");
        }
    });
    for (name, message) in [
        ("queue, first", "queue, a job of the first"),
        ("queue, second", "queue, a job of the second"),
    ] {
        request(name).in_scope(|| {
            send.send((ContextSnapshot::capture(), message))
                .expect("it is received")
        });
    }
    drop(send);
    worker.join().expect("no panic");
    assert_of("queue, first", "queue, a job of the first");
    assert_of("queue, second", "queue, a job of the second");
    assert_of_none("queue, a job of the first, afterwards");
    assert_of_none("queue, a job of the second, afterwards");
}

#[test]
fn carried_values_can_be_sent_shared_cloned_and_used_after_a_panic() {
    fn is_shared<T: Clone + Send + Sync + UnwindSafe + 'static>(value: &T) -> T {
        value.clone()
    }
    let snapshot = request("shared").in_scope(ContextSnapshot::capture);
    let clone = is_shared(&snapshot);
    drop(snapshot);
    assert_eq!(catch_unwind(move || clone.in_scope(|| 1)).ok(), Some(1));
    assert!(catch_unwind(carry(|| 1)).is_ok());
    fn is_sent<T: Send>() {}
    is_sent::<Carried<std::future::Ready<()>>>();
}
