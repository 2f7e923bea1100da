//! Puts traceship and other agents into the same situations, in which an agent can lose, repeat or hold up lines, and prints a table.
//!
//! The agents are real ones: the OpenTelemetry Collector, rsyslog and syslog-ng, each configured as its documentation advises against losses
//! (`set_up`). So is the server: VictoriaLogs, which keeps every repeat, and OpenSearch where a line has an id. All of them are installed by
//! the scripts in `tests/servers`:
//!
//! ```text
//! for script in victorialogs opensearch collector rsyslog syslog-ng; do tests/servers/$script.sh install; done
//! cargo test --release -p traceship --features zstd,xz --test agents -- --ignored --nocapture --test-threads 1
//! ```
//!
//! `AGENTS` and `SITUATIONS` choose some of them by their names, separated by commas, such as `SITUATIONS=T5,T9`. `AGENTS_KEEP` names a
//! folder that keeps the files of each run. The result is described in `docs/agents-compared.md`.

// The agents, their cost in `/proc`, and `ulimit` belong to Linux.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "the table is the result")]

mod cost;
mod cutting_proxy;
#[path = "../support/files.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod files;
mod log_server;
mod outcome;
mod process;
mod set_up;
mod situations;
mod stage;
mod table;

use log_server::{LogServer, Product};
use outcome::Outcome;
use set_up::{AGENTS, Agent};
use situations::Situation;
use stage::Stage;
use table::Table;

/// Returns whether an environment variable with a list of names has this name, or is not set.
fn is_chosen(variable: &str, name: &str) -> bool {
    std::env::var(variable).map_or(true, |names| names.split(',').any(|chosen| chosen == name))
}

/// Runs a situation with each way to set up the agent, and returns the outcome that is best for it.
fn best(agent: Agent, shared: Option<&LogServer>, situation: &Situation) -> Outcome {
    let ways = agent.ways_to_follow();
    let ways = ways.get(..if situation.renames { ways.len() } else { 1 });
    let outcomes = ways.unwrap_or_default().iter().map(|files| {
        let mut stage = Stage::new(agent, shared, situation, *files);
        let outcome = (situation.run)(&mut stage);
        println!("{} {} {files:?}: {outcome}", situation.id, agent.name());
        outcome
    });
    let best = outcomes.reduce(|best, other| match best.is_worse_than(&other) {
        true => other,
        false => best,
    });
    best.expect("there is a way to set up the agent")
}

/// Runs the situations on a server, and returns in which of them traceship is worse than another agent.
fn compare(product: Product, situations: &[Situation]) -> Vec<String> {
    let agents: Vec<_> = AGENTS
        .into_iter()
        .filter(|agent| agent.speaks_to(product) && is_chosen("AGENTS", agent.name()))
        .collect();
    let chosen: Vec<_> = situations
        .iter()
        .filter(|situation| is_chosen("SITUATIONS", situation.id))
        .collect();
    let mut table = Table::new(&agents);
    let mut worse = Vec::new();
    let shared = (product == Product::OpenSearch && !chosen.is_empty())
        .then(|| LogServer::start(Product::OpenSearch));
    for situation in chosen {
        let outcomes: Vec<Outcome> = agents
            .iter()
            .map(|agent| best(*agent, shared.as_ref(), situation))
            .collect();
        if let Some((ours, others)) = outcomes.split_first() {
            worse.extend(
                others
                    .iter()
                    .zip(agents.iter().skip(1))
                    .filter(|(other, _)| ours.is_worse_than(other))
                    .map(|(other, agent)| {
                        format!("{}: {ours}, but {}: {other}", situation.id, agent.name())
                    }),
            );
        }
        table.row(situation, &outcomes);
    }
    table.print(product);
    worse
}

#[test]
#[ignore = "needs real agents and VictoriaLogs: see the top of tests/agents/main.rs"]
fn no_agent_loses_fewer_lines_or_repeats_fewer_than_traceship() {
    let worse = compare(Product::VictoriaLogs, &situations::ALL);
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

#[test]
#[ignore = "needs real agents and OpenSearch: see the top of tests/agents/main.rs"]
fn where_lines_have_ids_no_agent_loses_fewer_lines_or_repeats_fewer_than_traceship() {
    let worse = compare(Product::OpenSearch, &situations::WITH_IDS);
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

#[test]
#[ignore = "needs real agents and VictoriaLogs: see the top of tests/agents/main.rs"]
fn no_agent_takes_less_cpu_for_idle_files_than_traceship() {
    let worse = cost::idle_files();
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

#[test]
#[ignore = "needs real agents and VictoriaLogs: see the top of tests/agents/main.rs"]
fn no_agent_takes_less_cpu_per_line_than_traceship() {
    let worse = cost::lines();
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}
