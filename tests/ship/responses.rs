//! Responses other than success: what the shipper does with the lines.

use super::{
    Diagnoses, Folder, PATIENCE, append, line, line_of_others,
    loki::Rules,
    server::{Action, Server, response},
    shipper, wait_until,
};
use serde_json::Value;
use std::{
    fs,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Otlp, Shipper};

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

#[test]
fn ids_are_structured_metadata_and_never_labels() {
    let (folder, server) = (Folder::new(), Server::accepting());
    append(&folder.at("orders.jsonl"), &line(7));
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (1, 0));
    let [entry] = server.entries().try_into().expect("there is one");
    assert_eq!(entry.labels, r#"{level="info", service_name="orders"}"#);
    assert_eq!(entry.metadata["trace_id"], format!("{:032x}", 8));
    assert_eq!(entry.metadata["span_id"], format!("{:016x}", 8));
    assert_eq!(entry.metadata["trace_flags"], "01");
    assert_eq!(entry.line, line_of(&folder, 0));
    let written: Value = serde_json::from_str(&entry.line).expect("the text is JSON");
    let time: jiff::Timestamp = written["timestamp"]
        .as_str()
        .expect("it is a string")
        .parse()
        .expect("it is a time");
    assert_eq!(i128::from(entry.nanos), time.as_nanosecond());
}

fn line_of(folder: &Folder, number: usize) -> String {
    let text = fs::read_to_string(folder.at("orders.jsonl")).expect("the file exists");
    text.lines().nth(number).expect("the line").to_owned()
}

#[test]
fn a_request_is_repeated_after_the_time_of_retry_after_and_no_line_is_lost() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let mut actions = vec![
        Action::Respond {
            status: 429,
            headers: "retry-after: 1\r\n".to_owned(),
            body: "busy".to_owned(),
        },
        response(503, "down"),
        Action::HangUp,
    ];
    actions.reverse();
    server.decide(move |_| actions.pop().unwrap_or(Action::Accept));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let begin = Instant::now();
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.numbers(), (0..10).collect::<Vec<_>>());
    assert_eq!(
        (report.stats().shipped(), report.stats().retried()),
        (10, 3)
    );
}

#[test]
fn loki_gets_the_next_request_only_after_its_response_to_the_previous_one() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let mut actions = vec![Action::Respond {
        status: 503,
        headers: "retry-after: 1\r\n".to_owned(),
        body: "down".to_owned(),
    }];
    server.decide(move |_| actions.pop().unwrap_or(Action::Accept));
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let shipper = shipper(&server, &folder.0).with_batch_bytes(1_000);
    shipper.run_once().expect("shipping succeeds");
    let requests = server.requests();
    assert!(requests.len() > 3, "{} requests", requests.len());
    assert_eq!(requests[0].lines, requests[1].lines);
    assert_eq!(server.numbers(), (0..100).collect::<Vec<_>>());
}

#[test]
fn lines_that_are_stored_but_not_confirmed_are_sent_again_with_the_same_bytes() {
    for action in [Action::AcceptAndHangUp, Action::AcceptAndBreakOff] {
        let (folder, server) = (Folder::new(), Server::accepting());
        let mut first = Some(action);
        server.decide(move |_| first.take().unwrap_or(Action::Accept));
        let equal = line_of_others(1);
        append(
            &folder.at("orders.jsonl"),
            &format!("{equal}{equal}no JSON\nno JSON\n{equal}"),
        );
        shipper(&server, &folder.0)
            .run_once()
            .expect("shipping succeeds");
        assert!(server.requests().len() >= 2);
        assert_eq!(server.entries().len(), 5, "each line is stored once");
    }
}

#[test]
fn of_a_batch_with_an_invalid_line_only_that_line_is_rejected_and_kept_with_the_servers_message() {
    let (folder, server) = (Folder::new(), Server::accepting());
    server.decide(|request| {
        let is_invalid = request
            .lines
            .iter()
            .any(|entry| entry.line.contains("\"number\":13"));
        if is_invalid {
            response(400, "entry 13 is unlucky")
        } else {
            Action::Accept
        }
    });
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&server, &folder.0).with_diagnostics(diagnoses.callback());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(
        server.numbers(),
        (0..100).filter(|number| *number != 13).collect::<Vec<_>>()
    );
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (99, 1)
    );
    assert!(
        server.requests().len() < 25,
        "the batch is halved, not sent line by line"
    );

    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("the file exists");
    let rejected: Value = serde_json::from_str(&rejected).expect("one line");
    assert_eq!(rejected["why"], "HTTP 400: entry 13 is unlucky");
    assert_eq!(rejected["line"], line_of(&folder, 13));
    let messages = diagnoses.messages();
    assert!(
        messages.len() == 1 && messages[0].contains("unlucky"),
        "{messages:?}"
    );
}

#[test]
fn a_request_that_is_too_large_is_halved_and_no_line_is_rejected() {
    let (folder, server) = (Folder::new(), Server::accepting());
    server.decide(|request| {
        if request.lines.len() > 10 {
            response(413, "too large")
        } else {
            Action::Accept
        }
    });
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (100, 0)
    );
    assert_eq!(server.numbers().len(), 100);
}

#[test]
fn lines_that_are_too_old_are_rejected_without_a_request_for_each() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let old: String = (0..500)
        .map(|number| {
            format!(
                "{{\"timestamp\":\"2020-01-01T00:00:{:02}Z\",\"number\":{number}}}\n",
                number % 60
            )
        })
        .collect();
    server.decide(|request| {
        let is_old = request
            .lines
            .iter()
            .any(|entry| entry.line.contains("2020-"));
        if is_old {
            response(400, "timestamp too old")
        } else {
            Action::Accept
        }
    });
    append(
        &folder.at("orders.jsonl"),
        &format!("{old}{}", lines(500..505)),
    );
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (5, 500)
    );
    assert_eq!(server.numbers(), (500..505).collect::<Vec<_>>());
    assert!(
        server.requests().len() < 25,
        "{} requests",
        server.requests().len()
    );
}

#[test]
fn of_lines_that_are_too_old_those_before_the_servers_limit_are_rejected_with_one_more_request() {
    let (folder, server) = (Folder::new(), Rules::new().start());
    let old: String = (0..60).map(|_| line_of_days_ago(8)).collect();
    let text = format!("{}{old}{}", lines(0..20), lines(20..40));
    append(&folder.at("orders.jsonl"), &text);
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (40, 60)
    );
    assert_eq!(server.numbers(), (0..40).collect::<Vec<_>>());
    assert_eq!(server.requests().len(), 2);
}

fn line_of_days_ago(days: i64) -> String {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
    format!("{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"service.name\":\"orders\"}}\n")
}

/// Ships lines while the server gives this response to everything. Returns the number of requests and the messages.
fn ship_refused(folder: &Folder, server: &Server, refusal: Action) -> (usize, Vec<String>) {
    server.decide(move |_| refusal.clone());
    let diagnoses = Diagnoses::default();
    let shipping = shipper(server, &folder.0)
        .with_diagnostics(diagnoses.callback())
        .start()
        .expect("the shipper starts");
    wait_until("it is reported", || !diagnoses.messages().is_empty());
    let report = shipping.shutdown(Duration::from_millis(300));
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (0, 0)
    );
    assert!(!folder.at(".loki.rejected.jsonl").exists());
    (server.requests().len(), diagnoses.messages())
}

#[test]
fn a_refusal_of_every_line_is_the_fault_of_a_setting_and_no_line_is_rejected() {
    let disallowed = "stream '{level=\"info\"}' includes structured metadata, but this feature is disallowed. Please see \
                      `limits_config.allow_structured_metadata`";
    for (refusal, max_requests) in [
        (response(400, disallowed), 3),
        (
            response(400, "Client sent an HTTP request to an HTTPS server.\n"),
            3,
        ),
        (
            response(
                260,
                "ingestion blocked for user fake until '2030-01-01T00:00:00Z' with status code '260'",
            ),
            3,
        ),
        // The shipper does not know these words, and sends eight lines alone. It tries once more when it is stopped.
        (response(400, "index 7 is missing, says 'node-3'"), 20),
        (response(422, "<html>no</html>"), 20),
    ] {
        let (folder, server) = (Folder::new(), Server::accepting());
        append(&folder.at("orders.jsonl"), &lines(0..1_000));
        let (requests, messages) = ship_refused(&folder, &server, refusal);
        assert!(requests <= max_requests, "{requests} requests");
        assert_eq!(messages.len(), 1, "{messages:?}");
        // The setting is repaired.
        server.decide(|_| Action::Accept);
        let report = shipper(&server, &folder.0)
            .run_once()
            .expect("shipping succeeds");
        assert_eq!(
            (report.stats().shipped(), report.stats().rejected()),
            (1_000, 0)
        );
        assert_eq!(server.numbers(), (0..1_000).collect::<Vec<_>>());
    }
}

#[test]
fn a_page_of_a_portal_is_not_taken_for_success() {
    let page = || Action::Respond {
        status: 200,
        headers: "content-type: text/html\r\n".to_owned(),
        body: "<!doctype html><title>Log in</title>".to_owned(),
    };
    let (folder, server) = (Folder::new(), Server::accepting());
    let mut first = Some(page());
    server.decide(move |_| first.take().unwrap_or(Action::Accept));
    append(&folder.at("orders.jsonl"), &lines(0..5));
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&server, &folder.0).with_diagnostics(diagnoses.callback());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!((report.stats().shipped(), report.stats().retried()), (5, 1));
    assert_eq!(server.numbers(), (0..5).collect::<Vec<_>>());
    assert!(diagnoses.contain("Log in"), "{:?}", diagnoses.messages());

    let (folder, server) = (Folder::new(), Server::accepting());
    let mut first = Some(page());
    server.decide(move |_| first.take().unwrap_or(response(200, "")));
    append(&folder.at("orders.jsonl"), &lines(0..5));
    let otlp = Otlp::new(server.url().as_str()).expect("the address is valid");
    let shipper = Shipper::new(otlp)
        .with_files(&folder.0)
        .with_diagnostics(|_| ());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!((report.stats().shipped(), report.stats().retried()), (5, 1));
}

#[test]
fn lines_that_a_collector_rejects_do_not_count_as_shipped() {
    let (folder, server) = (Folder::new(), Server::accepting());
    server.decide(|_| Action::Respond {
        status: 200,
        headers: "content-type: application/json\r\n".to_owned(),
        body: r#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"old"}}"#.to_owned(),
    });
    append(&folder.at("orders.jsonl"), &lines(0..5));
    let otlp = Otlp::new(server.url().as_str()).expect("the address is valid");
    let shipper = Shipper::new(otlp)
        .with_files(&folder.0)
        .with_diagnostics(|_| ());
    let report = shipper.run_once().expect("shipping succeeds");
    let stats = report.stats();
    assert_eq!(
        (stats.shipped(), stats.rejected(), stats.requests()),
        (3, 2, 1)
    );
}

#[test]
fn a_line_with_which_the_server_always_fails_does_not_hold_up_the_others() {
    let (folder, server) = (Folder::new(), Server::accepting());
    server.decide(|request| {
        let mut lines = request.lines.iter();
        match lines.any(|entry| {
            entry.line.contains("\"number\":13,") || entry.line.contains("\"number\":13}")
        }) {
            true => response(500, "panic: index out of range"),
            false => Action::Accept,
        }
    });
    append(&folder.at("orders.jsonl"), &lines(0..50));
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the other lines arrive", || server.numbers().len() == 49);
    append(&folder.at("orders.jsonl"), &lines(50..60));
    wait_until("later lines arrive", || server.numbers().len() == 59);
    let report = shipping.shutdown(Duration::from_secs(10));
    // It waits for the next start, because the server may be repaired.
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (59, 0)
    );
    let length = line_of(&folder, 13).len() as u64 + 1;
    assert_eq!(report.unshipped_bytes(), length);
    let waiting = fs::read_to_string(folder.at(".loki.waiting.jsonl")).expect("the file exists");
    assert!(waiting.contains("index out of range"), "{waiting}");
    server.decide(|_| Action::Accept);
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (1, 0));
    assert!(!folder.at(".loki.waiting.jsonl").exists());
}

#[test]
fn redirects_and_wrong_credentials_are_reported_once_and_no_line_is_lost() {
    for (refusal, word) in [
        (
            Action::Respond {
                status: 302,
                headers: "location: http://127.0.0.1:1/\r\n".to_owned(),
                body: String::new(),
            },
            "redirect",
        ),
        (response(401, "who are you"), "who are you"),
        (response(403, "not you"), "not you"),
    ] {
        let (folder, server) = (Folder::new(), Server::accepting());
        server.decide(move |_| refusal.clone());
        append(&folder.at("orders.jsonl"), &line(1));
        let diagnoses = Diagnoses::default();
        let credentials = tracing_stamp::ship::Server::new(&server.url())
            .expect("the setting is valid")
            .with_bearer("very secret");
        let loki = Loki::new(credentials).expect("the setting is valid");
        let shipping = Shipper::new(loki)
            .with_files(&folder.0)
            .with_max_age(Duration::ZERO)
            .with_diagnostics(diagnoses.callback())
            .start()
            .expect("the shipper starts");
        wait_until("it is reported", || !diagnoses.messages().is_empty());
        let begin = Instant::now();
        let report = shipping.shutdown(Duration::from_millis(1_200));
        assert!(begin.elapsed() < PATIENCE);
        assert_eq!(report.stats().shipped(), 0);
        assert!(report.unshipped_bytes() > 0);
        let messages = diagnoses.messages();
        assert!(
            messages.len() == 1 && messages[0].contains(word) && !messages[0].contains("secret"),
            "{messages:?}"
        );
    }
}

#[test]
fn a_line_over_the_servers_limit_is_cut_stays_valid_json_and_is_marked_and_counted() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let long = line(1).replace(
        "\"message\":\"line\"",
        &format!("\"message\":\"{}\"", "é".repeat(300 << 10)),
    );
    append(
        &folder.at("orders.jsonl"),
        &format!("{long}{}{}\n", line(2), "x".repeat(300 << 10)),
    );
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!((report.stats().shipped(), report.stats().cut()), (3, 2));
    for entry in server.entries() {
        assert!(entry.line.len() <= 256 << 10);
        if entry.line.contains("\"number\":1") {
            let read: Value = serde_json::from_str(&entry.line).expect("the text is JSON");
            assert_eq!(read["truncated"], true);
            assert_eq!(read["trace_id"], format!("{:032x}", 2));
        }
    }
    assert_eq!(server.entries().len(), 3);
}

#[test]
fn a_token_file_is_read_again_when_it_changes() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let token = folder.at(".token");
    fs::write(&token, "one\n").expect("the file is written");
    let credentials = tracing_stamp::ship::Server::new(&server.url())
        .expect("the setting is valid")
        .with_bearer_file(&token);
    let loki = Loki::new(credentials)
        .expect("the setting is valid")
        .with_tenant("orders");
    let shipping = Shipper::new(loki)
        .with_files(folder.at("orders.jsonl"))
        .with_max_age(Duration::ZERO)
        .with_poll_interval(Duration::from_millis(10))
        .start()
        .expect("the shipper starts");
    append(&folder.at("orders.jsonl"), &line(1));
    wait_until("the first line arrives", || server.numbers() == [1]);
    fs::write(&token, "two\n").expect("the file is written");
    append(&folder.at("orders.jsonl"), &line(2));
    wait_until("the second line arrives", || server.numbers() == [1, 2]);
    drop(shipping);
    let heads: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.head.to_ascii_lowercase())
        .collect();
    assert!(
        heads[0].contains("authorization: bearer one\r\n")
            && heads[1].contains("authorization: bearer two\r\n"),
        "{heads:?}"
    );
    assert!(heads[0].contains("x-scope-orgid: orders\r\n"), "{heads:?}");
}

#[test]
fn run_once_obeys_retry_after() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let mut first = Some(Action::Respond {
        status: 429,
        headers: "retry-after: 2\r\n".to_owned(),
        body: "busy".to_owned(),
    });
    server.decide(move |_| first.take().unwrap_or(Action::Accept));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let begin = Instant::now();
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert!(begin.elapsed() >= Duration::from_secs(2));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_diagnostics_callback_that_panics_does_not_stop_shipping() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let mut first = Some(response(503, "down"));
    server.decide(move |_| first.take().unwrap_or(Action::Accept));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let shipper = shipper(&server, &folder.0).with_diagnostics(|_| panic!("on purpose"));
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(report.stats().shipped(), 10);
}
