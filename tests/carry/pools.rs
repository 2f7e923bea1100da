//! Rayon. Its threads run other jobs while they wait.

use super::stage::{assert_of, assert_of_none, ids, request};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::sync::mpsc;
use tracing::info;
use tracing_stamp::carry::{ContextSnapshot, carry};

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool")
}

#[test]
fn a_job_carried_to_a_pool_has_the_ids_of_the_span_it_is_spawned_in() {
    let pool = pool(2);
    let (done, is_done) = mpsc::channel();
    request("pool").in_scope(|| {
        let of_carried = done.clone();
        pool.spawn(carry(move || {
            info!("pool, carried");
            of_carried.send(()).expect("the test waits for it");
        }));
        pool.spawn(move || {
            info!("pool, left behind");
            done.send(()).expect("the test waits for it");
        });
    });
    assert_eq!(is_done.iter().count(), 2);
    assert_of("pool", "pool, carried");
    assert_of_none("pool, left behind");
}

#[test]
fn both_sides_of_a_join_and_the_jobs_of_a_scope_have_the_ids_they_were_carried_with() {
    let pool = pool(2);
    let sum = request("join").in_scope(|| {
        let one = carry(|| {
            info!("join, one side");
            1
        });
        let other = carry(|| {
            info!("join, the other side");
            2
        });
        let (one, other) = pool.join(one, other);
        pool.join(
            || info!("join, one left behind"),
            || info!("join, the other left behind"),
        );
        let snapshot = ContextSnapshot::capture();
        pool.scope(|scope| {
            scope.spawn(|_| snapshot.in_scope(|| info!("join, in a scope")));
        });
        one + other
    });
    assert_eq!(sum, 3);
    assert_of("join", "join, one side");
    assert_of("join", "join, the other side");
    assert_of("join", "join, in a scope");
    assert_of_none("join, one left behind");
    assert_of_none("join, the other left behind");
}

#[test]
fn each_item_of_a_parallel_iterator_has_the_ids_of_the_snapshot_it_runs_in() {
    const CARRIED: [&str; 4] = [
        "items, the first",
        "items, the second",
        "items, the third",
        "items, the last",
    ];
    const LEFT: [&str; 2] = ["items, left behind", "items, left behind too"];
    let pool = pool(3);
    request("items").in_scope(|| {
        let snapshot = ContextSnapshot::capture();
        pool.install(|| {
            CARRIED
                .par_iter()
                .for_each(|item| snapshot.in_scope(|| info!("{item}")));
            LEFT.par_iter().for_each(|item| info!("{item}"));
        });
    });
    for message in CARRIED {
        assert_of("items", message);
    }
    for message in LEFT {
        assert_of_none(message);
    }
}

#[test]
fn a_carried_job_that_a_waiting_thread_runs_has_its_own_ids() {
    // With one thread, the spawned jobs run only while the other job waits.
    let pool = pool(1);
    pool.install(|| {
        request("taken, other").in_scope(|| {
            rayon::spawn(|| info!("taken, left behind"));
            rayon::spawn(carry(|| info!("taken, carried")));
        });
        request("taken, waiting").in_scope(|| {
            while rayon::yield_now() == Some(rayon::Yield::Executed) {}
            info!("taken, waiting");
        });
    });
    assert_of("taken, waiting", "taken, waiting");
    assert_of("taken, other", "taken, carried");
    // It has the ids of the waiting job, because the two jobs cannot be distinguished.
    assert_eq!(ids("taken, left behind"), ids("taken, waiting"));
}
