//! Across restarts no line is lost, and no line is stored twice.

use super::{
    Diagnoses, Folder, append, line, line_of_others,
    server::{Action, Server, response},
    shipper, wait_until,
};
use std::{
    fs,
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

#[test]
fn shutdown_delivers_lines_or_reports_what_is_left_and_the_next_start_delivers_that() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let shipping = Shipper::new(Loki::new(server.url().as_str()).expect("the setting is valid"))
        .with_files(&path)
        // No file is checked before shutdown.
        .with_poll_interval(Duration::from_secs(600))
        .start()
        .expect("the shipper starts");
    std::thread::sleep(Duration::from_millis(50));
    append(&path, &(0..10).map(line).collect::<String>());
    let report = shipping.shutdown(Duration::from_secs(20));
    assert_eq!((server.numbers().len(), report.unshipped_bytes()), (10, 0));

    server.decide(|_| response(500, "down"));
    append(&path, &(10..20).map(line).collect::<String>());
    let begin = Instant::now();
    let report = shipper(&server, &path)
        .start()
        .expect("the shipper starts")
        .shutdown(Duration::from_millis(300));
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(
        report.unshipped_bytes(),
        (10..20)
            .map(|number| line(number).len() as u64)
            .sum::<u64>()
    );

    server.decide(|_| Action::Accept);
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), (0..20).collect::<Vec<_>>());
}

#[test]
fn without_its_cursor_everything_is_sent_again_and_stored_once() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let equal = line_of_others(3);
    append(
        &path,
        &format!(
            "{}{equal}{equal}text\ntext\n",
            (0..50).map(line_of_others).collect::<String>()
        ),
    );
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    let entries = server.entries();
    assert_eq!(entries.len(), 54);
    for torn in [Some("torn"), None] {
        let cursor = folder.at(".loki.cursor");
        match torn {
            Some(text) => fs::write(&cursor, text).expect("the file is written"),
            None => fs::remove_file(&cursor).expect("the file is removed"),
        }
        let report = shipper(&server, &path)
            .with_batch_bytes(4 << 10)
            .run_once()
            .expect("shipping succeeds");
        assert_eq!(report.stats().shipped(), 54);
        assert_eq!(server.entries(), entries);
    }
}

#[test]
fn a_restart_in_the_middle_of_a_file_sends_the_same_times() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let equal = line_of_others(1);
    // Batches of 4 KiB. At each start the server stores one, and does not confirm it.
    append(&path, &equal.repeat(200));
    let mut left = 0;
    for _ in 0..5 {
        server.decide(|_| Action::AcceptAndHangUp);
        let shipping = shipper(&server, &path)
            .with_batch_bytes(4 << 10)
            .with_in_flight(1)
            .start()
            .expect("the shipper starts");
        let before = server.requests().len();
        wait_until("one request arrives", || server.requests().len() > before);
        let mut is_first = true;
        server.decide(move |_| {
            if std::mem::take(&mut is_first) {
                Action::Accept
            } else {
                Action::HangUp
            }
        });
        let before = server.requests().len();
        wait_until("more requests arrive", || {
            server.requests().len() > before + 1
        });
        left = shipping
            .shutdown(Duration::from_millis(1))
            .unshipped_bytes();
    }
    assert!(left > 0, "some lines are left at the end");
    server.decide(|_| Action::Accept);
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(
        server.entries().len(),
        200,
        "each of the equal lines is stored once"
    );
}

#[test]
fn a_second_shipper_on_the_same_cursor_is_refused() {
    let (folder, server) = (Folder::new(), Server::accepting());
    append(&folder.at("orders.jsonl"), &line(0));
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    let refused = shipper(&server, &folder.0)
        .start()
        .expect_err("the cursor is in use");
    assert!(refused.to_string().contains("another shipper"), "{refused}");
    drop(shipping);
    shipper(&server, &folder.0)
        .run_once()
        .expect("the cursor is free again");
}

#[test]
fn with_a_state_folder_of_its_own_another_server_gets_all_files() {
    let (folder, server, other) = (Folder::new(), Server::accepting(), Server::accepting());
    append(&folder.at("orders.jsonl"), &line(0));
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    shipper(&other, &folder.0)
        .with_state(folder.at("state"))
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(other.numbers(), [0]);
}

#[test]
fn memory_is_bounded_while_the_server_is_down() {
    let (folder, server) = (Folder::new(), Server::start(|_| Action::HangUp));
    let path = folder.at("orders.jsonl");
    let text: String = (0..2_000).map(line).collect();
    for _ in 0..100 {
        append(&path, &text);
    }
    let shipping = shipper(&server, &path)
        .with_in_flight(4)
        .start()
        .expect("the shipper starts");
    wait_until("the shipper has tried", || server.connections() >= 8);
    // A request has at most one batch, however much waits.
    assert!(
        server
            .requests()
            .iter()
            .map(|request| request.lines.len())
            .max()
            .unwrap_or(0)
            < 10_000
    );
    let stats = shipping.stats();
    assert_eq!(stats.shipped(), 0);
    assert!(shipping.shutdown(Duration::ZERO).unshipped_bytes() > 20 << 20);
}

#[test]
fn text_without_a_time_gets_the_same_time_on_each_attempt() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("other.log");
    let text = |numbers: std::ops::Range<u64>| -> String {
        numbers
            .map(|number| format!("text {}\n", number / 2))
            .collect()
    };
    let now = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("the clock is after 1970").as_nanos() as i64
    };
    // The modification times of files are accurate to some milliseconds only.
    let begin = now() - 100_000_000;
    append(&path, &text(0..50));
    // The server stores the lines without confirming them.
    server.decide(|_| Action::AcceptAndHangUp);
    let attempt = || {
        let shipping = shipper(&server, &path).start().expect("the shipper starts");
        let before = server.requests().len();
        wait_until("an attempt is made", || server.requests().len() > before);
        shipping.shutdown(Duration::ZERO)
    };
    assert!(attempt().unshipped_bytes() > 0);
    let first = server.entries();
    assert_eq!(first.len(), 50);
    assert!(
        first
            .iter()
            .all(|entry| (begin..=now()).contains(&entry.nanos))
    );

    // The file grows, which changes its modification time.
    append(&path, &text(50..60));
    attempt();
    server.decide(|_| Action::Accept);
    let report = shipper(&server, &path).with_batch_bytes(4 << 10);
    let report = report.run_once().expect("shipping succeeds");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (60, 0)
    );
    let entries = server.entries();
    assert_eq!(entries.len(), 60, "each line is stored once");
    assert!(first.iter().all(|first| entries.contains(first)));
}

/// Ships the files' present contents, and returns the messages of the diagnoses.
fn run_and_collect_messages(
    server: &Server,
    change: impl FnOnce(Loki) -> Loki,
    files: &std::path::Path,
) -> Vec<String> {
    let diagnoses = Diagnoses::default();
    let loki = Loki::new(server.url().as_str()).expect("the address is valid");
    Shipper::new(change(loki))
        .with_files(files)
        .with_diagnostics(diagnoses.callback())
        .run_once()
        .expect("shipping succeeds");
    diagnoses.messages()
}

#[test]
fn a_server_with_another_address_or_tenant_gets_only_lines_that_the_previous_one_has_not_confirmed()
{
    let (folder, first, second) = (Folder::new(), Server::accepting(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &line(0));
    assert!(run_and_collect_messages(&first, |loki| loki, &path).is_empty());
    append(&path, &line(1));
    let messages = run_and_collect_messages(&second, |loki| loki, &path);
    assert_eq!(messages.len(), 1, "{messages:?}");
    for part in [first.url(), second.url(), ".loki.cursor".to_owned()] {
        assert!(messages[0].contains(&part), "{part} in {messages:?}");
    }
    append(&path, &line(2));
    assert!(
        run_and_collect_messages(&second, |loki| loki, &path).is_empty(),
        "the change is reported once"
    );
    append(&path, &line(3));
    let messages = run_and_collect_messages(&second, |loki| loki.with_tenant("shop"), &path);
    assert!(
        messages.len() == 1 && messages[0].contains("shop"),
        "{messages:?}"
    );
    assert_eq!(
        (first.numbers(), second.numbers()),
        (vec![0], vec![1, 2, 3])
    );
}

#[test]
fn a_file_that_is_no_longer_shipped_keeps_its_position_and_is_not_reported_as_lost() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let (old, new) = (folder.at("old.jsonl"), folder.at("new.jsonl"));
    append(&old, &line(0));
    assert!(run_and_collect_messages(&server, |loki| loki, &old).is_empty());
    // The end of the old file stays unshipped.
    append(&old, &line(1));
    server.decide(|_| response(503, "down"));
    let _ = shipper(&server, &old)
        .start()
        .expect("the shipper starts")
        .shutdown(Duration::from_millis(300));
    server.decide(|_| Action::Accept);
    append(&new, &line(2));
    let messages = run_and_collect_messages(&server, |loki| loki, &new);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].contains("old.jsonl") && !messages[0].contains("lost"),
        "{messages:?}"
    );
    // When the old file is shipped again, it continues at its position. No line is sent twice.
    assert!(run_and_collect_messages(&server, |loki| loki, &old).is_empty());
    assert!(run_and_collect_messages(&server, |loki| loki, &new).is_empty());
    assert_eq!(server.numbers(), [0, 1, 2]);
}

#[test]
fn a_servers_message_can_neither_forge_a_line_nor_control_a_terminal() {
    let (folder, path_name) = (Folder::new(), "orders.jsonl");
    let path = folder.at(path_name);
    append(&path, &line(0));
    let message = format!(
        "\u{1b}[31mred\u{9b}2J\u{202e}\ntracing-stamp: forged {}",
        "x".repeat(100_000)
    );
    let server = Server::start(move |_| response(400, &message));
    let messages = run_and_collect_messages(&server, |loki| loki, &path);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].contains("forged") && messages[0].len() < 2_000,
        "{}",
        messages[0].len()
    );
    let is_unsafe = |c: char| c.is_control() || c == '\u{202e}';
    assert!(!messages[0].contains(is_unsafe), "{messages:?}");
}
