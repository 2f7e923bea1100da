//! The workload of the `tracing` contenders. It uses the installed global default.

use tracing::{Span, debug, info, info_span, span::EnteredSpan};

use crate::contenders::Job;
use crate::measure::Sample;
use crate::scenario::{DEEPEST, Scenario};

pub fn run(job: &Job) -> Sample {
    warm_up();
    match job.scenario {
        Scenario::Event => within(|| job.reps.of(event)),
        Scenario::Three => within(|| job.reps.of(three)),
        Scenario::Secret => within(|| job.reps.of(secret)),
        Scenario::Hundred | Scenario::Copied => job.reps.of(|| {
            let _request = request().entered();
            for _ in 0..100 {
                event();
            }
        }),
        Scenario::Request(events) => job.reps.of(|| debug_request(events)),
        Scenario::Threads(threads) => job.reps.of(|| {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| (0..200).for_each(|_| debug_request(20)));
                }
            });
        }),
        Scenario::Beside => panic!("there is nothing to compare with"),
        Scenario::Depth(depth) => {
            let mut entered: Vec<EnteredSpan> =
                SPANS[..depth].iter().map(|span| span().entered()).collect();
            let sample = job.reps.of(event);
            // Innermost first, as scopes end.
            while entered.pop().is_some() {}
            sample
        }
        Scenario::Spans => job.reps.of(|| {
            let request = request();
            let in_request = request.enter();
            let db = db();
            let in_db = db.enter();
            drop(in_db);
            drop(db);
            drop(in_request);
            drop(request);
        }),
        Scenario::DisabledOuter | Scenario::DisabledInner => within(|| job.reps.of(debug_event)),
    }
}

/// A span with this many DEBUG events.
fn debug_request(events: usize) {
    let _request = request().entered();
    for _ in 0..events {
        debug_event();
    }
}

/// Opens a span, since the very first span of a process is not typical.
pub fn warm_up() {
    info_span!("warm_up").in_scope(|| ());
}

/// Runs `work` inside `request` > `db`.
pub fn within<T>(work: impl FnOnce() -> T) -> T {
    let _request = request().entered();
    let _db = db().entered();
    work()
}

fn request() -> Span {
    info_span!("request", request_id = "01J8ZK6V3Q", tenant = "acme")
}

fn db() -> Span {
    info_span!("db", table = "orders")
}

pub fn event() {
    info!(
        method = "GET",
        path = "/api/v1/orders/42",
        status = 200u64,
        latency_ms = 12.75f64,
        cached = false,
        user = "alice \"quoted\" \n",
        "handled request"
    );
}

pub fn three() {
    info!(
        method = "GET",
        status = 200u64,
        latency_ms = 12.75f64,
        "handled request"
    );
}

fn secret() {
    info!(
        method = "GET",
        status = 200u64,
        latency_ms = 12.75f64,
        password = "correct horse",
        "handled request"
    );
}

fn debug_event() {
    debug!(
        method = "GET",
        path = "/api/v1/orders/42",
        status = 200u64,
        latency_ms = 12.75f64,
        cached = false,
        user = "alice \"quoted\" \n",
        "handled request"
    );
}

/// One call site per depth, each with its own field names, so that no flattened field hides another.
macro_rules! spans {
    ($($name:literal $number:ident $text:ident,)*) => {
        [$(|| info_span!($name, $number = 42u64, $text = "some text"),)*]
    };
}

const SPANS: [fn() -> Span; DEEPEST] = spans![
    "level_1" number_1 text_1,
    "level_2" number_2 text_2,
    "level_3" number_3 text_3,
    "level_4" number_4 text_4,
    "level_5" number_5 text_5,
    "level_6" number_6 text_6,
    "level_7" number_7 text_7,
    "level_8" number_8 text_8,
    "level_9" number_9 text_9,
    "level_10" number_10 text_10,
];
