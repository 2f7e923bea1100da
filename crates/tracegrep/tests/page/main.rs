//! The page, in a real browser. These tests need Chromium and chromedriver:
//!
//! ```sh
//! tests/servers/chromium.sh install
//! cargo test --package tracegrep --test page -- --ignored
//! ```

mod appearance;
mod browser;
mod filters;
mod hostile;
mod keys;
mod large;
mod rows;
#[path = "../support/mod.rs"]
mod support;
mod zoom;

use browser::Browser;
use serde_json::Value;
use support::{failing_request, trace};
use tracegrep::Tree;

/// Opens the page of a trace with these lines.
fn page_of(lines: &[Value]) -> Browser {
    Browser::open(&tracegrep::html(&Tree::of(&trace(lines))))
}

/// The rows of the failing request.
const ALL_ROWS: [&str; 13] = [
    "POST /checkout/{id}",
    "request started",
    "place order",
    "order received",
    "POST /charge",
    "connecting",
    "card declined",
    "注文は在庫が少ない 🙈",
    "missing parent eeeeeeeeeeeeeeee",
    "span dddddddddddddddd",
    "mail queued",
    "mail sent",
    "outside of all spans",
];

fn failing_page() -> Browser {
    page_of(&failing_request())
}
