//! Messages of panics.

use super::{all_rules, case::table, faults::Faults, support::Lines};
use std::{panic, thread};
use tracing_stamp::writer::log_panics;
use tracing_subscriber::prelude::*;

/// The only test of this process that panics on purpose.
#[test]
fn no_secret_is_left_in_the_message_of_a_panic_and_no_look_alike_is_harmed() {
    let (print, this) = (panic::take_hook(), thread::current().id());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != this {
            print(info);
        }
    }));
    log_panics(|| ());
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_redaction(all_rules())
        .with_diagnostics(|_| ());
    let mut outputs = Vec::new();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for case in table() {
            lines.clear();
            let text = case.sentence();
            assert!(panic::catch_unwind(|| panic!("{text}")).is_err());
            outputs.push((case, lines.text()));
        }
    });
    // The default hook, which prints the faults.
    drop(panic::take_hook());
    let mut faults = Faults::default();
    for (case, text) in outputs {
        faults.check_lines(case, "panic", &text);
    }
    faults.assert_none(table().len());
}
