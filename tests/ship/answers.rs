//! What becomes of lines when the server does not just take them.

use super::{
    Folder, PATIENCE, append, line,
    server::{Act, Server, answer},
    shipper, wait_until,
};
use serde_json::Value;
use std::{
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

#[test]
fn ids_are_structured_metadata_and_never_labels() {
    let (folder, server) = (Folder::new(), Server::taking());
    append(&folder.at("orders.jsonl"), &line(7));
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (1, 0));
    let [kept] = server.kept().try_into().expect("one");
    assert_eq!(kept.labels, r#"{level="info", service_name="orders"}"#);
    assert_eq!(kept.metadata["trace_id"], format!("{:032x}", 8));
    assert_eq!(kept.metadata["span_id"], format!("{:016x}", 8));
    assert_eq!(kept.metadata["trace_flags"], "01");
    assert_eq!(kept.line, line_of(&folder, 0));
    let written: Value = serde_json::from_str(&kept.line).expect("JSON");
    let time: jiff::Timestamp = written["timestamp"]
        .as_str()
        .expect("text")
        .parse()
        .expect("a time");
    assert_eq!(i128::from(kept.nanos), time.as_nanosecond());
}

fn line_of(folder: &Folder, number: usize) -> String {
    let text = fs::read_to_string(folder.at("orders.jsonl")).expect("it is there");
    text.lines().nth(number).expect("the line").to_owned()
}

#[test]
fn a_busy_server_is_asked_again_as_late_as_it_says_and_nothing_is_lost() {
    let (folder, server) = (Folder::new(), Server::taking());
    let mut answers = vec![
        Act::Answer {
            status: 429,
            headers: "retry-after: 1\r\n".to_owned(),
            body: "busy".to_owned(),
        },
        answer(503, "down"),
        Act::HangUp,
    ];
    answers.reverse();
    server.decide(move |_| answers.pop().unwrap_or(Act::Take));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let begin = Instant::now();
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.numbers(), (0..10).collect::<Vec<_>>());
    assert_eq!(
        (report.stats().shipped(), report.stats().retried()),
        (10, 3)
    );
}

#[test]
fn loki_gets_the_next_request_after_it_has_answered_the_last() {
    let (folder, server) = (Folder::new(), Server::taking());
    let mut answers = vec![Act::Answer {
        status: 503,
        headers: "retry-after: 1\r\n".to_owned(),
        body: "down".to_owned(),
    }];
    server.decide(move |_| answers.pop().unwrap_or(Act::Take));
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let shipper = shipper(&server, &folder.0).with_batch_bytes(1_000);
    shipper.run_once().expect("it ships");
    let came = server.came();
    assert!(came.len() > 3, "{} requests", came.len());
    assert_eq!(came[0].lines, came[1].lines);
    assert_eq!(server.numbers(), (0..100).collect::<Vec<_>>());
}

#[test]
fn what_is_taken_and_not_confirmed_is_sent_again_to_the_byte() {
    for act in [Act::TakeAndHangUp, Act::TakeAndBreakOff] {
        let (folder, server) = (Folder::new(), Server::taking());
        let mut first = Some(act);
        server.decide(move |_| first.take().unwrap_or(Act::Take));
        let equal = line(1);
        append(
            &folder.at("orders.jsonl"),
            &format!("{equal}{equal}no JSON\nno JSON\n{equal}"),
        );
        shipper(&server, &folder.0).run_once().expect("it ships");
        assert!(server.came().len() >= 2);
        assert_eq!(server.kept().len(), 5, "each once");
    }
}

#[test]
fn of_a_batch_with_a_wrong_line_that_line_alone_is_set_aside_with_the_servers_words() {
    let (folder, server) = (Folder::new(), Server::taking());
    server.decide(|came| {
        let is_wrong = came
            .lines
            .iter()
            .any(|kept| kept.line.contains("\"number\":13"));
        if is_wrong {
            answer(400, "entry 13 is unlucky")
        } else {
            Act::Take
        }
    });
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let shipper = shipper(&server, &folder.0).with_diagnostics(move |diagnosis| {
        tell.lock().expect("no panic").push(diagnosis.to_string());
    });
    let report = shipper.run_once().expect("it ships");
    assert_eq!(
        server.numbers(),
        (0..100).filter(|number| *number != 13).collect::<Vec<_>>()
    );
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (99, 1)
    );
    assert!(server.came().len() < 25, "halved, not one by one");

    let rejected = fs::read_to_string(folder.at(".loki.rejected.jsonl")).expect("it is there");
    let rejected: Value = serde_json::from_str(&rejected).expect("one line");
    assert_eq!(rejected["why"], "HTTP 400: entry 13 is unlucky");
    assert_eq!(rejected["line"], line_of(&folder, 13));
    let told = told.lock().expect("no panic");
    assert!(told.len() == 1 && told[0].contains("unlucky"), "{told:?}");
}

#[test]
fn a_request_that_is_too_large_is_halved_and_nothing_is_set_aside() {
    let (folder, server) = (Folder::new(), Server::taking());
    server.decide(|came| {
        if came.lines.len() > 10 {
            answer(413, "too large")
        } else {
            Act::Take
        }
    });
    append(&folder.at("orders.jsonl"), &lines(0..100));
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (100, 0)
    );
    assert_eq!(server.numbers().len(), 100);
}

#[test]
fn lines_outside_the_accepted_time_are_told_and_found_out_at_once() {
    let (folder, server) = (Folder::new(), Server::taking());
    let old: String = (0..500)
        .map(|number| {
            format!(
                "{{\"timestamp\":\"2020-01-01T00:00:{:02}Z\",\"number\":{number}}}\n",
                number % 60
            )
        })
        .collect();
    server.decide(|came| {
        let is_old = came.lines.iter().any(|kept| kept.line.contains("2020-"));
        if is_old {
            answer(400, "timestamp too old")
        } else {
            Act::Take
        }
    });
    append(
        &folder.at("orders.jsonl"),
        &format!("{old}{}", lines(500..505)),
    );
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (5, 500)
    );
    assert_eq!(server.numbers(), (500..505).collect::<Vec<_>>());
    assert!(
        server.came().len() < 200,
        "{} requests",
        server.came().len()
    );
}

#[test]
fn redirects_are_refused_and_told_with_wrong_credentials_once() {
    for (refusal, word) in [
        (
            Act::Answer {
                status: 302,
                headers: "location: http://127.0.0.1:1/\r\n".to_owned(),
                body: String::new(),
            },
            "redirect",
        ),
        (answer(401, "who are you"), "who are you"),
        (answer(403, "not you"), "not you"),
    ] {
        let (folder, server) = (Folder::new(), Server::taking());
        server.decide(move |_| refusal.clone());
        append(&folder.at("orders.jsonl"), &line(1));
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&told);
        let credentials = tracing_stamp::ship::Server::new(&server.url())
            .expect("right")
            .with_bearer("very secret");
        let loki = Loki::new(credentials).expect("right");
        let shipping = Shipper::new(loki)
            .with_files(&folder.0)
            .with_max_age(Duration::ZERO)
            .with_diagnostics(move |diagnosis| {
                tell.lock().expect("no panic").push(diagnosis.to_string())
            })
            .start()
            .expect("it starts");
        wait_until("it is told", || !told.lock().expect("no panic").is_empty());
        let begin = Instant::now();
        let report = shipping.shutdown(Duration::from_millis(1_200));
        assert!(begin.elapsed() < PATIENCE);
        assert_eq!(report.stats().shipped(), 0);
        assert!(report.unshipped_bytes() > 0);
        let told = told.lock().expect("no panic");
        assert!(
            told.len() == 1 && told[0].contains(word) && !told[0].contains("secret"),
            "{told:?}"
        );
    }
}

#[test]
fn a_line_over_the_servers_limit_is_cut_to_valid_json_marked_and_counted() {
    let (folder, server) = (Folder::new(), Server::taking());
    let long = line(1).replace(
        "\"message\":\"line\"",
        &format!("\"message\":\"{}\"", "é".repeat(300 << 10)),
    );
    append(
        &folder.at("orders.jsonl"),
        &format!("{long}{}{}\n", line(2), "x".repeat(300 << 10)),
    );
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!((report.stats().shipped(), report.stats().cut()), (3, 2));
    for kept in server.kept() {
        assert!(kept.line.len() <= 256 << 10);
        if kept.line.contains("\"number\":1") {
            let read: Value = serde_json::from_str(&kept.line).expect("JSON");
            assert_eq!(read["truncated"], true);
            assert_eq!(read["trace_id"], format!("{:032x}", 2));
        }
    }
    assert_eq!(server.kept().len(), 3);
}

#[test]
fn a_token_file_is_read_again_when_it_changes() {
    let (folder, server) = (Folder::new(), Server::taking());
    let token = folder.at(".token");
    fs::write(&token, "one\n").expect("written");
    let credentials = tracing_stamp::ship::Server::new(&server.url())
        .expect("right")
        .with_bearer_file(&token);
    let loki = Loki::new(credentials).expect("right").with_tenant("orders");
    let shipping = Shipper::new(loki)
        .with_files(folder.at("orders.jsonl"))
        .with_max_age(Duration::ZERO)
        .with_poll_interval(Duration::from_millis(10))
        .start()
        .expect("it starts");
    append(&folder.at("orders.jsonl"), &line(1));
    wait_until("the first comes", || server.numbers() == [1]);
    fs::write(&token, "two\n").expect("written");
    append(&folder.at("orders.jsonl"), &line(2));
    wait_until("the second comes", || server.numbers() == [1, 2]);
    drop(shipping);
    let heads: Vec<String> = server
        .came()
        .into_iter()
        .map(|came| came.head.to_ascii_lowercase())
        .collect();
    assert!(
        heads[0].contains("authorization: bearer one\r\n")
            && heads[1].contains("authorization: bearer two\r\n"),
        "{heads:?}"
    );
    assert!(heads[0].contains("x-scope-orgid: orders\r\n"), "{heads:?}");
}

#[test]
fn a_back_fill_asks_a_busy_server_no_more_often_than_it_says() {
    let (folder, server) = (Folder::new(), Server::taking());
    let mut first = Some(Act::Answer {
        status: 429,
        headers: "retry-after: 2\r\n".to_owned(),
        body: "busy".to_owned(),
    });
    server.decide(move |_| first.take().unwrap_or(Act::Take));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let begin = Instant::now();
    shipper(&server, &folder.0).run_once().expect("it ships");
    assert!(begin.elapsed() >= Duration::from_secs(2));
    assert_eq!(server.came().len(), 2);
}

#[test]
fn who_is_told_and_panics_stops_no_line() {
    let (folder, server) = (Folder::new(), Server::taking());
    let mut first = Some(answer(503, "down"));
    server.decide(move |_| first.take().unwrap_or(Act::Take));
    append(&folder.at("orders.jsonl"), &lines(0..10));
    let shipper = shipper(&server, &folder.0).with_diagnostics(|_| panic!("on purpose"));
    let report = shipper.run_once().expect("it ships");
    assert_eq!(report.stats().shipped(), 10);
}
