//! Threads while their locals are destroyed. OpenTelemetry's layer panics when a span is entered then, and a panic in a destructor
//! aborts the process.

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

/// Creates a job that is polled once and then kept until the thread ends.
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

/// Runs a closure on a separate thread and waits for its end. The span stays open until then, because exporting it uses locals too.
fn on_a_thread(request: Span, run: impl FnOnce(&Span) + Send) {
    thread::scope(|scope| {
        let run = scope.spawn(|| run(&request));
        run.join().expect("no panic");
    });
}

#[test]
fn a_carried_job_can_be_dropped_by_a_thread_local_created_before_any_span_was_entered() {
    on_a_thread(request("ending, made first"), |request| {
        KEPT.set(None);
        KEPT.set(job(request, "ending, made first"));
    });
    // At that point all locals are destroyed, and no ids are available.
    assert_eq!(line("ending, made first").ids(), None);
}

#[test]
fn a_carried_job_can_be_dropped_by_a_thread_local_created_between_the_first_line_and_the_first_span()
 {
    on_a_thread(request("ending, made after a line"), |request| {
        info!("ending, the thread's first line");
        KEPT.set(None);
        KEPT.set(job(request, "ending, made after a line"));
    });
    line("ending, made after a line");
}

#[test]
fn a_carried_job_dropped_by_a_thread_local_has_its_ids_while_the_other_locals_live() {
    on_a_thread(request("ending, made last"), |request| {
        KEPT.set(job(request, "ending, made last"));
    });
    assert_of("ending, made last", "ending, made last");
}
