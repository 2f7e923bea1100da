use super::{
    Problem,
    found::count_complete,
    id_runs::IdRuns,
    in_period::InPeriod,
    input::Input,
    parallel,
    period::Period,
    read::read,
    tally::Tally,
    trace_summary::{Order, TraceSummary},
};
use crate::record::{Glance, Glancer, Reader};

/// The first traces in an order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Top {
    /// The traces, the first one first. Among equals, the newest comes first.
    pub traces: Vec<TraceSummary>,
    /// How many traces have a place in this order.
    pub of: usize,
    /// Why traces or lines may be missing.
    pub problems: Vec<Problem>,
    /// How many files and other inputs were searched.
    pub inputs: usize,
    /// How many of these were read to their end.
    pub complete: usize,
}

/// Which lines count.
pub(super) struct Counting<'c> {
    pub(super) period: Period,
    pub(super) reader: &'c Reader,
    /// Those of all services, if empty.
    pub(super) services: &'c [String],
}

/// Reads all inputs once, and returns the first traces.
pub(super) fn top(
    inputs: Vec<Input>,
    order: Order,
    most: usize,
    counting: &Counting<'_>,
    mut problems: Vec<Problem>,
) -> Top {
    let searched = inputs.len();
    let tally = Tally::new();
    let reader = counting.reader;
    let is_of_service = |glance: &Glance, raw: &[u8]| {
        let whole = || reader.read(raw).service;
        let service = || glance.service.clone().or_else(whole);
        let is_one = |service| counting.services.contains(&service);
        counting.services.is_empty() || service().is_some_and(is_one)
    };
    let lines = InPeriod::new(IdRuns::<false>, counting.period, reader);
    let unread = parallel::map(inputs, |input| {
        let mut glancer = Glancer::new(reader.clone());
        read(input, &lines, &mut |taken| {
            let glance = glancer.glance(&taken.raw);
            let is_inside = glance
                .time
                .is_none_or(|time| counting.period.contains(time));
            let has_id = glance.trace_id.is_some();
            if has_id && is_inside && is_of_service(&glance, &taken.raw) {
                tally.add(&glance, || reader.read(&taken.raw));
            }
        })
    });
    let unread: Vec<Problem> = unread.into_iter().flatten().collect();
    let complete = count_complete(searched, &unread);
    problems.extend(unread);
    let (traces, of) = tally.finish(order, most);
    Top {
        traces,
        of,
        problems,
        inputs: searched,
        complete,
    }
}
