//! Tests against real servers. The scripts of `tests/servers` build and start VictoriaLogs, OpenSearch and a collector. Loki is never started
//! here: its tests run against the Loki that `LOKI_URL` names.

mod collector;
pub(crate) mod loki;
pub(crate) mod opensearch;
pub(crate) mod victorialogs;
