//! Panics: values are dropped within the context while a panic unwinds, and nothing of it stays current.

use super::stage::{Farewell, assert_of, assert_of_none, request, runtime};
use opentelemetry::{Context, trace::TraceContextExt as _};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};
use tracing::{Span, info};
use tracing_stamp::carry::{Carry as _, ContextSnapshot, carry};

/// Panics without a message on standard error.
fn panics(farewell: &'static str) {
    let _farewell = Farewell(farewell);
    resume_unwind(Box::new("on purpose"));
}

fn assert_nothing_is_current() {
    assert!(Span::current().is_none());
    assert!(!Context::current().has_active_span());
}

#[test]
fn values_dropped_while_a_thread_unwinds_have_the_ids_and_nothing_stays_current() {
    let (snapshot, job) = request("unwinding thread").in_scope(|| {
        (
            ContextSnapshot::capture(),
            carry(|| panics("unwinding thread, a closure's")),
        )
    });
    thread::spawn(move || {
        catch_unwind(job).expect_err("it panics");
        assert_nothing_is_current();
        catch_unwind(|| snapshot.in_scope(|| panics("unwinding thread, within")))
            .expect_err("it panics");
        assert_nothing_is_current();
        catch_unwind(|| panics("unwinding thread, left behind")).expect_err("it panics");
        info!("unwinding thread, afterwards");
    })
    .join()
    .expect("each panic was caught");
    assert_of("unwinding thread", "unwinding thread, a closure's");
    assert_of("unwinding thread", "unwinding thread, within");
    assert_of_none("unwinding thread, left behind");
    assert_of_none("unwinding thread, afterwards");
}

#[test]
fn values_dropped_while_a_task_unwinds_have_the_ids_and_nothing_stays_current() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let carried = request("unwinding task").in_scope(|| {
        let outside = Farewell("unwinding task, outside of the panic");
        async move {
            let _outside = outside;
            panics("unwinding task, carried");
        }
        .carry()
    });
    runtime.block_on(async {
        let ended = tokio::spawn(carried).await;
        assert!(ended.expect_err("it panics").is_panic());
        assert_nothing_is_current();
        let left = request("unwinding task, not carried")
            .in_scope(|| tokio::spawn(async { panics("unwinding task, left behind") }));
        assert!(left.await.expect_err("it panics").is_panic());
        info!("unwinding task, afterwards");
    });
    assert_of("unwinding task", "unwinding task, carried");
    assert_of("unwinding task", "unwinding task, outside of the panic");
    assert_of_none("unwinding task, left behind");
    assert_of_none("unwinding task, afterwards");
}

#[test]
fn a_carried_future_dropped_by_an_unwinding_thread_is_dropped_within_its_context() {
    let carried = request("dropped by a panic").in_scope(|| {
        let farewell = Farewell("dropped by a panic, carried");
        async move { drop(farewell) }.carry()
    });
    thread::spawn(move || {
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _carried = carried;
            panics("dropped by a panic, the thread's own");
        }));
        unwound.expect_err("it panics");
        assert_nothing_is_current();
    })
    .join()
    .expect("each panic was caught");
    assert_of("dropped by a panic", "dropped by a panic, carried");
    assert_of_none("dropped by a panic, the thread's own");
}

#[test]
fn a_panic_in_a_drop_leaves_nothing_current() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panics("panic in a drop, carried");
        }
    }
    let carried = request("panic in a drop").in_scope(|| {
        let panics = Panics;
        async move { drop(panics) }.carry()
    });
    thread::spawn(move || {
        catch_unwind(AssertUnwindSafe(move || drop(carried))).expect_err("it panics");
        assert_nothing_is_current();
    })
    .join()
    .expect("each panic was caught");
    assert_of("panic in a drop", "panic in a drop, carried");
}

#[test]
fn a_task_that_panics_leaves_the_threads_of_its_runtime_clean() {
    let runtime = runtime();
    for _ in 0..20 {
        let task = request("panicking tasks")
            .in_scope(|| runtime.spawn(async { resume_unwind(Box::new("on purpose")) }.carry()));
        assert!(
            runtime
                .block_on(task)
                .is_err_and(|ended: tokio::task::JoinError| ended.is_panic())
        );
    }
    runtime.block_on(async {
        for _ in 0..20 {
            tokio::spawn(async { assert_nothing_is_current() })
                .await
                .expect("nothing is current");
        }
    });
}
