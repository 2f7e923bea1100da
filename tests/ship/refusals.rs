//! What Loki refuses, against a stand-in that keeps its rules.

use super::{
    Folder, append, line,
    loki::Rules,
    server::Server,
    shipper,
    storm::{Backend, Found, number, storm},
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

/// A line that was written so many hours ago; negative: in the future.
fn line_of(hours_ago: i64) -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    let nanos = now - i128::from(hours_ago) * 3_600_000_000_000;
    let time = jiff::Timestamp::from_nanosecond(nanos).expect("in range");
    format!(
        "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"{hours_ago} hours ago\",\"service.name\":\"orders\"}}\n"
    )
}

/// A hundred right lines; among them one that is too long, one that is behind the others, one that is too old, and one of the future.
pub(crate) fn lines() -> String {
    let text = |numbers: std::ops::Range<u64>| numbers.map(line).collect::<String>();
    let long = format!("{}\n", "x".repeat(300 << 10));
    let (behind, old, new) = (line_of(3), line_of(24 * 8), line_of(-1));
    format!("{}{long}{behind}{old}{new}{}", text(0..50), text(50..100))
}

/// Fails unless these three were set aside, and the long one was cut.
pub(crate) fn check(report: &Report, folder: &Folder) {
    let stats = report.stats();
    assert_eq!(
        (stats.shipped(), stats.rejected(), stats.cut()),
        (101, 3, 1)
    );
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("it is there");
    let rejected: Vec<&str> = rejected.lines().collect();
    for (line, why) in [
        ("192 hours ago", "too old"),
        ("-1 hours ago", "too new"),
        ("\"3 hours ago", "too far behind"),
    ] {
        let is_it = |text: &&str| text.contains(line) && text.contains(why);
        assert!(rejected.iter().any(is_it), "{rejected:?}");
    }
}

#[test]
fn lokis_refusals_set_aside_what_it_refuses_alone() {
    let (folder, server) = (Folder::new(), Rules::new().start());
    append(&folder.at("orders.jsonl"), &lines());
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    check(&report, &folder);
    assert_eq!(server.numbers(), (0..100).collect::<Vec<_>>(), "each once");
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("it is there");
    assert!(
        rejected.contains(r#"{level=\"info\", service_name=\"orders\"}"#),
        "{rejected}"
    );
}

#[test]
fn of_a_batch_the_stream_with_too_many_labels_alone_is_set_aside() {
    let (folder, server) = (Folder::new(), Rules::new().start());
    // With `service_name` they are 15, and with `level` one too many.
    let mut loki = Loki::new(server.url().as_str()).expect("an address");
    for number in 0..14 {
        loki = loki
            .with_label(&format!("label_{number}"), "x")
            .expect("right");
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
        .expect("it ships");
    let stats = report.stats();
    assert_eq!((stats.shipped(), stats.rejected()), (20, 20));
    assert_eq!(server.numbers(), (0..20).collect::<Vec<_>>());
    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("it is there");
    assert!(
        rejected.contains("has 16 label names; limit 15"),
        "{rejected}"
    );
}

#[test]
fn a_loki_that_limits_its_rate_or_is_not_ready_gets_every_line_once_it_takes_them() {
    let rules = Rules::new()
        .with_rate(400_000, 100_000)
        .ready_after(Duration::from_millis(300));
    let (folder, server) = (Folder::new(), rules.start());
    append(
        &folder.at("orders.jsonl"),
        &(0..2_000).map(line).collect::<String>(),
    );
    let shipper = shipper(&server, &folder.0).with_batch_bytes(64 << 10);
    let report = shipper.run_once().expect("it ships");
    assert_eq!(server.numbers(), (0..2_000).collect::<Vec<_>>());
    let stats = report.stats();
    assert_eq!((stats.shipped(), stats.rejected()), (2_000, 0));
    assert!(stats.retried() >= 2, "{stats:?}");
}

#[test]
fn an_agents_metadata_that_is_no_string_is_refused_and_the_rest_of_its_push_is_kept() {
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
        .expect("a response");
    let body = response.body_mut().read_to_string().expect("text");
    assert_eq!(response.status(), 400, "{body}");
    assert!(body.contains(r#"{service_name="orders"}"#), "{body}");
    let [kept] = server.kept().try_into().expect("one");
    assert_eq!(kept.line, "two");
    let ready = agent
        .get(format!("{url}/ready"))
        .call()
        .expect("a response");
    assert_eq!(ready.status(), 200);
}

/// The stand-in in a storm.
struct StandIn {
    server: Server,
    is_down: Arc<AtomicBool>,
}

impl StandIn {
    fn start() -> Self {
        let is_down = Arc::new(AtomicBool::new(false));
        let of_server = Arc::clone(&is_down);
        // A storm pushes in seconds what others push in hours.
        let mut rules = Rules::new().with_rate(u32::MAX, u32::MAX);
        let mut requests = 0;
        let server = Server::start(move |came| {
            requests += 1;
            let act = rules.judge(came);
            match of_server.load(SeqCst) {
                // It ends before or after it has kept the push.
                true if requests % 2 == 0 => super::server::Act::TakeAndHangUp,
                true => super::server::Act::HangUp,
                false => act,
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
        for kept in self.server.kept() {
            assert!(kept.labels.contains(service), "{}", kept.labels);
            let copy = (kept.nanos.to_string(), kept.line);
            found.entry(number(&copy.1)).or_default().push(copy);
        }
        found
    }
}

#[test]
fn while_everything_is_killed_a_server_with_lokis_rules_has_each_line_exactly_once() {
    storm(&mut StandIn::start(), 20_000).assert_each_once();
}
