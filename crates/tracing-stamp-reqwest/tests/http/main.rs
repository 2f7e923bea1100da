//! Requests of reqwest, and traces across several services, with real servers where they matter.

mod backends;
mod conformance;
mod sent;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../tests/setup/servers.rs"]
mod servers;
mod shop;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../tests/http/support.rs"]
mod support;

use self::support::*;
