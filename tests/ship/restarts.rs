//! Across restarts nothing is lost, and nothing comes twice.

use super::{
    Folder, append, line,
    server::{Act, Server, answer},
    shipper, wait_until,
};
use std::{
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

#[test]
fn shutdown_delivers_or_says_what_is_left_and_the_next_start_delivers_that() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let shipping = Shipper::new(Loki::new(server.url().as_str()).expect("right"))
        .with_files(&path)
        // Nothing is looked at before shutdown.
        .with_poll_interval(Duration::from_secs(600))
        .start()
        .expect("it starts");
    std::thread::sleep(Duration::from_millis(50));
    append(&path, &(0..10).map(line).collect::<String>());
    let report = shipping.shutdown(Duration::from_secs(20));
    assert_eq!((server.numbers().len(), report.unshipped_bytes()), (10, 0));

    server.decide(|_| answer(500, "down"));
    append(&path, &(10..20).map(line).collect::<String>());
    let begin = Instant::now();
    let report = shipper(&server, &path)
        .start()
        .expect("it starts")
        .shutdown(Duration::from_millis(300));
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(
        report.unshipped_bytes(),
        (10..20)
            .map(|number| line(number).len() as u64)
            .sum::<u64>()
    );

    server.decide(|_| Act::Take);
    shipper(&server, &path).run_once().expect("it ships");
    assert_eq!(server.numbers(), (0..20).collect::<Vec<_>>());
}

#[test]
fn without_its_cursor_everything_is_sent_again_and_kept_once() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let equal = line(3);
    append(
        &path,
        &format!(
            "{}{equal}{equal}text\ntext\n",
            (0..50).map(line).collect::<String>()
        ),
    );
    shipper(&server, &path).run_once().expect("it ships");
    let kept = server.kept();
    assert_eq!(kept.len(), 54);
    for torn in [Some("torn"), None] {
        let cursor = folder.at(".loki.cursor");
        match torn {
            Some(text) => fs::write(&cursor, text).expect("written"),
            None => fs::remove_file(&cursor).expect("removed"),
        }
        let report = shipper(&server, &path)
            .with_batch_bytes(4 << 10)
            .run_once()
            .expect("it ships");
        assert_eq!(report.stats().shipped(), 54);
        assert_eq!(server.kept(), kept);
    }
}

#[test]
fn a_restart_in_the_middle_of_a_file_sends_the_same_times() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let equal = line(1);
    // Batches of 4 KiB, of which the server takes one at each start and confirms none.
    append(&path, &equal.repeat(200));
    let mut left = 0;
    for _ in 0..5 {
        server.decide(|_| Act::TakeAndHangUp);
        let shipping = shipper(&server, &path)
            .with_batch_bytes(4 << 10)
            .with_in_flight(1)
            .start()
            .expect("it starts");
        let before = server.came().len();
        wait_until("one came", || server.came().len() > before);
        let mut is_first = true;
        server.decide(move |_| {
            if std::mem::take(&mut is_first) {
                Act::Take
            } else {
                Act::HangUp
            }
        });
        let before = server.came().len();
        wait_until("more came", || server.came().len() > before + 1);
        left = shipping
            .shutdown(Duration::from_millis(1))
            .unshipped_bytes();
    }
    assert!(left > 0, "it was never done");
    server.decide(|_| Act::Take);
    shipper(&server, &path).run_once().expect("it ships");
    assert_eq!(server.kept().len(), 200, "each of the equal lines, once");
}

#[test]
fn two_shippers_on_one_cursor_are_one_too_many() {
    let (folder, server) = (Folder::new(), Server::taking());
    append(&folder.at("orders.jsonl"), &line(0));
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    let refused = shipper(&server, &folder.0).start().expect_err("the second");
    assert!(refused.to_string().contains("another shipper"), "{refused}");
    drop(shipping);
    shipper(&server, &folder.0)
        .run_once()
        .expect("it is free again");
}

#[test]
fn with_a_state_of_its_own_another_server_gets_all_files() {
    let (folder, server, other) = (Folder::new(), Server::taking(), Server::taking());
    append(&folder.at("orders.jsonl"), &line(0));
    shipper(&server, &folder.0).run_once().expect("it ships");
    shipper(&other, &folder.0)
        .with_state(folder.at("state"))
        .run_once()
        .expect("it ships");
    assert_eq!(other.numbers(), [0]);
}

#[test]
fn memory_is_bounded_while_the_server_is_down() {
    let (folder, server) = (Folder::new(), Server::start(|_| Act::HangUp));
    let path = folder.at("orders.jsonl");
    let text: String = (0..2_000).map(line).collect();
    for _ in 0..100 {
        append(&path, &text);
    }
    let shipping = shipper(&server, &path)
        .with_in_flight(4)
        .start()
        .expect("it starts");
    wait_until("it has tried", || server.connections() >= 8);
    // What is sent are a few batches, however much there is.
    assert!(
        server
            .came()
            .iter()
            .map(|came| came.lines.len())
            .max()
            .unwrap_or(0)
            < 10_000
    );
    let stats = shipping.stats();
    assert_eq!(stats.shipped(), 0);
    assert!(shipping.shutdown(Duration::ZERO).unshipped_bytes() > 20 << 20);
}

#[test]
fn text_that_says_no_time_has_the_same_one_on_each_attempt() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("other.log");
    let text = |numbers: std::ops::Range<u64>| -> String {
        numbers
            .map(|number| format!("text {}\n", number / 2))
            .collect()
    };
    let now = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("after 1970").as_nanos() as i64
    };
    // The system's clock for files is coarse.
    let begin = now() - 100_000_000;
    append(&path, &text(0..50));
    // It keeps them, and nobody learns of it.
    server.decide(|_| Act::TakeAndHangUp);
    let attempt = || {
        let shipping = shipper(&server, &path).start().expect("it starts");
        let before = server.came().len();
        wait_until("it is tried", || server.came().len() > before);
        shipping.shutdown(Duration::ZERO)
    };
    assert!(attempt().unshipped_bytes() > 0);
    let first = server.kept();
    assert_eq!(first.len(), 50);
    assert!(
        first
            .iter()
            .all(|kept| (begin..=now()).contains(&kept.nanos))
    );

    // The file grows, and is written last at another time.
    append(&path, &text(50..60));
    attempt();
    server.decide(|_| Act::Take);
    let report = shipper(&server, &path).with_batch_bytes(4 << 10);
    let report = report.run_once().expect("it ships");
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (60, 0)
    );
    let kept = server.kept();
    assert_eq!(kept.len(), 60, "each once");
    assert!(first.iter().all(|first| kept.contains(first)));
}

/// The messages of a shipper that ships what is there.
fn told_once(
    server: &Server,
    change: impl FnOnce(Loki) -> Loki,
    files: &std::path::Path,
) -> Vec<String> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let of_shipper = Arc::clone(&told);
    let loki = Loki::new(server.url().as_str()).expect("an address");
    Shipper::new(change(loki))
        .with_files(files)
        .with_diagnostics(move |diagnosis| {
            of_shipper
                .lock()
                .expect("no panic")
                .push(diagnosis.to_string());
        })
        .run_once()
        .expect("it starts");
    let told = told.lock().expect("no panic");
    told.clone()
}

#[test]
fn a_server_with_another_address_or_tenant_gets_what_the_former_one_has_not_confirmed() {
    let (folder, first, second) = (Folder::new(), Server::taking(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &line(0));
    assert!(told_once(&first, |loki| loki, &path).is_empty());
    append(&path, &line(1));
    let told = told_once(&second, |loki| loki, &path);
    assert_eq!(told.len(), 1, "{told:?}");
    for part in [first.url(), second.url(), ".loki.cursor".to_owned()] {
        assert!(told[0].contains(&part), "{part} in {told:?}");
    }
    append(&path, &line(2));
    assert!(
        told_once(&second, |loki| loki, &path).is_empty(),
        "it is said once"
    );
    append(&path, &line(3));
    let told = told_once(&second, |loki| loki.with_tenant("shop"), &path);
    assert!(told.len() == 1 && told[0].contains("shop"), "{told:?}");
    assert_eq!(
        (first.numbers(), second.numbers()),
        (vec![0], vec![1, 2, 3])
    );
}

#[test]
fn a_file_that_is_there_is_not_lost_where_a_service_has_a_new_name() {
    let (folder, server) = (Folder::new(), Server::taking());
    let (old, new) = (folder.at("old.jsonl"), folder.at("new.jsonl"));
    append(&old, &line(0));
    assert!(told_once(&server, |loki| loki, &old).is_empty());
    // What is left of the old one at its end.
    append(&old, &line(1));
    server.decide(|_| answer(503, "down"));
    let _ = shipper(&server, &old)
        .start()
        .expect("it starts")
        .shutdown(Duration::from_millis(300));
    server.decide(|_| Act::Take);
    append(&new, &line(2));
    let told = told_once(&server, |loki| loki, &new);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("old.jsonl") && !told[0].contains("lost"),
        "{told:?}"
    );
    // By its own name it continues, and of neither is anything sent twice.
    assert!(told_once(&server, |loki| loki, &old).is_empty());
    assert!(told_once(&server, |loki| loki, &new).is_empty());
    assert_eq!(server.numbers(), [0, 1, 2]);
}

#[test]
fn words_of_a_server_can_neither_forge_a_line_nor_drive_a_terminal() {
    let (folder, path_name) = (Folder::new(), "orders.jsonl");
    let path = folder.at(path_name);
    append(&path, &line(0));
    let words = format!(
        "\u{1b}[31mred\u{9b}2J\u{202e}\ntracing-stamp: forged {}",
        "x".repeat(100_000)
    );
    let server = Server::start(move |_| answer(400, &words));
    let told = told_once(&server, |loki| loki, &path);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("forged") && told[0].len() < 2_000,
        "{}",
        told[0].len()
    );
    let is_obeyed = |c: char| c.is_control() || c == '\u{202e}';
    assert!(!told[0].contains(is_obeyed), "{told:?}");
}
