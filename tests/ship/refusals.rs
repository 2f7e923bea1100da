//! Lines that Loki refuses, tested against a stand-in with Loki's rules.

use super::{
    Folder, append,
    chaos::{Backend, Found, number, run_chaos},
    line,
    loki::Rules,
    server::Server,
    shipper,
};
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tracing_stamp::ship::{Loki, Report, Shipper};

/// Returns a line that was written this many hours ago. A negative number is in the future.
fn line_of(hours_ago: i64) -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    let nanos = now - i128::from(hours_ago) * 3_600_000_000_000;
    let time = jiff::Timestamp::from_nanosecond(nanos).expect("the time is in range");
    format!(
        "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"{hours_ago} hours ago\",\"service.name\":\"orders\"}}\n"
    )
}

/// Returns a hundred valid lines, and among them one line that is too long, one that is too far behind the others, one that is too old, and
/// one from the future.
pub(crate) fn lines() -> String {
    let text = |numbers: std::ops::Range<u64>| numbers.map(line).collect::<String>();
    let long = format!("{}\n", "x".repeat(300 << 10));
    let (behind, old, new) = (line_of(3), line_of(24 * 8), line_of(-1));
    format!("{}{long}{behind}{old}{new}{}", text(0..50), text(50..100))
}

/// Fails unless the last three were rejected, and the long one was cut.
pub(crate) fn check(report: &Report, folder: &Folder) {
    let stats = report.stats();
    assert_eq!(
        (stats.shipped(), stats.rejected(), stats.cut()),
        (101, 3, 1)
    );
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("the file exists");
    let rejected: Vec<&str> = rejected.lines().collect();
    for (line, why) in [
        ("192 hours ago", "too old"),
        ("-1 hours ago", "too new"),
        ("\"3 hours ago", "too far behind"),
    ] {
        let matches = |text: &&str| text.contains(line) && text.contains(why);
        assert!(rejected.iter().any(matches), "{rejected:?}");
    }
}

#[test]
fn only_the_lines_that_loki_refuses_are_rejected() {
    let (folder, server) = (Folder::new(), Rules::new().start());
    append(&folder.at("orders.jsonl"), &lines());
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    check(&report, &folder);
    assert_eq!(
        server.numbers(),
        (0..100).collect::<Vec<_>>(),
        "each line is stored once"
    );
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("the file exists");
    assert!(
        rejected.contains(r#"{level=\"info\", service_name=\"orders\"}"#),
        "{rejected}"
    );
}

#[test]
fn of_a_batch_only_the_stream_with_too_many_labels_is_rejected() {
    let (folder, server) = (Folder::new(), Rules::new().start());
    // With `service_name` there are 15 labels, and with `level` one too many.
    let mut loki = Loki::new(server.url().as_str()).expect("the address is valid");
    for number in 0..14 {
        loki = loki
            .with_label(&format!("label_{number}"), "x")
            .expect("the setting is valid");
    }
    let text: String = (0..20).map(line).collect();
    let without_level = text.replace("\"level\":\"INFO\",", "");
    append(
        &folder.at("orders.jsonl"),
        &format!("{text}{without_level}"),
    );
    let report = Shipper::new(loki)
        .with_files(&folder.0)
        .with_diagnostics(|_| ())
        .run_once()
        .expect("shipping succeeds");
    let stats = report.stats();
    assert_eq!((stats.shipped(), stats.rejected()), (20, 20));
    assert_eq!(server.numbers(), (0..20).collect::<Vec<_>>());
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("the file exists");
    assert!(
        rejected.contains("has 16 label names; limit 15"),
        "{rejected}"
    );
}

#[test]
fn a_loki_that_limits_its_rate_or_is_not_ready_gets_every_line_in_the_end() {
    let rules = Rules::new()
        .with_rate(400_000, 100_000)
        .ready_after(Duration::from_millis(300));
    let (folder, server) = (Folder::new(), rules.start());
    append(
        &folder.at("orders.jsonl"),
        &(0..2_000).map(line).collect::<String>(),
    );
    let shipper = shipper(&server, &folder.0).with_batch_bytes(64 << 10);
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(server.numbers(), (0..2_000).collect::<Vec<_>>());
    let stats = report.stats();
    assert_eq!((stats.shipped(), stats.rejected()), (2_000, 0));
    assert!(stats.retried() >= 2, "{stats:?}");
}

#[test]
fn the_stand_in_refuses_metadata_that_is_not_a_string_and_keeps_the_rest_of_the_push() {
    let server = Rules::new().start();
    let now = jiff::Timestamp::now().as_nanosecond();
    let push = serde_json::json!({ "streams": [{ "stream": { "service_name": "orders" }, "values": [
        [now.to_string(), "one", { "trace_id": 7 }],
        [now.to_string(), "two", { "trace_id": "7" }],
    ] }] });
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let url = server.url();
    let mut response = agent
        .post(format!("{url}/loki/api/v1/push"))
        .header("content-type", "application/json")
        .send(push.to_string())
        .expect("the server responds");
    let body = response
        .body_mut()
        .read_to_string()
        .expect("it is a string");
    assert_eq!(response.status(), 400, "{body}");
    assert!(body.contains(r#"{service_name="orders"}"#), "{body}");
    let [entry] = server.entries().try_into().expect("there is one");
    assert_eq!(entry.line, "two");
    let ready = agent
        .get(format!("{url}/ready"))
        .call()
        .expect("the server responds");
    assert_eq!(ready.status(), 200);
}

/// The stand-in as a backend of a chaos test.
struct StandIn {
    server: Server,
    is_down: Arc<AtomicBool>,
}

impl StandIn {
    fn start() -> Self {
        let is_down = Arc::new(AtomicBool::new(false));
        let of_server = Arc::clone(&is_down);
        // The chaos test pushes lines much faster than Loki's default rate allows.
        let mut rules = Rules::new().with_rate(u32::MAX, u32::MAX);
        let mut requests = 0;
        let server = Server::start(move |request| {
            requests += 1;
            let action = rules.judge(request);
            match of_server.load(SeqCst) {
                // The server ends before or after it has stored the push.
                true if requests % 2 == 0 => super::server::Action::AcceptAndHangUp,
                true => super::server::Action::HangUp,
                false => action,
            }
        });
        Self { server, is_down }
    }
}

impl Backend for StandIn {
    fn url(&self) -> String {
        self.server.url()
    }

    fn target(&self, url: &str) -> String {
        format!("loki={url}")
    }

    fn interrupt(&mut self, pause: Duration) {
        self.is_down.store(true, SeqCst);
        std::thread::sleep(pause);
        self.is_down.store(false, SeqCst);
    }

    fn interruptions(&self) -> u64 {
        8
    }

    fn found(&self, service: &str) -> Found {
        let mut found = Found::new();
        for entry in self.server.entries() {
            assert!(entry.labels.contains(service), "{}", entry.labels);
            let copy = (entry.nanos.to_string(), entry.line);
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        found
    }
}

#[test]
fn while_all_processes_are_killed_a_server_with_lokis_rules_has_each_line_exactly_once() {
    run_chaos(&mut StandIn::start(), 20_000).assert_each_once();
}
