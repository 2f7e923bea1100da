//! The table of situations and agents, in Markdown.

use super::{log_server::Product, outcome::Outcome, set_up::Agent, situations::Situation};

pub(crate) struct Table {
    head: String,
    rows: Vec<String>,
}

impl Table {
    pub(crate) fn new(agents: &[Agent]) -> Self {
        let names: String = agents
            .iter()
            .map(|agent| format!(" {} |", agent.name()))
            .collect();
        let line = "---|".repeat(agents.len());
        Self {
            head: format!("| situation | written |{names}\n|---|--:|{line}"),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, situation: &Situation, outcomes: &[Outcome]) {
        let written = outcomes
            .iter()
            .map(|outcome| outcome.written)
            .max()
            .unwrap_or(0);
        let cells: String = outcomes
            .iter()
            .map(|outcome| format!(" {outcome} |"))
            .collect();
        self.rows.push(format!(
            "| {}: {} | {written} |{cells}",
            situation.id, situation.what
        ));
    }

    pub(crate) fn print(&self, product: Product) {
        if !self.rows.is_empty() {
            println!(
                "\n{product:?}:\n\n{}\n{}\n",
                self.head,
                self.rows.join("\n")
            );
        }
    }
}
