//! The counts of redacted values.

use super::support::Lines;
use tracing::info;
use tracing_stamp::{Redaction, RuleCount, Schema};
use tracing_subscriber::prelude::*;

fn counted(counts: &[RuleCount]) -> Vec<(&str, u64)> {
    let counts = counts.iter().map(|rule| (&*rule.rule, rule.count));
    counts.collect()
}

#[test]
fn the_statistics_count_by_rule_whatever_is_set_later() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer();
    let early = layer.stats();
    assert!(early.redacted().is_empty());
    let layer = layer
        .with_redaction(Redaction::new().secret_keys().key("iban"))
        .with_schema(Schema::ecs())
        .with_writer(lines.clone());
    let late = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for _ in 0..3 {
            info!(password = 1, iban = 2, plain = 3);
        }
        info!(iban = 2, has_password = true);
    });
    for stats in [early, late] {
        assert_eq!(counted(&stats.redacted()), [("password", 3), ("iban", 4)]);
    }
}

#[test]
fn later_rules_replace_earlier_ones() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_redaction(Redaction::new().key("a"))
        .with_redaction(Redaction::new().key("b"))
        .with_writer(lines.clone());
    let stats = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info!(a = 1, b = 2);
    });
    assert!(lines.text().contains(r#""a":1,"b":"[redacted]""#));
    assert_eq!(counted(&stats.redacted()), [("b", 1)]);
}
