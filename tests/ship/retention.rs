//! What is removed of log files waits for the server.

use super::{
    Folder, append, line,
    server::{Act, Server, answer},
    shipper, wait_until,
};
use std::{fs, io::Write as _, path::Path, thread, time::Duration};
use tracing_stamp::{ship::is_unshipped, writer::RollingFile};

/// Five lines to a file.
fn rolling(path: &Path, folder: &Folder) -> RollingFile {
    let folder = folder.0.clone();
    RollingFile::open(path)
        .expect("it opens")
        .with_max_bytes(5 * line(1).len() as u64 + 20)
        .with_hold(move |file| is_unshipped(file, &folder))
}

fn write(file: &mut RollingFile, numbers: std::ops::Range<u64>) {
    for number in numbers {
        file.write_all(line(number).as_bytes()).expect("written");
    }
}

/// The log files that are there: the current one and closed ones.
fn files(folder: &Folder) -> usize {
    let entries = fs::read_dir(&folder.0).expect("a folder");
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("orders"))
        .count()
}

/// Long enough for a thread to remove what it would.
fn settle() {
    thread::sleep(Duration::from_millis(300));
}

#[test]
fn closed_files_are_kept_until_they_are_shipped_and_then_as_many_as_asked_for() {
    let (folder, server) = (Folder::new(), Server::start(|_| answer(503, "down")));
    let path = folder.at("orders.jsonl");
    let mut file = rolling(&path, &folder).with_max_files(2);
    write(&mut file, 0..50);
    let shipping = shipper(&server, &path).start().expect("it starts");
    wait_until("it is tried", || shipping.stats().retried() > 0);
    write(&mut file, 50..100);
    settle();
    let there = files(&folder);
    assert!(there >= 20, "{there} of them");
    server.decide(|_| Act::Take);
    wait_until("all are there", || server.numbers().len() == 100);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(
        (report.unshipped_bytes(), report.stats().lost_bytes()),
        (0, 0)
    );
    // The next rotation looks after them.
    write(&mut file, 100..106);
    wait_until("the shipped ones are gone", || files(&folder) <= 4);
    settle();
    assert_eq!(file.flush().map_err(|error| error.to_string()), Ok(()));
    shipper(&server, &path).run_once().expect("it ships");
    assert_eq!(server.numbers(), (0..106).collect::<Vec<_>>());
}

#[test]
fn where_the_disk_has_a_budget_what_is_lost_for_it_is_counted_and_told() {
    let (folder, server) = (Folder::new(), Server::start(|_| answer(503, "down")));
    let path = folder.at("orders.jsonl");
    let most = 25 * line(1).len() as u64;
    let mut file = rolling(&path, &folder).with_max_total_bytes(most);
    let shipper = shipper(&server, &folder.0).with_rotate_wait(Duration::from_millis(100));
    let shipping = shipper.start().expect("it starts");
    let (mut told, mut written) = (String::new(), 0);
    for number in 0..100 {
        write(&mut file, number..number + 1);
        written += line(number).len() as u64;
        let stats = shipping.stats();
        wait_until("it is seen", || {
            stats.waiting_bytes() + stats.lost_bytes() == written
        });
        if let Err(error) = file.flush() {
            told = error.to_string();
        }
    }
    wait_until("the budget is kept", || files(&folder) <= 7);
    wait_until("it is counted", || shipping.stats().lost_bytes() > 0);
    settle();
    if let Err(error) = file.flush() {
        told = error.to_string();
    }
    assert!(
        told.contains("still needed") && told.contains("with_max_total_bytes"),
        "{told:?}"
    );
    server.decide(|_| Act::Take);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.unshipped_bytes(), 0);
    let (lost, kept) = (report.stats().lost_bytes(), report.stats().shipped_bytes());
    assert_eq!(
        lost + kept,
        written,
        "each byte is shipped or counted as lost"
    );
}

#[test]
fn a_file_is_unshipped_until_each_cursor_is_behind_its_end() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let is_held = || is_unshipped(&path, &folder.0);
    assert!(!is_held(), "it is not there");
    append(&path, "");
    assert!(!is_held(), "it is empty");
    append(&path, "no end");
    assert!(is_held(), "it has no whole line");
    append(&path, &format!("\n{}", line(0)));
    assert!(is_held(), "nobody has shipped yet");
    shipper(&server, &path).run_once().expect("it ships");
    assert!(!is_held());
    append(&path, &line(1));
    assert!(is_held(), "it has grown");
    shipper(&server, &path).run_once().expect("it ships");
    let other = folder.at("other.jsonl");
    append(&other, &line(2));
    assert!(is_unshipped(&other, &folder.0), "it is not known");

    for kind in ["otlp", "elasticsearch"] {
        let cursor = folder.at(&format!(".{kind}.cursor"));
        fs::write(&cursor, "torn").expect("written");
        assert!(is_held(), "what {kind} has is not known");
        fs::remove_file(cursor).expect("removed");
        assert!(!is_held());
    }
}

#[test]
fn a_file_that_was_compressed_is_unshipped_for_as_long_as_its_text_is() {
    let (folder, server) = (Folder::new(), Server::taking());
    let path = folder.at("orders.jsonl");
    let compressed = || {
        let entries = fs::read_dir(&folder.0).expect("a folder");
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.find(|path| path.extension().is_some_and(|extension| extension == "gz"))
    };
    let mut file = rolling(&path, &folder).with_gzip();
    write(&mut file, 0..3);
    shipper(&server, &path).run_once().expect("it ships");
    // What the cursor knows of it is less than what it is when it is closed.
    write(&mut file, 3..6);
    wait_until("it is compressed", || compressed().is_some());
    let closed = compressed().expect("it is there");
    assert!(is_unshipped(&closed, &folder.0));
    shipper(&server, &path).run_once().expect("it ships");
    assert!(!is_unshipped(&closed, &folder.0));
    assert_eq!(server.numbers(), (0..6).collect::<Vec<_>>());
}

#[test]
fn a_file_with_the_first_line_of_one_that_is_shipped_is_unshipped() {
    let (folder, server) = (Folder::new(), Server::taking());
    let (shipped, other) = (folder.at("a.log"), folder.at("b.log"));
    append(&shipped, &format!("banner\n{}", "a says more\n".repeat(50)));
    shipper(&server, &shipped).run_once().expect("it ships");
    append(&other, "banner\nb says less\n");
    assert!(!is_unshipped(&shipped, &folder.0));
    assert!(is_unshipped(&other, &folder.0));
}
