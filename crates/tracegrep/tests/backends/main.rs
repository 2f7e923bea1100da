//! Lines and spans of servers. Tests with real servers are ignored by default: the scripts of `tests/servers` at the root install them.

mod failures;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../traceship/tests/support/http.rs"]
mod http;
mod jaeger;
mod loki;
mod loki_stand_in;
mod opensearch;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../tests/setup/servers.rs"]
mod servers;
mod shop;
#[path = "../support/mod.rs"]
mod support;
mod victorialogs;
