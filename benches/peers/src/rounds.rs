//! Runs many short child processes in rotating rounds, and takes the median of each one's samples.

use crate::child;
use crate::contenders::Contender;
use crate::measure::Sample;
use crate::scenario::Scenario;

/// Something that a child measures.
pub trait Measured {
    /// The child's arguments.
    fn args(&self) -> Vec<String>;
}

pub type Entry = (&'static Contender, Scenario);

impl Measured for Entry {
    fn args(&self) -> Vec<String> {
        let (contender, scenario) = self;
        vec![
            "run".into(),
            contender.name.into(),
            scenario.repetitions().to_string(),
            scenario.to_string(),
        ]
    }
}

pub struct Summary {
    /// Medians.
    pub ns: f64,
    pub allocations: f64,
    /// The quartiles of the time.
    pub ns_quartiles: (f64, f64),
    pub times_beside: Option<f64>,
}

/// Measures every entry once per round. Each round begins one entry later than the round before,
/// so that no entry always follows the same one.
pub fn measure(entries: &[impl Measured], rounds: usize) -> Vec<Summary> {
    let mut samples = vec![Vec::with_capacity(rounds); entries.len()];
    for round in 0..rounds {
        for step in 0..entries.len() {
            let index = (round + step) % entries.len();
            samples[index].push(sample(&entries[index].args()));
        }
    }
    samples.iter().map(|samples| summary(samples)).collect()
}

fn sample(args: &[String]) -> Sample {
    let text = child::output(args);
    Sample::parse(&text).unwrap_or_else(|| panic!("{args:?} printed {text:?}"))
}

fn summary(samples: &[Sample]) -> Summary {
    let ns = sorted(samples, |sample| sample.ns);
    let allocations = sorted(samples, |sample| sample.allocations);
    Summary {
        ns: quantile(&ns, 2),
        allocations: quantile(&allocations, 2),
        ns_quartiles: (quantile(&ns, 1), quantile(&ns, 3)),
        times_beside: samples[0].times_beside.map(|_| {
            let times = sorted(samples, |sample| sample.times_beside.unwrap_or(f64::NAN));
            quantile(&times, 2)
        }),
    }
}

fn sorted(samples: &[Sample], of: fn(&Sample) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Returns the quantile of sorted values at this number of quarters, without interpolation.
fn quantile(sorted: &[f64], quarters: usize) -> f64 {
    sorted[(sorted.len() - 1) * quarters / 4]
}

/// Returns the median of each number over all rounds. Each round begins with another contender.
#[cfg(feature = "stamp")]
pub fn medians<C: Copy>(
    contenders: &[C],
    rounds: usize,
    mut measure: impl FnMut(C) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let mut samples = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        for step in 0..contenders.len() {
            let index = (round + step) % contenders.len();
            samples[index].push(measure(contenders[index]));
        }
    }
    let median = |samples: &Vec<Vec<f64>>| {
        (0..samples[0].len())
            .map(|column| {
                let mut column: Vec<f64> = samples.iter().map(|sample| sample[column]).collect();
                column.sort_by(f64::total_cmp);
                column[(column.len() - 1) / 2]
            })
            .collect()
    };
    samples.iter().map(median).collect()
}
