//! Tests against a real collector that forwards to a real VictoriaLogs.

use super::victorialogs::VictoriaLogs;
use crate::{Folder, append, line, servers::Server};
use tracing_stamp::ship::{Otlp, Shipper};

#[test]
#[ignore = "needs a real VictoriaLogs and a collector: tests/servers/victorialogs.sh install, tests/servers/jaeger.sh install"]
fn through_a_real_collector_a_trace_is_found_by_its_id() {
    let folder = Folder::new();
    let server = VictoriaLogs::start();
    let to = format!("{}/insert/opentelemetry", server.url());
    let collector = Server::start("jaeger.sh", &["start-collector", &to]);
    append(
        &folder.at("orders.jsonl"),
        &(0..50).map(line).collect::<String>(),
    );
    let target =
        Otlp::new(collector.address("COLLECTOR_OTLP_HTTP").as_str()).expect("the setting is valid");
    let report = Shipper::new(target)
        .with_files(&folder.0)
        .run_once()
        .expect("shipping succeeds");
    let stats = report.stats();
    assert_eq!((stats.shipped(), stats.rejected()), (50, 0));
    let query = format!("{{service.name=\"orders\"}} trace_id:=\"{:032x}\"", 8);
    let [found] = server.found(&query, 1).try_into().expect("there is one");
    assert_eq!(found["_msg"], "line", "the message is the body");
    assert_eq!(found["severity_text"], "INFO", "{found}");
}
