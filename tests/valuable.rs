//! Values of `valuable`. `.ci/long` runs this with `--cfg tracing_unstable`, without which `tracing` does not support them.
#![cfg(tracing_unstable)]
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use std::collections::BTreeMap;
use support::Lines;
use tracing::{field::valuable, info, info_span};
use tracing_subscriber::prelude::*;
use valuable::Valuable;

#[derive(Valuable)]
struct Order {
    id: u64,
    paid: bool,
    price: f64,
    items: Vec<&'static str>,
    address: Address,
    note: Option<String>,
}

#[derive(Valuable)]
struct Address {
    city: &'static str,
}

#[derive(Valuable)]
struct Pair(i32, i32);

#[derive(Valuable)]
enum State {
    Open,
    Shipped { by: &'static str },
    Returned(u8),
}

#[test]
fn values_of_valuable_are_json_with_their_own_types() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let order = Order {
        id: 7,
        paid: true,
        price: 9.5,
        items: vec!["a \"book\"", "a\u{1b}pen"],
        address: Address { city: "Köln" },
        note: None,
    };
    let states = [
        State::Open,
        State::Shipped { by: "rail" },
        State::Returned(3),
    ];
    let counts = BTreeMap::from([(1, "one"), (2, "two")]);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info_span!("request", pair = valuable(&Pair(1, -2))).in_scope(|| {
            info!(
                order = valuable(&order),
                states = valuable(&states),
                counts = valuable(&counts),
                plain = valuable(&5_u8),
                "hello"
            );
        });
    });
    let line = lines.with_message("hello");
    let expected = serde_json::json!({
        "id": 7,
        "paid": true,
        "price": 9.5,
        "items": ["a \"book\"", "a\u{1b}pen"],
        "address": {"city": "Köln"},
        "note": null,
    });
    assert_eq!(line.get("order"), &expected);
    let expected = serde_json::json!(["Open", {"Shipped": {"by": "rail"}}, {"Returned": [3]}]);
    assert_eq!(line.get("states"), &expected);
    assert_eq!(
        line.get("counts"),
        &serde_json::json!({"1": "one", "2": "two"})
    );
    assert_eq!(line.get("pair"), &serde_json::json!([1, -2]));
    assert_eq!(line.get("plain"), 5);
}
