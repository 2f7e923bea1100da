//! Threads whose locals are being destroyed: OpenTelemetry's layer panics when a span is entered there, and a panic in a
//! destructor aborts the process.

use super::stage::{Farewell, assert_of, line, request};
use std::{
    cell::RefCell,
    future::{self, Future},
    pin::Pin,
    task::{Context, Waker},
    thread,
};
use tracing::{Span, info};
use tracing_stamp::carry::Carry as _;

type Job = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static KEPT: RefCell<Option<Job>> = const { RefCell::new(None) };
}

/// A job that was polled once, and is then kept to the end of the thread.
fn job(request: &Span, farewell: &'static str) -> Option<Job> {
    let waits = async move {
        let _farewell = Farewell(farewell);
        future::pending::<()>().await;
    };
    let mut job = Box::pin(request.in_scope(|| waits.carry()));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(job.as_mut().poll(&mut cx).is_pending());
    Some(job)
}

/// Runs on a thread of its own, which is over afterwards. The span is open until then: exporting one takes locals too.
fn on_a_thread(request: Span, run: impl FnOnce(&Span) + Send) {
    thread::scope(|scope| {
        let run = scope.spawn(|| run(&request));
        run.join().expect("no panic");
    });
}

#[test]
fn a_carried_job_may_be_dropped_by_a_thread_local_made_before_any_span_was_entered() {
    on_a_thread(request("ending, made first"), |request| {
        KEPT.set(None);
        KEPT.set(job(request, "ending, made first"));
    });
    // When all is gone, so are ids.
    assert_eq!(line("ending, made first").ids(), None);
}

#[test]
fn a_carried_job_may_be_dropped_by_a_thread_local_made_between_the_first_line_and_the_first_span() {
    on_a_thread(request("ending, made after a line"), |request| {
        info!("ending, the thread's first line");
        KEPT.set(None);
        KEPT.set(job(request, "ending, made after a line"));
    });
    line("ending, made after a line");
}

#[test]
fn a_carried_job_that_a_thread_local_drops_while_all_is_there_has_its_ids() {
    on_a_thread(request("ending, made last"), |request| {
        KEPT.set(job(request, "ending, made last"));
    });
    assert_of("ending, made last", "ending, made last");
}
