use super::{
    contender::{ALL, Contender},
    same_span,
    subscriber::Kind,
};
use crate::{
    rounds::{self, Measured},
    table::Table,
};

/// Requests per child process, which take a tenth of a second.
const REQUESTS: usize = 10_000;

/// Prints the contents of the spans, and then their cost.
pub fn print(rounds: usize) {
    same_span::print();
    println!("Medians of {rounds} interleaved rounds, in CPU time.\n");
    costs(
        rounds,
        Kind::Span,
        "Added to one request, with only OpenTelemetry's layer:",
    );
    costs(
        rounds,
        Kind::Line,
        "The same with the library's lines. The handler logs one line:",
    );
}

struct Entry(Contender, Kind);

impl Measured for Entry {
    fn args(&self) -> Vec<String> {
        let Self(contender, kind) = self;
        let n = REQUESTS.to_string();
        ["serve", contender.name(), &n, kind.name()]
            .map(str::to_owned)
            .into()
    }
}

fn costs(rounds: usize, kind: Kind, title: &str) {
    let entries = ALL.map(|contender| Entry(contender, kind));
    let results = rounds::measure(&entries, rounds);
    let mut table = Table::new(2, &["layer", "does", "ns", "added ns", "added allocations"]);
    for (contender, result) in ALL.iter().zip(&results) {
        table.row(vec![
            contender.name().into(),
            contender.what().into(),
            format!("{:.0}", result.ns),
            format!("{:.0}", result.ns - results[0].ns),
            format!("{:.2}", result.allocations - results[0].allocations),
        ]);
    }
    table.print(title);
}
