//! Repeats an operation and says what it cost.

use std::fmt;
use std::time::Instant;

use crate::alloc;

/// How often to do an operation.
#[derive(Clone, Copy)]
pub struct Reps {
    warm_up: usize,
    measured: usize,
}

impl Reps {
    /// `n` measured operations in the steady state: buffers grown, callsites registered.
    pub fn steady(n: usize) -> Self {
        Self {
            warm_up: 1_000,
            measured: n,
        }
    }

    /// The operation once, to look at what it writes.
    pub fn once() -> Self {
        Self {
            warm_up: 0,
            measured: 1,
        }
    }

    /// Does the operation.
    pub fn of(self, mut operation: impl FnMut()) -> Sample {
        for _ in 0..self.warm_up {
            operation();
        }
        let allocations = alloc::count();
        let start = Instant::now();
        for _ in 0..self.measured {
            operation();
        }
        let elapsed = start.elapsed();
        let n = self.measured as f64;
        Sample {
            ns: elapsed.as_secs_f64() * 1e9 / n,
            allocations: (alloc::count() - allocations) as f64 / n,
        }
    }
}

/// The cost of one operation; as text, how a child process reports it.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub ns: f64,
    pub allocations: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ns, self.allocations)
    }
}

impl Sample {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (ns, allocations) = text.trim().split_once(' ')?;
        Some(Self {
            ns: ns.parse().ok()?,
            allocations: allocations.parse().ok()?,
        })
    }
}
