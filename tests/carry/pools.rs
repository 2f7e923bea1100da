//! Rayon, whose threads take other jobs while they wait.

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
fn a_job_that_is_carried_to_a_pool_has_the_ids_of_the_span_it_is_spawned_in() {
    let pool = pool(2);
    let (done, is_done) = mpsc::channel();
    request("pool").in_scope(|| {
        let of_carried = done.clone();
        pool.spawn(carry(move || {
            info!("pool, carried");
            of_carried.send(()).expect("it is waited for");
        }));
        pool.spawn(move || {
            info!("pool, left behind");
            done.send(()).expect("it is waited for");
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
        let here = ContextSnapshot::capture();
        pool.scope(|scope| {
            scope.spawn(|_| here.in_scope(|| info!("join, in a scope")));
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
fn each_item_of_a_parallel_iterator_has_the_ids_of_where_it_is_worked_on_within() {
    const CARRIED: [&str; 4] = [
        "items, the first",
        "items, the second",
        "items, the third",
        "items, the last",
    ];
    const LEFT: [&str; 2] = ["items, left behind", "items, left behind too"];
    let pool = pool(3);
    request("items").in_scope(|| {
        let here = ContextSnapshot::capture();
        pool.install(|| {
            CARRIED
                .par_iter()
                .for_each(|item| here.in_scope(|| info!("{item}")));
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
fn a_job_that_a_waiting_thread_takes_has_its_own_ids_if_it_is_carried() {
    // On one thread, what is spawned runs while the other job waits, and only then.
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
    // Another's: nothing can know better.
    assert_eq!(ids("taken, left behind"), ids("taken, waiting"));
}
