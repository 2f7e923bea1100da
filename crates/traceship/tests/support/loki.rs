//! A stand-in for Loki. It accepts and refuses entries as Loki 3.7.8 does with its default limits. These rules were measured on 29 November
//! 2026 and earlier. The wording follows Loki's own messages.

use super::server::{Action, Entry, Request, Server, response};
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

/// Loki's rules, and the state that it keeps between pushes.
pub(crate) struct Rules {
    /// The newest time of each stream.
    newest: BTreeMap<String, i64>,
    /// `ingestion_rate_mb`, in bytes a second.
    rate: f64,
    /// `ingestion_burst_size_mb`, in bytes.
    burst: f64,
    /// How many bytes may be pushed now.
    allowed: f64,
    refilled: Instant,
    /// Until then, `GET /ready` and pushes fail.
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

    /// Sets the rate in bytes a second, and the size of a burst in bytes.
    pub(crate) fn with_rate(self, rate: u32, burst: u32) -> Self {
        Self {
            rate: rate.into(),
            burst: burst.into(),
            allowed: burst.into(),
            ..self
        }
    }

    /// Sets when the server is ready. A real Loki takes about 17 s.
    pub(crate) fn ready_after(self, time: Duration) -> Self {
        Self {
            ready_at: Instant::now() + time,
            ..self
        }
    }

    pub(crate) fn start(mut self) -> Server {
        Server::start(move |request| self.judge(request))
    }

    pub(crate) fn judge(&mut self, request: &Request) -> Action {
        if Instant::now() < self.ready_at {
            return response(
                503,
                "Ingester not ready: waiting for 15s after being ready\n",
            );
        }
        if request.head.starts_with("GET /ready ") {
            return response(200, "ready\n");
        }
        let bytes: usize = request.lines.iter().map(|entry| entry.line.len()).sum();
        if !self.is_within_rate(bytes as f64) {
            let lines = request.lines.len();
            let limit = self.rate;
            return response(
                429,
                &format!(
                    "Ingestion rate limit exceeded for user fake (limit: {limit} bytes/sec) while attempting to ingest '{lines}' lines \
                     totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n"
                ),
            );
        }
        let now = jiff::Timestamp::now().as_nanosecond() as i64;
        let (mut lines, mut refusals) = (Vec::new(), Vec::new());
        for entry in &request.lines {
            match self.refusal(entry, now) {
                Some(why) => refusals.push(why),
                None => {
                    let newest = self.newest.entry(entry.labels.clone()).or_insert(i64::MIN);
                    *newest = entry.nanos.max(*newest);
                    lines.push(entry.clone());
                }
            }
        }
        if refusals.is_empty() {
            return Action::Accept;
        }
        refusals.dedup();
        let (status, body) = (400, refusals.join("\n"));
        Action::AcceptSome {
            lines,
            status,
            body,
        }
    }

    /// Returns why an entry is refused, or `None`. All other entries of its push are kept.
    fn refusal(&self, entry: &Entry, now: i64) -> Option<String> {
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
                "stream '{stream}' has structured metadata with a value that is not a string"
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
