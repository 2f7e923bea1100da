use std::env;

use super::{
    contender::{ALL, Contender},
    load::Load,
};
use crate::{child, rounds::medians, table::Table};

const THREADS: [usize; 4] = [1, 2, 4, 8];

/// Prints both tables. Each number is the median of this many rounds, while this many other threads are busy.
pub fn print(rounds: usize, lines: usize, busy: usize) {
    let load = Load::start(busy);
    println!(
        "Medians of {rounds} interleaved rounds of {lines} lines, to files in {}.\nThe machine: {load}.\n",
        env::temp_dir().display()
    );
    throughput(rounds, lines, &load);
    latency(rounds, lines / 50, &load);
}

fn throughput(rounds: usize, lines: usize, load: &Load) {
    for threads in THREADS {
        let mut table = Table::new(
            1,
            &[
                "writer",
                "lines/s",
                "×",
                "lost",
                "lines lost uncounted",
                "CPU ns/line",
                "context switches/1000 lines",
            ],
        );
        let medians = medians(&ALL, rounds, |contender| {
            child(contender, "throughput", lines, threads)
        });
        for (contender, numbers) in ALL.iter().zip(&medians) {
            table.row(vec![
                contender.name().into(),
                format!("{:.0}", numbers[0]),
                format!("{:.1}", numbers[0] / medians[0][0]),
                format!("{:.1} %", 100.0 * numbers[1] / lines as f64),
                format!("{:.0}", numbers[2]),
                format!("{:.0}", numbers[3]),
                format!("{:.1}", numbers[4]),
            ]);
        }
        table.print(&format!(
            "{threads} threads that log as fast as they can ({load}):"
        ));
    }
}

fn latency(rounds: usize, events: usize, load: &Load) {
    let mut table = Table::new(1, &["writer", "median ns", "99 % ns", "99.99 % ns"]);
    let medians = medians(&ALL, rounds.div_ceil(3), |contender| {
        child(contender, "latency", events, 1)
    });
    for (contender, numbers) in ALL.iter().zip(medians) {
        let mut row = vec![contender.name().into()];
        row.extend(numbers.iter().map(|number| format!("{number:.0}")));
        table.row(row);
    }
    table.print(&format!(
        "One event every 20 µs, and a sink that takes a millisecond for each write ({load}):"
    ));
}

fn child(contender: Contender, kind: &str, n: usize, threads: usize) -> Vec<f64> {
    let (n, threads) = (n.to_string(), threads.to_string());
    child::output(&["write", contender.name(), kind, &n, &threads])
        .split_whitespace()
        .map(|number| number.parse().expect("a number"))
        .collect()
}
