//! The storm over each server.

use super::{run::run, target};

#[test]
#[ignore = "needs logrotate, and takes a minute"]
fn a_stand_in_with_lokis_rules_gets_each_own_line_once_and_all_others() {
    run("stand-in", target::StandIn::start);
}

#[test]
#[ignore = "needs logrotate and a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn victorialogs_gets_all_lines_and_repeats_of_own_ones_are_equal() {
    run("VictoriaLogs", target::VictoriaLogs::start);
}

#[test]
#[ignore = "needs logrotate and a real OpenSearch: tests/servers/opensearch.sh install"]
fn opensearch_gets_each_own_line_once_and_all_others() {
    run("OpenSearch", target::OpenSearch::start);
}

#[test]
#[ignore = "needs logrotate and a Loki of your own: LOKI_URL"]
fn your_loki_gets_each_own_line_once_and_all_others() {
    if let Some(loki) = target::OwnLoki::named() {
        run("your Loki", || loki);
    }
}
