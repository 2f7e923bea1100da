//! What a server refuses or cannot take holds up nothing else.

use super::{
    Diagnoses, assert_once,
    files::{Folder, append},
    lines::{many, number_of, own, own_at},
    server::{Action, Entry, Request, Server, response},
    stand::Stand,
    wait_for, wait_until,
};
use jiff::{SignedDuration, Timestamp};
use std::{fs, time::Duration};
use traceship::{Loki, Shipper};

const REJECTED: &str = ".loki.rejected.jsonl";
const WAITING: &str = ".loki.waiting.jsonl";

fn shipper(server: &Server, folder: &Folder) -> Shipper {
    Shipper::new(Loki::new(server.url().as_str()).expect("the address is valid"))
        .with_files(&folder.0)
        .with_max_age(Duration::from_millis(5))
        .with_poll_interval(Duration::from_millis(20))
        .with_diagnostics(|_| ())
}

#[test]
fn a_permanent_failure_for_one_line_does_not_hold_up_the_lines_behind_it() {
    let folder = Folder::new();
    let server = Server::start(|request| {
        let is_hit = request
            .lines
            .iter()
            .any(|entry| number_of(&entry.line) == Some(0));
        match is_hit {
            true => response(500, "panic in the distributor"),
            false => Action::Accept,
        }
    });
    append(&folder.at("app.log"), &many(own, 0..51));
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("the lines behind it arrive", || {
        server.entries().len() == 50
    });
    append(&folder.at("app.log"), &many(own, 51..60));
    wait_until("later lines arrive", || server.entries().len() == 59);
    shipping.shutdown(Duration::ZERO);
}

#[test]
fn no_line_is_rejected_while_a_proxy_refuses_the_smallest_request_as_too_large() {
    let folder = Folder::new();
    let server = Server::start(|_| response(413, "request entity too large"));
    append(&folder.at("app.log"), &many(own, 0..100));
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("the fault is reported", || {
        shipping.health().ready().is_err()
    });
    server.decide(|_| Action::Accept);
    shipping.reload();
    let report = shipping.shutdown(Duration::from_secs(120));
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (100, 0)
    );
    assert_eq!(server.entries().len(), 100);
}

#[test]
fn lines_are_sent_in_smaller_batches_if_the_connection_is_too_slow_for_large_ones() {
    let folder = Folder::new();
    // A gateway gives up on a large request, which would take too long.
    let server = Server::start(|request| match request.lines.len() {
        ..100 => Action::Accept,
        _ => response(408, "the request took too long"),
    });
    append(&folder.at("app.log"), &many(own, 0..1_000));
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("all lines arrive", || server.entries().len() == 1_000);
    shipping.shutdown(Duration::ZERO);
}

#[test]
fn a_line_that_is_too_new_is_accepted_later() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let time = Timestamp::now() + SignedDuration::from_secs(603);
    append(
        &folder.at("app.log"),
        &(own(0) + &own_at(1, time) + &own(2)),
    );
    let diagnoses = Diagnoses::default();
    let shipping = super::shipper(&stand, &folder.0)
        .with_diagnostics(diagnoses.callback())
        .start()
        .expect("the shipper starts");
    wait_for(&stand, 3);
    wait_until("nothing waits", || !folder.at(WAITING).exists());
    let report = shipping.shutdown(Duration::from_secs(5));
    assert_eq!(
        (report.stats().rejected(), report.unshipped_bytes()),
        (0, 0)
    );
    assert_once(&stand, 0..3);
    assert!(!folder.at(REJECTED).exists());
    let messages = diagnoses.messages();
    assert!(
        messages.len() == 1 && messages[0].contains("does not accept a log line yet"),
        "{messages:?}"
    );
}

#[test]
fn the_next_start_sends_the_lines_that_are_waited_for() {
    let folder = Folder::new();
    let server = Server::start(refuse_1_as_too_new);
    let time = Timestamp::now() + SignedDuration::from_mins(20);
    append(
        &folder.at("app.log"),
        &(own(0) + &own_at(1, time) + &own(2)),
    );
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("a line waits", || {
        server.entries().len() == 2 && folder.at(WAITING).exists()
    });
    let report = shipping.shutdown(Duration::from_secs(5));
    let length = own_at(1, time).len() as u64;
    assert_eq!(
        (report.stats().rejected(), report.unshipped_bytes()),
        (0, length)
    );
    // It still has to wait.
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    append(&folder.at("app.log"), &own(3));
    wait_until("later lines arrive", || server.entries().len() == 3);
    let report = shipping.shutdown(Duration::from_secs(5));
    assert_eq!(report.unshipped_bytes(), length);
    // The file is not needed any more, and the time has come.
    fs::remove_file(folder.at("app.log")).expect("the file exists");
    server.decide(|_| Action::Accept);
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("the line arrives", || server.entries().len() == 4);
    let report = shipping.shutdown(Duration::from_secs(5));
    assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (1, 0));
    assert!(!folder.at(WAITING).exists() && !folder.at(REJECTED).exists());
}

#[test]
fn a_back_fill_sends_lines_that_are_waited_for_and_says_which_it_does_not_wait_for() {
    let folder = Folder::new();
    let server = Server::start(refuse_1_as_too_new);
    let time = Timestamp::now() + SignedDuration::from_mins(20);
    append(&folder.at("app.log"), &(own(0) + &own_at(1, time)));
    let shipping = shipper(&server, &folder)
        .start()
        .expect("the shipper starts");
    wait_until("a line waits", || folder.at(WAITING).exists());
    shipping.shutdown(Duration::from_secs(5));
    let diagnoses = Diagnoses::default();
    let back_fill = shipper(&server, &folder).with_diagnostics(diagnoses.callback());
    let report = back_fill.run_once().expect("shipping succeeds");
    assert_eq!(
        (report.stats().rejected(), report.unshipped_bytes()),
        (1, 0)
    );
    assert!(!folder.at(WAITING).exists());
    let rejected = fs::read_to_string(folder.at(REJECTED)).expect("the file exists");
    assert!(rejected.contains("n=1;") && rejected.contains("not waited for"));
    assert!(diagnoses.contain("not waited for"), "{diagnoses:?}");
    server.decide(|_| Action::Accept);
    let report = shipper(&server, &folder).retry_rejected();
    let report = report.expect("rejected lines are sent again");
    assert_eq!(report.stats().shipped(), 1);
    assert_eq!(server.entries().len(), 2);
}

fn refuse_1_as_too_new(request: &Request) -> Action {
    let is_new = |entry: &&Entry| number_of(&entry.line) == Some(1);
    match request.lines.iter().find(is_new) {
        Some(new) => Action::AcceptSome {
            lines: request
                .lines
                .iter()
                .filter(|entry| !is_new(entry))
                .cloned()
                .collect(),
            status: 400,
            body: format!("entry for stream '{}' has timestamp too new: …", new.labels),
        },
        None => Action::Accept,
    }
}

#[test]
fn the_exit_code_says_that_the_cursor_is_not_saved() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("app.log"), &own(0));
    fs::create_dir(folder.at(".loki.cursor.new")).expect("the folder is created");
    let output = stand.program(&folder.0).arg("--once").output();
    let output = output.expect("the process starts");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_once(&stand, 0..1);
    assert!(
        output.status.code().is_some_and(|code| code != 0),
        "{messages}"
    );
    assert!(messages.contains("cursor"), "{messages}");
}
