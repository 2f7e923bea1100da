use crate::{
    TRACE,
    line::{Ids, line},
};

/// How many lines the trace has that is spread over all files.
const TRACE_LINES: u64 = 40;

/// How many other traces are open at a time.
const OPEN_TRACES: usize = 64;

/// All lines, each with the number of its service.
pub(crate) struct Lines {
    random: fastrand::Rng,
    bytes: u64,
    written: u64,
    /// How many lines of the trace have been written.
    found: u64,
    micros: u64,
    open: Vec<Open>,
}

/// A trace that has lines left.
struct Open {
    trace: u128,
    spans: [u64; 4],
    lines_left: u32,
}

impl Lines {
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(20_261_129),
            bytes,
            written: 0,
            found: 0,
            micros: 1_795_910_400_000_000,
            open: Vec::new(),
        }
    }

    fn of_a_trace(&mut self, service: usize) -> Ids {
        let random = &mut self.random;
        if self.open.len() < OPEN_TRACES {
            self.open.push(Open {
                trace: random.u128(..),
                spans: std::array::from_fn(|_| random.u64(..)),
                lines_left: random.u32(20..=60),
            });
        }
        let at = random.usize(..self.open.len());
        let open = &mut self.open[at];
        open.lines_left -= 1;
        let ids = Ids {
            trace: open.trace,
            span: open.spans[service],
        };
        if open.lines_left == 0 {
            self.open.swap_remove(at);
        }
        ids
    }
}

impl Iterator for Lines {
    type Item = (usize, String);

    fn next(&mut self) -> Option<Self::Item> {
        if self.written >= self.bytes {
            return None;
        }
        self.micros += self.random.u64(60..460);
        let is_due = self.written >= (self.found + 1) * self.bytes / (TRACE_LINES + 1);
        let (service, ids) = match is_due && self.found < TRACE_LINES {
            true => {
                let service = (self.found % 4) as usize;
                self.found += 1;
                let span = 0x00f0_67aa_0ba9_02b7 + service as u64;
                (service, Some(Ids { trace: TRACE, span }))
            }
            false => {
                let service = self.random.usize(..4);
                let is_traced = self.random.u32(..10) == 0;
                (service, is_traced.then(|| self.of_a_trace(service)))
            }
        };
        let line = line(&mut self.random, service, self.micros, ids);
        self.written += line.len() as u64;
        Some((service, line))
    }
}
