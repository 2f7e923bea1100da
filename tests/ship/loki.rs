//! A stand-in for Loki: it accepts and refuses entries as Loki 3.7.8 does with its default limits, measured on 29 November 2026 and
//! earlier. The wording follows Loki's own messages.

use super::server::{Act, Came, Kept, Server, answer};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// `reject_old_samples_max_age`.
const OLDEST: i64 = 7 * 24 * HOUR;
/// `creation_grace_period`.
const NEWEST: i64 = 600 * SECOND;
/// Half of `max_chunk_age`: how far an entry may be behind the newest one of its stream.
const BEHIND: i64 = HOUR;
/// `max_line_size`.
const LINE: usize = 256 << 10;
/// `max_label_names_per_series`.
const LABELS: usize = 15;

/// What Loki remembers between two pushes.
pub(crate) struct Rules {
    newest: BTreeMap<String, i64>,
    /// `ingestion_rate_mb` and `ingestion_burst_size_mb`, in bytes, and the bytes that may be pushed now.
    rate: f64,
    burst: f64,
    allowed: f64,
    refilled: Instant,
    /// `GET /ready` fails until then, and so does a push.
    ready_at: Instant,
}

impl Rules {
    pub(crate) fn new() -> Self {
        Self {
            newest: BTreeMap::new(),
            rate: f64::from(4 << 20),
            burst: f64::from(6 << 20),
            allowed: f64::from(6 << 20),
            refilled: Instant::now(),
            ready_at: Instant::now(),
        }
    }

    /// So many bytes a second, and at once.
    pub(crate) fn with_rate(self, rate: u32, burst: u32) -> Self {
        Self {
            rate: rate.into(),
            burst: burst.into(),
            allowed: burst.into(),
            ..self
        }
    }

    /// A real Loki takes about 17 s.
    pub(crate) fn ready_after(self, time: Duration) -> Self {
        Self {
            ready_at: Instant::now() + time,
            ..self
        }
    }

    pub(crate) fn start(mut self) -> Server {
        Server::start(move |came| self.judge(came))
    }

    pub(crate) fn judge(&mut self, came: &Came) -> Act {
        if Instant::now() < self.ready_at {
            return answer(
                503,
                "Ingester not ready: waiting for 15s after being ready\n",
            );
        }
        if came.head.starts_with("GET /ready ") {
            return answer(200, "ready\n");
        }
        let bytes: usize = came.lines.iter().map(|entry| entry.line.len()).sum();
        if !self.is_within_rate(bytes as f64) {
            let lines = came.lines.len();
            let limit = self.rate;
            return answer(
                429,
                &format!(
                    "Ingestion rate limit exceeded for user fake (limit: {limit} bytes/sec) while attempting to ingest '{lines}' lines \
                     totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n"
                ),
            );
        }
        let now = jiff::Timestamp::now().as_nanosecond() as i64;
        let (mut lines, mut refused) = (Vec::new(), Vec::new());
        for entry in &came.lines {
            match self.refusal(entry, now) {
                Some(why) => refused.push(why),
                None => {
                    let newest = self.newest.entry(entry.labels.clone()).or_insert(i64::MIN);
                    *newest = entry.nanos.max(*newest);
                    lines.push(entry.clone());
                }
            }
        }
        if refused.is_empty() {
            return Act::Take;
        }
        refused.dedup();
        let (status, body) = (400, refused.join("\n"));
        Act::Keep {
            lines,
            status,
            body,
        }
    }

    /// Why an entry is refused; all others of its push are kept.
    fn refusal(&self, entry: &Kept, now: i64) -> Option<String> {
        let stream = &entry.labels;
        let time = |nanos: i64| {
            jiff::Timestamp::from_nanosecond(nanos.into())
                .map_or_else(|_| nanos.to_string(), |time| time.to_string())
        };
        let at = time(entry.nanos);
        let labels = stream.matches("=\"").count();
        let newest = self.newest.get(stream).copied().unwrap_or(i64::MIN);
        let oldest = newest.saturating_sub(BEHIND);
        if labels > LABELS {
            Some(format!(
                "entry for stream '{stream}' has {labels} label names; limit {LABELS}"
            ))
        } else if entry.nanos < now - OLDEST {
            let oldest = time(now - OLDEST);
            Some(format!(
                "entry for stream '{stream}' has timestamp too old: {at}, oldest acceptable timestamp is: {oldest}"
            ))
        } else if entry.nanos > now + NEWEST {
            Some(format!(
                "entry for stream '{stream}' has timestamp too new: {at}"
            ))
        } else if entry.line.len() > LINE {
            let length = entry.line.len();
            Some(format!(
                "Max entry size '{LINE}' bytes exceeded for stream '{stream}' while adding an entry with length '{length}' bytes"
            ))
        } else if !entry.has_only_text {
            Some(format!(
                "stream '{stream}' has structured metadata whose value is no string"
            ))
        } else if entry.nanos < oldest {
            let oldest = time(oldest);
            Some(format!(
                "entry with timestamp {at} ignored, reason: 'entry too far behind, entry timestamp is: {at}, oldest acceptable timestamp \
                 is: {oldest}', for stream: {stream}"
            ))
        } else {
            None
        }
    }

    fn is_within_rate(&mut self, bytes: f64) -> bool {
        let seconds = self.refilled.elapsed().as_secs_f64();
        self.refilled = Instant::now();
        self.allowed = (self.allowed + seconds * self.rate).min(self.burst);
        let is_within = bytes <= self.allowed;
        if is_within {
            self.allowed -= bytes;
        }
        is_within
    }
}
