//! Traces over HTTP, with real servers and clients where they matter.

mod bodies;
mod called;
mod edges;
mod filtered;
mod hostile;
mod memory;
mod sent;
mod served;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../setup/servers.rs"]
mod servers;
mod strangers;
mod support;

use self::support::*;
