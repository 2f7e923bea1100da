//! Measures the cost of one JSON log line with `tracing-stamp` and with its peers.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml              # every table
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- report 9  # fewer rounds
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- show emit # one line of a contender
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- threads   # lines of several threads, written or held
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- writers   # the writers behind the layer
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- writers 7 1000000 4 # the same beside 4 busy threads
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- requests  # a server layer around each request
//! cargo run --release --manifest-path benches/peers/Cargo.toml --features shipping -- shipping # to VictoriaLogs: see `shipping`
//! benches/peers/callgrind.sh                                                # instructions
//! ```
//!
//! Each measurement is a child process of this binary (`run <contender> <n> [scenario]`) that
//! installs its contender as the global default, as an application does. The parent starts many
//! short children in rounds that rotate through all contenders, so that noise affects all alike, and
//! prints medians. A time is the CPU time of the child, except where several threads log at once.
//! `list` prints the contenders that run in this process, `list swept` those measured in every
//! scenario, and `list requests` those of `requests`.
//!
//! Scenarios: `event` (the default), `three`, `secret`, `beside`, `hundred`, `copied`, `depth=0` to `depth=10`, `spans`, `disabled-outer`,
//! `disabled-inner`; see `scenario.rs`. This is a separate crate, so that other builds do not compile it.

mod alloc;
mod child;
mod contenders;
mod content;
mod measure;
mod process;
mod report;
#[cfg(feature = "stamp")]
mod requests;
mod rounds;
mod scenario;
#[cfg(feature = "shipping")]
mod shipping;
mod sink;
mod slog_workload;
mod table;
mod workload;
#[cfg(feature = "stamp")]
mod writers;

use std::process::ExitCode;

use contenders::{Contender, Job};
use measure::{Clock, Reps};
use scenario::Scenario;
use sink::Sink;

const USAGE: &str = "usage: [report [rounds] | run <contender> <n> [scenario] \
                     | show <contender> [scenario] | list [swept | requests] | threads | writers [rounds lines [busy threads]] | requests [rounds] \
                     | shipping [lines [rounds]] | shipping-memory [lines]]";

/// The default number of rounds, with one child process per contender each.
const ROUNDS: usize = 31;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<(), String> {
    match *args {
        [] | ["report"] => report::print(ROUNDS),
        ["report", rounds] => report::print(number(rounds)?),
        ["run", name, n] => run(name, number(n)?, "event")?,
        ["run", name, n, scenario] => run(name, number(n)?, scenario)?,
        ["show", name] => show(name, "event")?,
        ["show", name, scenario] => show(name, scenario)?,
        #[cfg(feature = "stamp")]
        ["threads"] => report::threads(7),
        #[cfg(feature = "stamp")]
        ["writers"] => writers::print(7, 1_000_000, 0),
        #[cfg(feature = "stamp")]
        ["writers", rounds, lines] => writers::print(number(rounds)?, number(lines)?, 0),
        #[cfg(feature = "stamp")]
        ["writers", rounds, lines, busy] => {
            writers::print(number(rounds)?, number(lines)?, number(busy)?);
        }
        #[cfg(feature = "stamp")]
        ["write", name, kind, n, threads] => {
            writers::run(name, kind, number(n)?, number(threads)?)?;
        }
        #[cfg(feature = "stamp")]
        ["requests"] => requests::print(ROUNDS),
        #[cfg(feature = "stamp")]
        ["requests", rounds] => requests::print(number(rounds)?),
        #[cfg(feature = "stamp")]
        ["serve", name, n, kind] => requests::run(name, number(n)?, kind)?,
        #[cfg(feature = "stamp")]
        ["span", name] => requests::show(name)?,
        #[cfg(feature = "stamp")]
        ["list", "requests"] => requests::list(),
        #[cfg(feature = "shipping")]
        ["shipping"] => shipping::print(200_000, 5)?,
        #[cfg(feature = "shipping")]
        ["shipping", lines] => shipping::print(number(lines)?, 5)?,
        #[cfg(feature = "shipping")]
        ["shipping", lines, rounds] => shipping::print(number(lines)?, number(rounds)?)?,
        #[cfg(feature = "shipping")]
        ["shipping-memory"] => shipping::memory(1_000_000)?,
        #[cfg(feature = "shipping")]
        ["shipping-memory", lines] => shipping::memory(number(lines)?)?,
        #[cfg(feature = "shipping")]
        ["ship", name, lines, folder] => shipping::run(name, number(lines)?, folder.as_ref())?,
        #[cfg(not(feature = "shipping"))]
        ["shipping" | "shipping-memory", ..] => return Err("add `--features shipping`".into()),
        ["list"] => list(|_| true),
        ["list", "swept"] => list(|contender| contender.swept),
        _ => return Err(format!("cannot read {args:?}")),
    }
    Ok(())
}

/// Runs one measured child. The parent reads its output.
fn run(name: &str, n: usize, scenario: &str) -> Result<(), String> {
    let contender = contenders::find(name)?;
    let scenario = Scenario::parse(scenario)?;
    let clock = match scenario {
        Scenario::Threads(_) => Clock::Wall,
        _ => Clock::Cpu,
    };
    let job = Job {
        scenario,
        reps: Reps::steady(n, clock),
        sink: Sink::Discard,
    };
    println!("{}", (contender.run)(&job));
    Ok(())
}

/// Runs one operation with its output on stdout, to show what a contender writes.
fn show(name: &str, scenario: &str) -> Result<(), String> {
    let contender = contenders::find(name)?;
    let job = Job {
        scenario: Scenario::parse(scenario)?,
        reps: Reps::once(),
        sink: Sink::Stdout,
    };
    (contender.run)(&job);
    Ok(())
}

fn list(wanted: fn(&Contender) -> bool) {
    for contender in contenders::ALL.iter().filter(|c| wanted(c)) {
        println!("{}", contender.name);
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("{text:?} is not a count")),
        Ok(n) => Ok(n),
    }
}
