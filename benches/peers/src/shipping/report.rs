use std::process;

use super::{
    contender::{Contender, all},
    folder::{Folder, child, label},
    victorialogs,
};
use crate::{rounds::medians, table::Table};

// The positions of a child's numbers.
const SECONDS: usize = 0;
const CPU: usize = 1;
const PEAK: usize = 2;
/// The number of its lines that VictoriaLogs has.
const ARRIVED: usize = 3;

/// Prints the table. Each number is the median of this many rounds.
///
/// # Errors
///
/// If the environment names no VictoriaLogs, or if a line of the library has not arrived exactly once.
pub fn print(lines: usize, rounds: usize) -> Result<(), String> {
    victorialogs::push_address()?;
    let (mut wrong, mut number) = (Vec::new(), 0);
    let contenders = all();
    let medians = medians(&contenders, rounds, |contender| {
        number += 1;
        let name = format!("shipping-{}-{number}", process::id());
        let sample = measure(contender, lines, &name);
        if !contender.may_lose() && sample[ARRIVED] != lines as f64 {
            let (name, arrived) = (contender.name(), sample[ARRIVED]);
            wrong.push(format!("{name}: {arrived} lines have arrived"));
        }
        sample
    });
    println!(
        "Medians of {rounds} interleaved rounds of {lines} events. CPU is that of the whole process; VictoriaLogs' own is not counted.\n"
    );
    table(lines, &contenders, &medians);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

fn table(lines: usize, contenders: &[Contender], medians: &[Vec<f64>]) {
    let of = |wanted: Contender| {
        let at = contenders.iter().position(|contender| *contender == wanted);
        &medians[at.expect("one of all")]
    };
    let per_cpu = |contender| of(contender)[ARRIVED] / of(contender)[CPU];
    let alone = |contender: Contender| {
        of(contender)[CPU] - contender.sink().map_or(0.0, |sink| of(sink)[CPU])
    };
    let per_cpu_alone = |contender| of(contender)[ARRIVED] / alone(contender);
    let peer = Contender::PeerPaced;
    let mut table = Table::new(
        1,
        &[
            "",
            "arrived",
            "lines/s",
            "CPU s",
            "lines per CPU s",
            "×",
            "encoding and sending alone, CPU s",
            "lines per CPU s of it",
            "× ",
            "peak MiB",
        ],
    );
    for &contender in contenders {
        let numbers = of(contender);
        let is_shipping = contender.is_shipping();
        let shipped = |text: String| if is_shipping { text } else { String::new() };
        table.row(vec![
            contender.name().into(),
            shipped(format!("{:.1} %", numbers[ARRIVED] * 100.0 / lines as f64)),
            format!("{:.0}", numbers[ARRIVED] / numbers[SECONDS]),
            format!("{:.2}", numbers[CPU]),
            format!("{:.0}", per_cpu(contender)),
            shipped(format!("{:.1}", per_cpu(contender) / per_cpu(peer))),
            shipped(format!("{:.2}", alone(contender))),
            shipped(format!("{:.0}", per_cpu_alone(contender))),
            shipped(format!(
                "{:.1}",
                per_cpu_alone(contender) / per_cpu_alone(peer)
            )),
            format!("{:.0}", numbers[PEAK] / f64::from(1 << 20)),
        ]);
    }
    table.print("To VictoriaLogs, with Loki's push protocol:");
}

fn measure(contender: Contender, lines: usize, name: &str) -> Vec<f64> {
    let folder = Folder::new(name).expect("a folder");
    if contender.needs_file() {
        child("file", lines, folder.path());
    }
    let mut numbers = child(contender.name(), lines, folder.path());
    let arrived = match contender.is_shipping() {
        true => {
            victorialogs::lines_of(&label(folder.path()), lines).expect("VictoriaLogs responds")
        }
        false => lines,
    };
    numbers.push(arrived as f64);
    numbers
}
