//! Repeats an operation and measures its cost.

use std::fmt;
use std::time::Instant;

use crate::alloc;
use crate::process::cpu_time;

/// How often to do an operation.
#[derive(Clone, Copy)]
pub struct Reps {
    warm_up: usize,
    measured: usize,
    clock: Clock,
}

/// What counts as the time of an operation.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The time that passes, which other programs on the machine make longer.
    Wall,
    /// The CPU time of all threads of this process.
    Cpu,
}

impl Reps {
    /// `n` measured operations in the steady state, with grown buffers and registered call sites.
    pub fn steady(n: usize, clock: Clock) -> Self {
        Self {
            warm_up: 1_000,
            measured: n,
            clock,
        }
    }

    /// One operation, to show what it writes.
    pub fn once() -> Self {
        Self {
            warm_up: 0,
            measured: 1,
            clock: Clock::Wall,
        }
    }

    /// The number of measured operations.
    pub fn measured(self) -> usize {
        self.measured
    }

    /// Measures the operation.
    pub fn of(self, mut operation: impl FnMut()) -> Sample {
        for _ in 0..self.warm_up {
            operation();
        }
        let allocations = alloc::count();
        let (start, cpu) = (Instant::now(), cpu_time());
        for _ in 0..self.measured {
            operation();
        }
        let elapsed = match self.clock {
            Clock::Wall => start.elapsed(),
            Clock::Cpu => cpu_time() - cpu,
        };
        let n = self.measured as f64;
        Sample {
            ns: elapsed.as_secs_f64() * 1e9 / n,
            allocations: (alloc::count() - allocations) as f64 / n,
            times_beside: None,
        }
    }

    /// Measures the operation in turns with another that it is compared with. The turns are short, so that both find the machine in the same
    /// state.
    pub fn of_beside(self, mut operation: impl FnMut(), mut beside: impl FnMut()) -> Sample {
        let turns = 100;
        let part = Self {
            warm_up: 0,
            measured: self.measured / turns,
            clock: self.clock,
        };
        for _ in 0..self.warm_up {
            operation();
            beside();
        }
        let (mut samples, mut besides) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            samples.push(part.of(&mut operation));
            besides.push(part.of(&mut beside));
        }
        let mean = |samples: &[Sample], of: fn(&Sample) -> f64| {
            samples.iter().map(of).sum::<f64>() / samples.len() as f64
        };
        let ns = mean(&samples, |sample| sample.ns);
        Sample {
            ns,
            allocations: mean(&samples, |sample| sample.allocations),
            times_beside: Some(ns / mean(&besides, |sample| sample.ns)),
        }
    }
}

/// The cost of one operation. A child process reports it as text.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub ns: f64,
    pub allocations: f64,
    /// The cost as a multiple of the compared operation's cost, if there is one.
    pub times_beside: Option<f64>,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ns, self.allocations)?;
        match self.times_beside {
            Some(times) => write!(f, " {times}"),
            None => Ok(()),
        }
    }
}

impl Sample {
    /// For an operation that was not measured.
    pub const NOTHING: Self = Self {
        ns: 0.0,
        allocations: 0.0,
        times_beside: None,
    };

    /// Parses the output of `Display`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().map(str::parse);
        Some(Self {
            ns: numbers.next()?.ok()?,
            allocations: numbers.next()?.ok()?,
            times_beside: numbers.next().transpose().ok()?,
        })
    }
}
