//! The message of a panic.

use super::{
    REDACTED, SECRET, TOKEN,
    support::{Line, Lines},
};
use tracing::info_span;
use tracing_stamp::{Redaction, writer::log_panics};
use tracing_subscriber::prelude::*;

/// The only test of this process that panics on purpose.
#[test]
fn the_message_of_a_panic_is_redacted() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    log_panics(|| ());
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_redaction(Redaction::new().secrets())
        .with_diagnostics(|_| ());
    let subscriber = tracing_subscriber::registry().with(layer);
    let caught = tracing::subscriber::with_default(subscriber, || {
        std::panic::catch_unwind(|| {
            let _span = info_span!("login", password = SECRET).entered();
            panic!("cannot verify {TOKEN}");
        })
    });
    std::panic::set_hook(previous);
    assert!(caught.is_err());
    let all = lines.all();
    let [line]: [Line; 1] = all.try_into().expect("one line");
    assert_eq!(line.get("message"), "cannot verify [redacted]");
    assert_eq!(line.get("password"), REDACTED);
}
