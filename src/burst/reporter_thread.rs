//! The thread that reports lines that were left out, where no line of their call site comes.
//!
//! It starts when the first line is left out, sleeps while there is nothing to report, and ends with the layer.

use super::{bucket::Bucket, limits::Limits, reporter::Output};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak, atomic::Ordering::SeqCst},
    thread,
    time::Duration,
};

/// The pause between two looks at the numbers.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts a line that was left out, and makes sure that the thread is awake. `output` returns what writes lines about such lines.
#[inline]
pub(crate) fn note_suppressed(limits: &Arc<Limits>, output: impl FnOnce() -> Output) {
    limits.stats.count_suppressed();
    if !limits.reporter.is_awake() {
        wake(limits, output);
    }
}

/// Wakes the thread, or starts it. If it cannot be started, only lines of the call sites and the end of the layer report numbers.
#[cold]
fn wake(limits: &Arc<Limits>, output: impl FnOnce() -> Output) {
    limits.reporter.output.get_or_init(output);
    limits.reporter.wake(|| {
        let limits = Arc::downgrade(limits);
        let started = thread::Builder::new()
            .name("tracing-stamp-burst".into())
            .spawn(move || run(&limits));
        Some(started.ok()?.thread().clone())
    });
}

/// Writes lines about numbers. The writer is user code, so its panics are caught.
pub(super) fn report(limits: &Limits, take: fn(&Bucket) -> u64) {
    let _ = catch_unwind(AssertUnwindSafe(|| limits.report(take)));
}

fn run(limits: &Weak<Limits>) {
    loop {
        thread::park_timeout(PAUSE);
        let Some(limits) = limits.upgrade() else {
            return;
        };
        if limits.reporter.is_closed() {
            return;
        }
        report(&limits, Bucket::take_if_due);
        if !may_sleep(&limits) {
            continue;
        }
        drop(limits);
        thread::park();
    }
}

/// Marks the thread as asleep, if there is nothing to report.
fn may_sleep(limits: &Limits) -> bool {
    if limits.has_suppressed() {
        return false;
    }
    let is_awake = &limits.reporter.is_awake;
    is_awake.store(false, SeqCst);
    // A thread that counted a line before this has not seen the flag, and wakes nobody.
    let may_sleep = !limits.has_suppressed();
    if !may_sleep {
        is_awake.store(true, SeqCst);
    }
    may_sleep
}
