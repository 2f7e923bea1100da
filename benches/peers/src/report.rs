//! Prints all tables, in the order in which they are measured.

#[cfg(feature = "stamp")]
use crate::contenders::find;
use crate::contenders::{ALL, BASELINE, Contender, REFERENCES, go};
use crate::content;
use crate::rounds::{Entry, measure};
use crate::scenario::{DEEPEST, Scenario};
use crate::table::Table;

pub fn print(rounds: usize) {
    println!("Medians of {rounds} interleaved rounds, in CPU time.\n");
    events(rounds);
    #[cfg(feature = "stamp")]
    bridges(rounds);
    #[cfg(feature = "stamp")]
    copied(rounds);
    #[cfg(feature = "stamp")]
    threads(rounds.div_ceil(5));
    depths(rounds);
    spans(rounds);
    disabled(rounds);
}

fn events(rounds: usize) {
    let mut contenders = ALL.to_vec();
    let without_go = go::build().err();
    if without_go.is_none() {
        contenders.extend(go::ALL);
    }
    content::check(&contenders);
    let entries: Vec<Entry> = contenders.iter().map(|&c| (c, Scenario::Event)).collect();
    let results = measure(&entries, rounds);
    let references: Vec<(String, f64)> = REFERENCES
        .iter()
        .map(|reference| {
            let index = contenders.iter().position(|c| c.name == reference.name);
            let index = index.expect("a reference is a contender");
            (format!("× {}", reference.name), results[index].ns)
        })
        .collect();
    let mut header = vec!["contender", "writes", "ns/event", "quartiles"];
    header.extend(references.iter().map(|(title, _)| title.as_str()));
    header.push("allocations/event");
    let mut table = Table::new(2, &header);
    for (contender, result) in contenders.iter().zip(&results) {
        let (low, high) = result.ns_quartiles;
        let mut row = vec![
            contender.name.into(),
            contender.what.into(),
            format!("{:.0}", result.ns),
            format!("{low:.0}–{high:.0}"),
        ];
        row.extend(
            references
                .iter()
                .map(|(_, reference)| format!("{:.2}", result.ns / reference)),
        );
        row.push(format!("{:.2}", result.allocations));
        table.row(row);
    }
    table
        .print("One event of six fields and a message inside two spans, of three fields together:");
    if let Some(reason) = without_go {
        println!("Without Go's loggers, because {reason}\n");
    }
}

/// Compares records that come through a bridge with records that do not.
#[cfg(feature = "stamp")]
fn bridges(rounds: usize) {
    let entries: Vec<Entry> = [
        ("slog-json", Scenario::Event),
        ("stamp-slog", Scenario::Event),
        ("stamp-log", Scenario::Beside),
    ]
    .map(|(name, scenario)| (find(name).expect("a contender"), scenario))
    .into();
    let results = measure(&entries, rounds);
    let mut table = Table::new(1, &["contender", "ns", "×", "allocations"]);
    let slog = results[1].ns / results[0].ns;
    let log = results[2].times_beside.unwrap_or(f64::NAN);
    let ratios = [
        String::new(),
        format!("{slog:.2} of slog-json"),
        format!("{log:.2} of the `tracing` event, in turns"),
    ];
    for (((contender, _), result), ratio) in entries.iter().zip(&results).zip(ratios) {
        table.row(vec![
            contender.name.into(),
            format!("{:.0}", result.ns),
            ratio,
            format!("{:.2}", result.allocations),
        ]);
    }
    table.print("Records of other crates: of slog, as above; of `log`, with three key-values:");
}

/// Measures the cost of OpenTelemetry's layer copying events into their span.
#[cfg(feature = "stamp")]
fn copied(rounds: usize) {
    let stamp = find("tracing-stamp").expect("a contender");
    let entries = [(stamp, Scenario::Hundred), (stamp, Scenario::Copied)];
    let results = measure(&entries, rounds);
    let mut table = Table::new(
        1,
        &["OpenTelemetry receives", "ns/event", "allocations/event"],
    );
    for (of, result) in ["spans", "spans and events"].iter().zip(&results) {
        table.row(vec![
            (*of).into(),
            format!("{:.0}", result.ns / 100.0),
            format!("{:.2}", result.allocations / 100.0),
        ]);
    }
    table.print("The same event, a hundred times in each span:");
}

/// Measures how requests with DEBUG lines, which are written or held, scale with the number of threads.
#[cfg(feature = "stamp")]
pub fn threads(rounds: usize) {
    let names = ["stamp-otel-layer", "stamp-hold"];
    let threads = [1, 2, 4];
    let mut entries: Vec<Entry> = Vec::new();
    for name in names {
        let contender = find(name).expect("a contender");
        entries.extend(threads.map(|threads| (contender, Scenario::Threads(threads))));
    }
    let results = measure(&entries, rounds);
    let mut table = Table::new(1, &["DEBUG lines", "1 thread", "2 threads", "4 threads"]);
    for (of, results) in ["written", "held"]
        .iter()
        .zip(results.chunks(threads.len()))
    {
        let rates = threads.iter().zip(results).map(|(threads, result)| {
            let per_second = *threads as f64 * 200.0 * 20.0 / result.ns * 1e9;
            format!("{:.2} M/s", per_second / 1e6)
        });
        table.row([(*of).to_owned()].into_iter().chain(rates).collect());
    }
    table.print("DEBUG lines of requests of 20 lines, by threads that log as fast as they can:");
}

fn depths(rounds: usize) {
    let contenders = swept();
    let mut entries: Vec<Entry> = Vec::new();
    for depth in 0..=DEEPEST {
        entries.extend(contenders.iter().map(|&c| (c, Scenario::Depth(depth))));
    }
    // There are many entries, and the slope is fitted through all of them, so fewer rounds are enough.
    let results = measure(&entries, rounds.div_ceil(2));

    let mut header = vec!["spans"];
    header.extend(contenders.iter().map(|contender| contender.name));
    let mut table = Table::new(1, &header);
    let by_depth: Vec<Vec<f64>> = results
        .chunks(contenders.len())
        .map(|results| results.iter().map(|result| result.ns).collect())
        .collect();
    for (depth, results) in by_depth.iter().enumerate() {
        let cells = results.iter().map(|ns| format!("{ns:.0}"));
        table.row([depth.to_string()].into_iter().chain(cells).collect());
    }
    let slopes = (0..contenders.len()).map(|column| {
        // Only from the first span on, since without a span no ids are written.
        let costs: Vec<f64> = by_depth[1..].iter().map(|row| row[column]).collect();
        format!("{:.1}", slope(&costs))
    });
    let label = "each further span".to_owned();
    table.row([label].into_iter().chain(slopes).collect());
    table.print("ns per event inside spans of two fields each:");
}

fn spans(rounds: usize) {
    let mut entries: Vec<Entry> = vec![(BASELINE, Scenario::Spans)];
    entries.extend(swept().into_iter().map(|c| (c, Scenario::Spans)));
    let results = measure(&entries, rounds);
    let mut table = Table::new(1, &["contender", "ns", "added ns", "added allocations"]);
    for ((contender, _), result) in entries.iter().zip(&results) {
        table.row(vec![
            contender.name.into(),
            format!("{:.0}", result.ns),
            format!("{:.0}", result.ns - results[0].ns),
            format!("{:.2}", result.allocations - results[0].allocations),
        ]);
    }
    table.print(
        "Two nested spans, of three fields together: create, enter, exit, close, no events:",
    );
}

fn disabled(rounds: usize) {
    let mut contenders = vec![BASELINE];
    contenders.extend(swept());
    let mut entries: Vec<Entry> = Vec::new();
    for &contender in &contenders {
        entries.push((contender, Scenario::DisabledOuter));
        entries.push((contender, Scenario::DisabledInner));
    }
    let results = measure(&entries, rounds);
    let mut table = Table::new(
        1,
        &[
            "contender",
            "ns, filter added last",
            "ns, filter added first",
        ],
    );
    for (contender, results) in contenders.iter().zip(results.chunks(2)) {
        table.row(vec![
            contender.name.into(),
            format!("{:.1}", results[0].ns),
            format!("{:.1}", results[1].ns),
        ]);
    }
    table.print("A DEBUG event disabled by a global `LevelFilter::INFO`:");
}

fn swept() -> Vec<&'static Contender> {
    ALL.iter().copied().filter(|c| c.swept).collect()
}

/// Returns the least-squares slope through values at a distance of one.
fn slope(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean_x = (n - 1.0) / 2.0;
    let mean_y = values.iter().sum::<f64>() / n;
    let (mut covariance, mut variance) = (0.0, 0.0);
    for (x, y) in values.iter().enumerate() {
        let dx = x as f64 - mean_x;
        covariance += dx * (y - mean_y);
        variance += dx * dx;
    }
    covariance / variance
}
