//! Files are shipped completely while they are rotated, compressed, copied, emptied or removed.

use super::{Diagnoses, Folder, append, gzip, line, server::Server, shipper, wait_until};
use std::{fs, io::Write as _, time::Duration};
use tracing_stamp::writer::RollingFile;

#[test]
fn a_rolling_file_is_followed_through_rotation_and_compression() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let shipping = shipper(&server, &path).start().expect("the shipper starts");
    let mut file = RollingFile::open(&path)
        .expect("the file opens")
        .with_max_bytes(2_000)
        .with_gzip();
    for number in 0..500 {
        file.write_all(line(number).as_bytes())
            .expect("the file is written");
        if number % 50 == 0 {
            std::thread::sleep(Duration::from_millis(15));
        }
    }
    wait_until("all lines arrive", || server.numbers().len() == 500);
    assert_eq!(server.numbers(), (0..500).collect::<Vec<_>>());
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(
        (report.unshipped_bytes(), report.stats().lost_bytes()),
        (0, 0)
    );
    assert_eq!(report.stats().shipped(), 500, "no line is sent twice");
}

#[test]
fn a_file_that_was_compressed_between_two_runs_continues_at_the_confirmed_position() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    append(&path, &(10..20).map(line).collect::<String>());
    fs::rename(&path, folder.at("orders.jsonl.1")).expect("the file is renamed");
    gzip(&folder.at("orders.jsonl.1"));
    append(&path, &(20..30).map(line).collect::<String>());
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), (0..30).collect::<Vec<_>>());
    assert_eq!(
        report.stats().shipped(),
        20,
        "shipped lines are not sent again"
    );
}

#[test]
fn a_file_that_is_copied_and_emptied_in_place_is_treated_as_two_files() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    append(&path, &(10..15).map(line).collect::<String>());
    // This is what logrotate does with `copytruncate`.
    fs::copy(&path, folder.at("orders.jsonl.1")).expect("the file is copied");
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .expect("the file is emptied");
    append(&path, &(15..40).map(line).collect::<String>());
    let report = shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), (0..40).collect::<Vec<_>>());
    assert_eq!(report.stats().shipped(), 30);
}

#[test]
fn a_file_that_is_emptied_while_it_is_followed_is_shipped_from_its_beginning() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    let shipping = shipper(&server, &path).start().expect("the shipper starts");
    wait_until("the first lines arrive", || server.numbers().len() == 10);
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .expect("the file is emptied");
    append(&path, &(10..40).map(line).collect::<String>());
    wait_until("all lines arrive", || server.numbers().len() == 40);
    drop(shipping);
}

#[test]
fn an_open_file_that_is_removed_is_read_to_its_end() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &line(0));
    let shipping = shipper(&server, &folder.0)
        .with_rotate_wait(Duration::from_millis(200))
        .start()
        .expect("the shipper starts");
    wait_until("the file is followed", || server.numbers() == [0]);
    append(&path, &line(1));
    // The last line has no newline, and will not get one.
    append(&path, line(2).trim_end());
    fs::remove_file(&path).expect("the file is removed");
    append(&path, &line(3));
    wait_until("all lines arrive", || server.numbers().len() == 4);
    drop(shipping);
}

#[test]
fn a_line_is_sent_once_its_newline_is_written() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let text = line(1);
    append(&path, &line(0));
    append(&path, &text[..20]);
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the first line arrives", || server.numbers() == [0]);
    std::thread::sleep(Duration::from_millis(60));
    append(&path, &text[20..]);
    wait_until("the second line arrives", || server.numbers() == [0, 1]);
    drop(shipping);
    assert_eq!(server.entries().len(), 2);
}

#[test]
fn files_of_several_applications_are_found_by_folder_and_by_pattern() {
    let (folder, server) = (Folder::new(), Server::accepting());
    for (number, name) in [
        "a.jsonl",
        "b.jsonl",
        "c.log",
        ".hidden.jsonl",
        "d.jsonl.tmp",
    ]
    .iter()
    .enumerate()
    {
        append(&folder.at(name), &line(number as u64));
    }
    shipper(&server, &folder.at("*.jsonl"))
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), [0, 1]);
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), [0, 1, 2]);
}

#[test]
fn text_that_is_not_json_is_shipped_with_the_time_of_the_line_before() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let text = format!(
        "{}thread 'main' panicked at src/main.rs\n\n{{torn\n{}",
        line(0),
        line(1)
    );
    append(&folder.at("orders.jsonl"), &text);
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    let entries = server.entries();
    assert_eq!(entries.len(), 4, "an empty line is left out");
    let first = entries
        .iter()
        .find(|entry| entry.line.contains("\"number\":0"))
        .expect("the file exists")
        .nanos;
    for text in ["thread 'main' panicked at src/main.rs", "{torn"] {
        let text = entries
            .iter()
            .find(|entry| entry.line == text)
            .expect("the file exists");
        // A nanosecond is added for each byte in between.
        assert!((first..first + 1_000).contains(&text.nanos));
    }
}

#[test]
fn bytes_of_a_file_that_is_removed_before_it_is_shipped_are_counted_and_reported() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    server.decide(|_| super::server::response(503, "down"));
    append(&path, &(10..20).map(line).collect::<String>());
    let report = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts")
        .shutdown(Duration::from_millis(100));
    assert!(report.unshipped_bytes() > 0);
    fs::remove_file(&path).expect("the file is removed");
    append(&folder.at("other.jsonl"), &line(99));
    server.decide(|_| super::server::Action::Accept);
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&server, &folder.0).with_diagnostics(diagnoses.callback());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(
        report.stats().lost_bytes(),
        (10..20)
            .map(|number| line(number).len() as u64)
            .sum::<u64>()
    );
    let messages = diagnoses.messages();
    assert!(
        messages.len() == 1 && messages[0].contains("orders.jsonl"),
        "{messages:?}"
    );
}

#[test]
fn equal_text_of_two_files_with_the_same_modification_time_is_stored_twice() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let at = std::time::SystemTime::now() - Duration::from_secs(60);
    for name in ["a.log", "b.log"] {
        append(&folder.at(name), "text\n");
        let file = fs::File::options().append(true).open(folder.at(name));
        file.and_then(|file| file.set_modified(at))
            .expect("the time is set");
    }
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(report.stats().shipped(), 2);
    assert_eq!(server.entries().len(), 2);
}
