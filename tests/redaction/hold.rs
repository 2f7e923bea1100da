//! Lines that are held.

use super::{
    REDACTED, SECRET, TOKEN,
    support::{Lines, context},
};
use tracing::{debug, error, info_span};
use tracing_stamp::{Hold, Redaction};
use tracing_subscriber::prelude::*;

#[test]
fn held_lines_are_redacted() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_hold(Hold::new())
        .with_redaction(Redaction::new().secrets())
        .with_context_source(context)
        .with_diagnostics(|_| ());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let _span = info_span!("login").entered();
        debug!(password = SECRET, "got {TOKEN}");
        error!("failed");
    });
    let held = lines.with_message("got [redacted]");
    assert_eq!(held.get("held"), true);
    assert_eq!(held.get("password"), REDACTED);
}
