//! The members that only a closing line has.

use super::format::ClosingKeys;
use crate::{
    json::{Clock, NonFinite, Precision, push_f64, push_u64},
    schema::DurationUnit,
};
use opentelemetry::trace::SpanId;
use std::time::{Duration, SystemTime};

pub(in crate::layer) struct Closing {
    /// Whether the line's context is the span's own, not its ancestor's.
    pub(in crate::layer) is_own: bool,
    pub(in crate::layer) parent: Option<SpanId>,
    pub(in crate::layer) times: Times,
}

/// The times of a closed span.
pub(in crate::layer) struct Times {
    pub(super) start: SystemTime,
    pub(super) total: Duration,
    pub(super) busy: Duration,
    pub(super) idle: Duration,
}

impl Closing {
    pub(super) fn push(
        &self,
        out: &mut Vec<u8>,
        keys: &ClosingKeys,
        unit: DurationUnit,
        clock: &mut Clock,
        precision: Precision,
    ) {
        let times = &self.times;
        out.extend_from_slice(&keys.start);
        out.push(b'"');
        clock.push(out, times.start, precision);
        out.push(b'"');
        out.extend_from_slice(&keys.duration);
        match unit {
            DurationUnit::Milliseconds => push_milliseconds(out, times.total),
            DurationUnit::Nanoseconds => {
                push_u64(
                    out,
                    u64::try_from(times.total.as_nanos()).unwrap_or(u64::MAX),
                );
            }
        }
        out.extend_from_slice(&keys.busy);
        push_milliseconds(out, times.busy);
        out.extend_from_slice(&keys.idle);
        push_milliseconds(out, times.idle);
    }
}

/// Appends milliseconds as a float, to the nanosecond.
fn push_milliseconds(out: &mut Vec<u8>, duration: Duration) {
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    let rounded = (milliseconds * 1e6).round() / 1e6;
    push_f64(out, rounded, NonFinite::Null);
}
