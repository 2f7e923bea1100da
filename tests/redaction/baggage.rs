//! Members of the baggage.

use super::{REDACTED, SECRET, TOKEN, assert_redacted};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _};
use tracing::info;
use tracing_stamp::Redaction;

#[test]
fn a_member_with_a_secret_key_is_redacted() {
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        let members = [KeyValue::new("api-key", SECRET)];
        let _attached = Context::current_with_baggage(members).attach();
        info!("login");
    });
}

#[test]
fn a_secret_within_a_value_is_redacted() {
    assert_redacted(&Redaction::new().secrets(), "got [redacted]", || {
        let members = [KeyValue::new("note", format!("got {TOKEN}"))];
        let _attached = Context::current_with_baggage(members).attach();
        info!("login");
    });
}
