//! Files are identified although names change, inodes are reused, and first lines are equal.

use super::{
    Diagnoses, Folder, append, gzip, line,
    server::{Action, Server, response},
    shipper, wait_until,
};
use std::{collections::BTreeSet, fs, thread, time::Duration};

/// The time of several poll intervals.
const POLLS: Duration = Duration::from_millis(120);

fn texts(server: &Server) -> BTreeSet<String> {
    server
        .entries()
        .into_iter()
        .map(|entry| entry.line)
        .collect()
}

fn banner(name: &str, numbers: std::ops::Range<u32>) -> String {
    let lines = numbers.map(|number| format!("{name} says {number}\n"));
    format!("banner\n{}", lines.collect::<String>())
}

#[test]
fn a_new_file_at_the_same_path_with_the_same_first_line_is_shipped_from_its_beginning() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("app.log");
    append(&path, &banner("a", 0..3));
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    append(&folder.at("new"), &banner("b", 0..300));
    fs::rename(folder.at("new"), &path).expect("the file is renamed");
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    for text in (0..300).map(|number| format!("b says {number}")) {
        assert!(texts(&server).contains(&text), "{text}");
    }
}

#[test]
fn two_files_with_the_same_first_line_are_both_shipped() {
    let (folder, server) = (Folder::new(), Server::accepting());
    append(&folder.at("a.log"), &banner("a", 0..100));
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the first file arrives", || texts(&server).len() == 101);
    append(&folder.at("b.log"), "banner\n");
    thread::sleep(POLLS);
    append(
        &folder.at("b.log"),
        &banner("b", 0..100)["banner\n".len()..],
    );
    append(&folder.at("a.log"), "a says more\n");
    wait_until("both files arrive", || texts(&server).len() == 202);
    drop(shipping);
}

#[test]
fn a_file_that_is_rewritten_with_the_same_first_line_is_shipped_from_its_beginning() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("app.log");
    append(&path, &banner("a", 0..3));
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    for (name, numbers) in [("b", 0..1), ("c", 0..1), ("d", 0..9)] {
        fs::write(&path, banner(name, numbers)).expect("the file is rewritten in place");
        let report = shipper(&server, &path)
            .run_once()
            .expect("shipping succeeds");
        assert!(report.stats().shipped() >= 2, "{name}");
        assert!(texts(&server).contains(&format!("{name} says 0")), "{name}");
    }
}

#[test]
fn lines_of_a_file_that_another_program_compresses_are_not_sent_again() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("app.log.1");
    append(&path, &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the lines arrive", || server.numbers().len() == 50);
    gzip(&path);
    append(&folder.at("app.log"), &line(50));
    wait_until("the next line arrives", || server.numbers().len() == 51);
    thread::sleep(POLLS);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.stats().shipped(), 51);
}

#[test]
fn a_copy_is_not_sent_while_its_original_exists_nor_again_when_the_original_is_emptied() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("app.log");
    append(&path, &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the lines arrive", || server.numbers().len() == 50);
    // The last line is copied before it is sent.
    server.decide(|_| response(503, "down"));
    append(&path, &line(50));
    fs::copy(&path, folder.at("app.log.1")).expect("the file is copied");
    thread::sleep(POLLS);
    let file = fs::File::options().write(true).open(&path);
    file.and_then(|file| file.set_len(0))
        .expect("the file is emptied");
    append(&path, &line(51));
    server.decide(|_| Action::Accept);
    wait_until("all lines arrive", || server.numbers().len() == 52);
    thread::sleep(POLLS);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.unshipped_bytes(), 0);
    assert_eq!(report.stats().shipped(), 52, "no line is sent twice");
}

#[test]
fn lines_that_are_appended_to_a_copy_are_sent() {
    let (folder, server) = (Folder::new(), Server::accepting());
    append(&folder.at("a.log"), &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the lines arrive", || server.numbers().len() == 50);
    fs::copy(folder.at("a.log"), folder.at("b.log")).expect("the file is copied");
    thread::sleep(POLLS);
    append(&folder.at("b.log"), &line(50));
    wait_until("the appended line arrives", || {
        server.numbers().contains(&50)
    });
    drop(shipping);
}

#[test]
fn more_files_than_can_be_open_are_shipped_one_after_the_other() {
    let (folder, server) = (Folder::new(), Server::accepting());
    for number in 0..300 {
        append(&folder.at(&format!("{number}.jsonl")), &line(number));
    }
    let report = shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(
        (report.stats().shipped(), report.unshipped_bytes()),
        (300, 0)
    );
    assert_eq!(server.numbers(), (0..300).collect::<Vec<_>>());

    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    for number in 0..300 {
        append(&folder.at(&format!("{number}.jsonl")), &line(300 + number));
    }
    wait_until("all lines arrive", || server.numbers().len() == 600);
    assert_eq!(shipping.stats().lost_bytes(), 0);
    drop(shipping);
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_reported_and_counted_as_unread() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("app.jsonl.1");
    append(&path, &(0..5_000).map(line).collect::<String>());
    gzip(&path);
    let compressed = folder.at("app.jsonl.1.gz");
    let bytes = fs::read(&compressed).expect("the file exists");
    fs::write(&compressed, &bytes[..bytes.len() / 2]).expect("the file is cut");
    append(&folder.at("app.jsonl"), &line(9_999));
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&server, &folder.0).with_diagnostics(diagnoses.callback());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(report.unread_files(), 1);
    assert!(server.numbers().contains(&9_999));
    let messages = diagnoses.messages();
    assert!(
        messages.len() == 1 && messages[0].contains("app.jsonl.1.gz"),
        "{messages:?}"
    );
}

#[test]
fn unshipped_bytes_include_those_of_compressed_files() {
    let (folder, server) = (Folder::new(), Server::start(|_| response(503, "down")));
    let path = folder.at("app.jsonl.1");
    let text: String = (0..100).map(line).collect();
    append(&path, &text);
    gzip(&path);
    let shipping = shipper(&server, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("an attempt is made", || shipping.stats().retried() > 0);
    let report = shipping.shutdown(Duration::from_millis(100));
    assert_eq!(report.unshipped_bytes(), text.len() as u64);
}
