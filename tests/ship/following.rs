//! Files are gone on with whatever becomes of them.

use super::{Folder, append, gzip, line, server::Server, shipper, wait_until};
use std::{fs, io::Write as _, time::Duration};
use tracing_stamp::writer::RollingFile;

#[test]
fn a_rolling_file_is_followed_through_rotation_and_compression() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let shipping = shipper(&server, &path).start().expect("it starts");
    let mut file = RollingFile::open(&path)
        .expect("it opens")
        .with_max_bytes(2_000)
        .with_gzip();
    for number in 0..500 {
        file.write_all(line(number).as_bytes()).expect("written");
        if number % 50 == 0 {
            std::thread::sleep(Duration::from_millis(15));
        }
    }
    wait_until("all are there", || server.numbers().len() == 500);
    assert_eq!(server.numbers(), (0..500).collect::<Vec<_>>());
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(
        (report.unshipped_bytes(), report.stats().lost_bytes()),
        (0, 0)
    );
    assert_eq!(report.stats().shipped(), 500, "none was sent twice");
}

#[test]
fn what_was_compressed_while_nobody_shipped_is_gone_on_with() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &folder.0).run_once().expect("it ships");
    append(&path, &(10..20).map(line).collect::<String>());
    fs::rename(&path, folder.at("orders.jsonl.1")).expect("renamed");
    gzip(&folder.at("orders.jsonl.1"));
    append(&path, &(20..30).map(line).collect::<String>());
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(server.numbers(), (0..30).collect::<Vec<_>>());
    assert_eq!(
        report.stats().shipped(),
        20,
        "what was shipped is not sent again"
    );
}

#[test]
fn a_file_that_is_copied_and_emptied_in_place_is_two() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &path).run_once().expect("it ships");
    append(&path, &(10..15).map(line).collect::<String>());
    // As logrotate does it, with `copytruncate`.
    fs::copy(&path, folder.at("orders.jsonl.1")).expect("copied");
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .expect("emptied");
    append(&path, &(15..40).map(line).collect::<String>());
    let report = shipper(&server, &path).run_once().expect("it ships");
    assert_eq!(server.numbers(), (0..40).collect::<Vec<_>>());
    assert_eq!(report.stats().shipped(), 30);
}

#[test]
fn a_file_that_is_emptied_while_it_is_followed_begins_anew() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    let shipping = shipper(&server, &path).start().expect("it starts");
    wait_until("the first are there", || server.numbers().len() == 10);
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .expect("emptied");
    append(&path, &(10..40).map(line).collect::<String>());
    wait_until("all are there", || server.numbers().len() == 40);
    drop(shipping);
}

#[test]
fn a_file_that_is_removed_is_read_to_its_end() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &line(0));
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("it is followed", || server.numbers() == [0]);
    append(&path, &line(1));
    // The last line has no end, and gets none any more.
    append(&path, line(2).trim_end());
    fs::remove_file(&path).expect("removed");
    append(&path, &line(3));
    wait_until("all are there", || server.numbers().len() == 4);
    drop(shipping);
}

#[test]
fn a_line_is_sent_when_it_has_its_end() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let text = line(1);
    append(&path, &line(0));
    append(&path, &text[..20]);
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("the first is there", || server.numbers() == [0]);
    std::thread::sleep(Duration::from_millis(60));
    append(&path, &text[20..]);
    wait_until("the second is there", || server.numbers() == [0, 1]);
    drop(shipping);
    assert_eq!(server.kept().len(), 2);
}

#[test]
fn files_of_several_applications_are_found_by_folder_and_by_pattern() {
    let (folder, server) = (Folder::new(), Server::taking());
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
        .expect("it ships");
    assert_eq!(server.numbers(), [0, 1]);
    shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(server.numbers(), [0, 1, 2]);
}

#[test]
fn text_that_is_no_json_is_shipped_with_the_time_of_the_line_before() {
    let (folder, server) = (Folder::new(), Server::taking());
    let text = format!(
        "{}thread 'main' panicked at src/main.rs\n\n{{torn\n{}",
        line(0),
        line(1)
    );
    append(&folder.at("orders.jsonl"), &text);
    shipper(&server, &folder.0).run_once().expect("it ships");
    let kept = server.kept();
    assert_eq!(kept.len(), 4, "an empty line is none");
    let first = kept
        .iter()
        .find(|kept| kept.line.contains("\"number\":0"))
        .expect("it is there")
        .nanos;
    for text in ["thread 'main' panicked at src/main.rs", "{torn"] {
        let text = kept
            .iter()
            .find(|kept| kept.line == text)
            .expect("it is there");
        // And a nanosecond for each byte in between.
        assert!((first..first + 1_000).contains(&text.nanos));
    }
}

#[test]
fn what_is_removed_before_it_is_shipped_is_counted_and_told() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    append(&path, &(0..10).map(line).collect::<String>());
    shipper(&server, &folder.0).run_once().expect("it ships");
    server.decide(|_| super::server::answer(503, "down"));
    append(&path, &(10..20).map(line).collect::<String>());
    let report = shipper(&server, &folder.0)
        .start()
        .expect("it starts")
        .shutdown(Duration::from_millis(100));
    assert!(report.unshipped_bytes() > 0);
    fs::remove_file(&path).expect("removed");
    append(&folder.at("other.jsonl"), &line(99));
    server.decide(|_| super::server::Act::Take);
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = told.clone();
    let shipper = shipper(&server, &folder.0).with_diagnostics(move |diagnosis| {
        tell.lock().expect("no panic").push(diagnosis.to_string())
    });
    let report = shipper.run_once().expect("it ships");
    assert_eq!(
        report.stats().lost_bytes(),
        (10..20)
            .map(|number| line(number).len() as u64)
            .sum::<u64>()
    );
    let told = told.lock().expect("no panic");
    assert!(
        told.len() == 1 && told[0].contains("orders.jsonl"),
        "{told:?}"
    );
}

#[test]
fn equal_text_of_two_files_that_were_written_at_once_is_kept_twice() {
    let (folder, server) = (Folder::new(), Server::taking());
    let at = std::time::SystemTime::now() - Duration::from_secs(60);
    for name in ["a.log", "b.log"] {
        append(&folder.at(name), "text\n");
        let file = fs::File::options().append(true).open(folder.at(name));
        file.and_then(|file| file.set_modified(at))
            .expect("it has that time");
    }
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(report.stats().shipped(), 2);
    assert_eq!(server.kept().len(), 2);
}
