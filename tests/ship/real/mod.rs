//! Tests against servers that others wrote. The scripts of `tests/servers` build and start VictoriaLogs, OpenSearch and a collector.
//! A Loki is never started here: its tests run where `LOKI_URL` names one.

mod collector;
mod loki;
mod opensearch;
mod victorialogs;
