//! Which file is which: names change, inodes are used again, and first lines are alike.

use super::{
    Folder, append, gzip, line,
    server::{Act, Server, answer},
    shipper, wait_until,
};
use std::{collections::BTreeSet, fs, thread, time::Duration};

const POLLS: Duration = Duration::from_millis(120);

fn texts(server: &Server) -> BTreeSet<String> {
    server.kept().into_iter().map(|kept| kept.line).collect()
}

fn banner(name: &str, numbers: std::ops::Range<u32>) -> String {
    let lines = numbers.map(|number| format!("{name} says {number}\n"));
    format!("banner\n{}", lines.collect::<String>())
}

#[test]
fn a_file_in_the_place_of_another_with_the_same_first_line_is_another() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("app.log");
    append(&path, &banner("a", 0..3));
    shipper(&server, &path).run_once().expect("it ships");
    append(&folder.at("new"), &banner("b", 0..300));
    fs::rename(folder.at("new"), &path).expect("renamed");
    shipper(&server, &path).run_once().expect("it ships");
    for text in (0..300).map(|number| format!("b says {number}")) {
        assert!(texts(&server).contains(&text), "{text}");
    }
}

#[test]
fn files_beside_each_other_with_the_same_first_line_are_two() {
    let (folder, server) = (Folder::new(), Server::taking());
    append(&folder.at("a.log"), &banner("a", 0..100));
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("the first is there", || texts(&server).len() == 101);
    append(&folder.at("b.log"), "banner\n");
    thread::sleep(POLLS);
    append(
        &folder.at("b.log"),
        &banner("b", 0..100)["banner\n".len()..],
    );
    append(&folder.at("a.log"), "a says more\n");
    wait_until("both are there", || texts(&server).len() == 202);
    drop(shipping);
}

#[test]
fn a_file_that_is_rewritten_with_the_same_first_line_begins_anew() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("app.log");
    append(&path, &banner("a", 0..3));
    shipper(&server, &path).run_once().expect("it ships");
    for (name, numbers) in [("b", 0..1), ("c", 0..1), ("d", 0..9)] {
        fs::write(&path, banner(name, numbers)).expect("written in place");
        let report = shipper(&server, &path).run_once().expect("it ships");
        assert!(report.stats().shipped() >= 2, "{name}");
        assert!(texts(&server).contains(&format!("{name} says 0")), "{name}");
    }
}

#[test]
fn what_another_program_compresses_is_not_sent_again() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("app.log.1");
    append(&path, &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("it is there", || server.numbers().len() == 50);
    gzip(&path);
    append(&folder.at("app.log"), &line(50));
    wait_until("the next is there", || server.numbers().len() == 51);
    thread::sleep(POLLS);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.stats().shipped(), 51);
}

#[test]
fn a_copy_is_not_sent_while_its_original_is_there_and_not_again_when_that_is_emptied() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("app.log");
    append(&path, &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("it is there", || server.numbers().len() == 50);
    // What comes last is not sent before it is copied.
    server.decide(|_| answer(503, "down"));
    append(&path, &line(50));
    fs::copy(&path, folder.at("app.log.1")).expect("copied");
    thread::sleep(POLLS);
    let file = fs::File::options().write(true).open(&path);
    file.and_then(|file| file.set_len(0)).expect("emptied");
    append(&path, &line(51));
    server.decide(|_| Act::Take);
    wait_until("all are there", || server.numbers().len() == 52);
    thread::sleep(POLLS);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.unshipped_bytes(), 0);
    assert_eq!(report.stats().shipped(), 52, "none was sent twice");
}

#[test]
fn a_file_that_goes_on_where_a_copy_of_it_began_is_sent() {
    let (folder, server) = (Folder::new(), Server::taking());
    append(&folder.at("a.log"), &(0..50).map(line).collect::<String>());
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("it is there", || server.numbers().len() == 50);
    fs::copy(folder.at("a.log"), folder.at("b.log")).expect("copied");
    thread::sleep(POLLS);
    append(&folder.at("b.log"), &line(50));
    wait_until("what came is there", || server.numbers().len() == 51);
    drop(shipping);
}

#[test]
fn more_files_than_can_be_open_are_shipped_one_after_the_other() {
    let (folder, server) = (Folder::new(), Server::taking());
    for number in 0..300 {
        append(&folder.at(&format!("{number}.jsonl")), &line(number));
    }
    let report = shipper(&server, &folder.0).run_once().expect("it ships");
    assert_eq!(
        (report.stats().shipped(), report.unshipped_bytes()),
        (300, 0)
    );
    assert_eq!(server.numbers(), (0..300).collect::<Vec<_>>());

    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    for number in 0..300 {
        append(&folder.at(&format!("{number}.jsonl")), &line(300 + number));
    }
    wait_until("all are there", || server.numbers().len() == 600);
    assert_eq!(shipping.stats().lost_bytes(), 0);
    drop(shipping);
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_told_and_does_not_count_as_shipped() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("app.jsonl.1");
    append(&path, &(0..5_000).map(line).collect::<String>());
    gzip(&path);
    let packed = folder.at("app.jsonl.1.gz");
    let bytes = fs::read(&packed).expect("it is there");
    fs::write(&packed, &bytes[..bytes.len() / 2]).expect("torn");
    append(&folder.at("app.jsonl"), &line(9_999));
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = told.clone();
    let shipper = shipper(&server, &folder.0).with_diagnostics(move |diagnosis| {
        tell.lock().expect("no panic").push(diagnosis.to_string());
    });
    let report = shipper.run_once().expect("it ships");
    assert_eq!(report.unread_files(), 1);
    assert!(server.numbers().contains(&9_999));
    let told = told.lock().expect("no panic");
    assert!(
        told.len() == 1 && told[0].contains("app.jsonl.1.gz"),
        "{told:?}"
    );
}

#[test]
fn a_compressed_file_waits_as_any_other() {
    let (folder, server) = (Folder::new(), Server::start(|_| answer(503, "down")));
    let path = folder.at("app.jsonl.1");
    let text: String = (0..100).map(line).collect();
    append(&path, &text);
    gzip(&path);
    let shipping = shipper(&server, &folder.0).start().expect("it starts");
    wait_until("it is tried", || shipping.stats().retried() > 0);
    let report = shipping.shutdown(Duration::from_millis(100));
    assert_eq!(report.unshipped_bytes(), text.len() as u64);
}
