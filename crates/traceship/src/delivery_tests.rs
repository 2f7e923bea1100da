//! Tests of the delivery of batches, to a server whose responses a test decides.

use super::{
    batch::Batch,
    body::Body,
    delivery::Delivery,
    elasticsearch::Elasticsearch,
    loki::Loki,
    parked::ParkedRequests,
    record_file::RecordFile,
    reporter::Reporter,
    server::Server,
    stats::Stats,
    target::Target,
    test_server::{Response, TestServer},
};
use crate::diagnosis::Diagnostics;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A delivery to a server, whose responses a test decides by the text of a request.
struct Setup {
    delivery: Delivery,
    server: TestServer,
    rejected: PathBuf,
    waiting: PathBuf,
}

impl Setup {
    /// A delivery to Loki.
    fn new(name: &str, respond: impl FnMut(&str) -> Response + Send + 'static) -> Self {
        let loki = |url: &str| Loki::new(url).expect("the address is valid").into();
        Self::to(loki, name, respond)
    }

    fn to(
        target: impl FnOnce(&str) -> Target,
        name: &str,
        respond: impl FnMut(&str) -> Response + Send + 'static,
    ) -> Self {
        let server = TestServer::start(respond);
        let target = target(&server.url());
        let name = format!("delivery-{name}-{}.jsonl", std::process::id());
        let rejected = std::env::temp_dir().join(name);
        let waiting = rejected.with_extension("waiting");
        for path in [&rejected, &waiting] {
            let _ = std::fs::remove_file(path);
        }
        let client = target.client();
        let reporter = Reporter::new(Diagnostics::Callback(Arc::new(|_| ())), "test".to_owned());
        let delivery = Delivery::new(
            target,
            client,
            RecordFile::new(rejected.clone()),
            ParkedRequests::new(RecordFile::new(waiting.clone()), true),
            Stats::default(),
            Arc::new(reporter),
            Arc::default(),
        );
        Self {
            delivery,
            server,
            rejected,
            waiting,
        }
    }

    /// Makes this a delivery that waits for no line, and does not end before everything is delivered.
    fn without_waiting(mut self) -> Self {
        self.delivery.parked = ParkedRequests::none();
        self.delivery.control.stop(Duration::MAX);
        self
    }

    fn deliver(&self, text: &str) {
        let batch = Batch::of_text(text);
        let delivered = self.delivery.deliver(&batch, &mut Body::default());
        assert!(delivered.is_ok(), "nothing stops the delivery");
    }

    /// Returns the numbers of shipped and of rejected lines.
    fn counts(&self) -> (u64, u64) {
        (
            self.delivery.stats.shipped(),
            self.delivery.stats.rejected(),
        )
    }

    fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !is_so(self) {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "{:?}",
                self.counts()
            );
            std::thread::sleep(Duration::from_millis(5));
            self.delivery.retry_parked(&mut Body::default());
        }
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        for path in [&self.rejected, &self.waiting] {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn refuse_if(condition: bool, status: u16, why: &str) -> Response {
    match condition {
        true => Response::new(status, why),
        false => Response::new(204, ""),
    }
}

#[test]
fn a_single_line_is_rejected_only_after_the_server_has_accepted_others() {
    let setup = Setup::new("single", |text| {
        refuse_if(text.contains("bad"), 400, "no such thing")
    });
    setup.deliver("bad\n");
    assert_eq!(setup.counts(), (0, 0));
    let waiting = std::fs::read_to_string(&setup.waiting).expect("the file exists");
    assert!(waiting.contains("no such thing"), "{waiting}");
    assert!(!setup.rejected.exists());
    // While there are no other lines, the line is not given up.
    std::thread::sleep(Duration::from_millis(100));
    setup.delivery.retry_parked(&mut Body::default());
    assert_eq!(setup.counts(), (0, 0));
    let delivered = std::cell::Cell::new(0);
    setup.wait_until(|setup| {
        setup.deliver("good\n");
        delivered.set(delivered.get() + 1);
        setup.counts() == (delivered.get(), 1)
    });
    let rejected = std::fs::read_to_string(&setup.rejected).expect("the file exists");
    assert!(rejected.contains("no longer waited for"), "{rejected}");
    assert!(!setup.waiting.exists());
}

#[test]
fn single_lines_arrive_after_a_setting_is_repaired() {
    let is_broken = Arc::new(Mutex::new(5));
    let setup = Setup::new("setting", move |_| {
        let mut left = is_broken.lock().expect("no thread has panicked");
        *left = u32::saturating_sub(*left, 1);
        refuse_if(*left > 0, 400, "no such thing")
    });
    setup.deliver("one\n");
    setup.deliver("two\n");
    setup.wait_until(|setup| setup.counts() == (2, 0));
}

#[test]
fn a_line_that_is_too_new_is_sent_later_and_holds_up_no_other_line() {
    let mut refusals = 3;
    let setup = Setup::new("new", move |text| {
        let is_new = text.contains("tomorrow") && refusals > 0;
        refusals -= u32::from(is_new);
        refuse_if(
            is_new,
            400,
            "entry for stream '{}' has timestamp too new: …",
        )
    });
    let time = |seconds: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("the clock is after 1970").as_secs() + seconds
    };
    let (soon, far) = (time(1), time(200_000));
    setup.deliver(&format!(
        "{{\"time\":{},\"n\":1}}\n{{\"time\":{soon},\"n\":\"tomorrow\"}}\n",
        time(0)
    ));
    assert_eq!(setup.counts(), (1, 0));
    setup.wait_until(|setup| setup.counts() == (2, 0));

    let setup = Setup::new("far", |text| {
        refuse_if(text.contains("far"), 400, "has timestamp too new")
    });
    setup.deliver(&format!("{{\"time\":{far},\"n\":\"far\"}}\n"));
    assert_eq!(setup.counts(), (0, 1));
}

#[test]
fn after_a_time_out_a_batch_is_sent_in_smaller_parts() {
    let setup = Setup::new("slow", |text| match text.len() > 40_000 {
        true => Response::Stall,
        false => Response::new(204, ""),
    });
    let text: String = (0..1_000).map(|n| format!("{n:099}\n")).collect();
    setup.deliver(&text);
    assert_eq!(setup.counts(), (1_000, 0));
    assert!(setup.delivery.part_size.is_above(100_000));
    // The smaller size is remembered, and grows again as requests succeed.
    let requests = setup.server.requests();
    setup.deliver(&text[..20_000]);
    assert_eq!(setup.server.requests() - requests, 1);
}

#[test]
fn while_the_server_fails_with_every_line_nothing_is_rejected() {
    let mut left = 30;
    let setup = Setup::new("failing", move |_| {
        left = u32::saturating_sub(left, 1);
        refuse_if(left > 0, 500, "out of order")
    });
    // Each pause is as short as possible, so that the test is.
    let text: String = (0..100).map(|n| format!("line {n}\n")).collect();
    setup.deliver(&text);
    assert_eq!(setup.counts(), (100, 0));
    assert!(!setup.rejected.exists());
}

#[test]
fn a_back_fill_rejects_a_line_with_which_the_server_fails_after_many_attempts() {
    let setup = Setup::new("once", |text| {
        refuse_if(text.contains("bad"), 500, "out of order")
    })
    .without_waiting();
    let text: String = (0..20).map(|n| format!("line {n}\n")).collect();
    setup.deliver(&format!("{text}bad\n{text}"));
    assert_eq!(setup.counts(), (40, 1));
}

/// A delivery to Elasticsearch. Each item of a bulk request is refused if `refuse` says so for its number among all items.
fn elasticsearch(name: &str, mut refuse: impl FnMut(usize) -> bool + Send + 'static) -> Setup {
    let target = |url: &str| Elasticsearch::new(url, "logs").expect("it is valid").into();
    let mut number = 0;
    Setup::to(target, name, move |text| {
        let mut item = |_| {
            number += 1;
            match refuse(number) {
                true => format!(
                    r#"{{"create":{{"status":400,"error":{{"type":"odd","reason":"[{number}] is odd"}}}}}}"#
                ),
                false => r#"{"create":{"status":201}}"#.to_owned(),
            }
        };
        let items: Vec<_> = text.lines().step_by(2).map(&mut item).collect();
        let body = format!(r#"{{"errors":true,"items":[{}]}}"#, items.join(","));
        Response::new(200, &body)
    })
}

#[test]
fn if_elasticsearch_refuses_every_line_with_the_same_message_none_is_rejected() {
    let setup = elasticsearch("alike", |number| number <= 12);
    setup.deliver("a\nb\nc\nd\n");
    assert_eq!(setup.counts(), (4, 0));
    assert_eq!(setup.server.requests(), 4);
}

#[test]
fn if_elasticsearch_accepts_some_lines_the_others_are_rejected() {
    let setup = elasticsearch("some", |number| number % 2 == 0);
    setup.deliver("a\nb\nc\nd\n");
    assert_eq!(setup.counts(), (2, 2));
    assert_eq!(setup.server.requests(), 1);
}

#[test]
fn a_line_that_the_server_has_already_counts_as_shipped_and_as_repeated() {
    let target = |url: &str| Elasticsearch::new(url, "logs").expect("it is valid").into();
    let setup = Setup::to(target, "repeated", |text| {
        let item =
            |_| r#"{"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}"#;
        let items: Vec<_> = text.lines().step_by(2).map(item).collect();
        let body = format!(r#"{{"errors":true,"items":[{}]}}"#, items.join(","));
        Response::new(200, &body)
    });
    setup.deliver("a\nb\n");
    setup.deliver("c\n");
    assert_eq!(
        (setup.counts(), setup.delivery.stats.repeated()),
        ((3, 0), 3)
    );
    assert!(setup.delivery.stats.last_success().is_some());
}

#[test]
fn rejected_lines_are_counted_by_reason() {
    let setup = Setup::new("reasons", |text| {
        let why = match text {
            text if text.contains("old") => "has timestamp too old",
            text if text.contains("long") => "Max entry size '3' bytes exceeded",
            text if text.contains("bad") => "no such thing",
            _ => return Response::new(204, ""),
        };
        Response::new(400, why)
    })
    .without_waiting();
    setup.deliver("old\n");
    setup.deliver("long\n");
    setup.deliver("good\nbad\n");
    let stats = &setup.delivery.stats;
    let counted: Vec<_> = stats
        .rejected_by_reason()
        .filter(|(_, lines)| *lines > 0)
        .collect();
    assert_eq!(counted, [("too_old", 1), ("too_long", 1), ("unknown", 1)]);
    assert_eq!(setup.counts(), (1, 3));
}

#[test]
fn certificates_are_read_again_only_by_a_new_client() {
    let path = std::env::temp_dir().join(format!("delivery-roots-{}.pem", std::process::id()));
    let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    std::fs::write(&path, certificate).expect("the file is written");
    let target = |url: &str| {
        let server = Server::new(url)
            .expect("the address is valid")
            .with_roots(&path);
        Loki::new(server).expect("it is valid").into()
    };
    let setup = Setup::to(target, "roots", |_| Response::new(204, ""));
    setup.deliver("a\n");
    std::fs::remove_file(&path).expect("the file exists");
    setup.deliver("b\n");
    assert_eq!(setup.counts(), (2, 0));
    setup.delivery.renew_client();
    setup.delivery.control.stop(Duration::from_millis(200));
    let delivered = setup
        .delivery
        .deliver(&Batch::of_text("c\n"), &mut Body::default());
    assert!(delivered.is_err(), "the time is over");
    let why = setup.delivery.reporter.health.ready();
    assert!(why.expect_err("it is missing").contains("roots"));
}
