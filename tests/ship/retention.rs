//! Retention keeps log files until they are shipped.

use super::{
    Folder, append, line,
    server::{Action, Server, response},
    shipper, wait_until,
};
use std::{fs, io::Write as _, path::Path, thread, time::Duration};
use tracing_stamp::{ship::is_unshipped, writer::RollingFile};

/// Opens a rolling file with five lines per file, which keeps unshipped files.
fn rolling(path: &Path, folder: &Folder) -> RollingFile {
    let folder = folder.0.clone();
    RollingFile::open(path)
        .expect("the file opens")
        .with_max_bytes(5 * line(1).len() as u64 + 20)
        .with_hold(move |file| is_unshipped(file, &folder))
}

fn write(file: &mut RollingFile, numbers: std::ops::Range<u64>) {
    for number in numbers {
        file.write_all(line(number).as_bytes())
            .expect("the file is written");
    }
}

/// Returns the number of log files, current and rotated.
fn files(folder: &Folder) -> usize {
    let entries = fs::read_dir(&folder.0).expect("the folder exists");
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("orders"))
        .count()
}

/// Waits long enough for the housekeeping thread to remove files.
fn settle() {
    thread::sleep(Duration::from_millis(300));
}

#[test]
fn rotated_files_are_kept_until_they_are_shipped_and_then_up_to_the_maximum_number() {
    let (folder, server) = (Folder::new(), Server::start(|_| response(503, "down")));
    let path = folder.at("orders.jsonl");
    let mut file = rolling(&path, &folder).with_max_files(2);
    write(&mut file, 0..50);
    let shipping = shipper(&server, &path).start().expect("the shipper starts");
    wait_until("an attempt is made", || shipping.stats().retried() > 0);
    write(&mut file, 50..100);
    settle();
    let count = files(&folder);
    assert!(count >= 20, "{count} files");
    server.decide(|_| Action::Accept);
    wait_until("all lines arrive", || server.numbers().len() == 100);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(
        (report.unshipped_bytes(), report.stats().lost_bytes()),
        (0, 0)
    );
    // The next rotation removes the shipped files.
    write(&mut file, 100..106);
    wait_until("the shipped ones are gone", || files(&folder) <= 4);
    settle();
    assert_eq!(file.flush().map_err(|error| error.to_string()), Ok(()));
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert_eq!(server.numbers(), (0..106).collect::<Vec<_>>());
}

#[test]
fn bytes_that_are_removed_unshipped_to_stay_within_a_budget_are_counted_and_reported() {
    let (folder, server) = (Folder::new(), Server::start(|_| response(503, "down")));
    let path = folder.at("orders.jsonl");
    let max_bytes = 25 * line(1).len() as u64;
    let mut file = rolling(&path, &folder).with_max_total_bytes(max_bytes);
    let shipper = shipper(&server, &folder.0).with_rotate_wait(Duration::from_millis(100));
    let shipping = shipper.start().expect("the shipper starts");
    let (mut last_error, mut written) = (String::new(), 0);
    for number in 0..100 {
        write(&mut file, number..number + 1);
        written += line(number).len() as u64;
        let stats = shipping.stats();
        wait_until("the shipper has seen the file", || {
            stats.waiting_bytes() + stats.lost_bytes() == written
        });
        if let Err(error) = file.flush() {
            last_error = error.to_string();
        }
    }
    wait_until("the files stay within the budget", || files(&folder) <= 7);
    wait_until("the lost bytes are counted", || {
        shipping.stats().lost_bytes() > 0
    });
    settle();
    if let Err(error) = file.flush() {
        last_error = error.to_string();
    }
    assert!(
        last_error.contains("still needed") && last_error.contains("with_max_total_bytes"),
        "{last_error:?}"
    );
    server.decide(|_| Action::Accept);
    let report = shipping.shutdown(Duration::from_secs(10));
    assert_eq!(report.unshipped_bytes(), 0);
    let (lost, shipped) = (report.stats().lost_bytes(), report.stats().shipped_bytes());
    assert_eq!(
        lost + shipped,
        written,
        "each byte is shipped or counted as lost"
    );
}

#[test]
fn a_file_is_unshipped_until_every_cursor_is_at_its_end() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let is_held = || is_unshipped(&path, &folder.0);
    assert!(!is_held(), "the file does not exist");
    append(&path, "");
    assert!(!is_held(), "the file is empty");
    append(&path, "no end");
    assert!(is_held(), "the file has no complete line");
    append(&path, &format!("\n{}", line(0)));
    assert!(is_held(), "there is no cursor yet");
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert!(!is_held());
    append(&path, &line(1));
    assert!(is_held(), "the file has grown");
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    let other = folder.at("other.jsonl");
    append(&other, &line(2));
    assert!(
        is_unshipped(&other, &folder.0),
        "the cursor does not know the file"
    );

    for kind in ["otlp", "elasticsearch"] {
        let cursor = folder.at(&format!(".{kind}.cursor"));
        fs::write(&cursor, "torn").expect("the file is written");
        assert!(is_held(), "the cursor of {kind} cannot be read");
        fs::remove_file(cursor).expect("the file is removed");
        assert!(!is_held());
    }
}

#[test]
fn a_compressed_file_is_unshipped_until_its_text_is_shipped() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let path = folder.at("orders.jsonl");
    let compressed = || {
        let entries = fs::read_dir(&folder.0).expect("the folder exists");
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.find(|path| path.extension().is_some_and(|extension| extension == "gz"))
    };
    let mut file = rolling(&path, &folder).with_gzip();
    write(&mut file, 0..3);
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    // The file grows after it was last shipped, and is then closed.
    write(&mut file, 3..6);
    wait_until("the file is compressed", || compressed().is_some());
    let closed = compressed().expect("the file exists");
    assert!(is_unshipped(&closed, &folder.0));
    shipper(&server, &path)
        .run_once()
        .expect("shipping succeeds");
    assert!(!is_unshipped(&closed, &folder.0));
    assert_eq!(server.numbers(), (0..6).collect::<Vec<_>>());
}

#[test]
fn an_unshipped_file_with_the_same_first_line_as_a_shipped_one_is_unshipped() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let (shipped, other) = (folder.at("a.log"), folder.at("b.log"));
    append(&shipped, &format!("banner\n{}", "a says more\n".repeat(50)));
    shipper(&server, &shipped)
        .run_once()
        .expect("shipping succeeds");
    append(&other, "banner\nb says less\n");
    assert!(!is_unshipped(&shipped, &folder.0));
    assert!(is_unshipped(&other, &folder.0));
}
