//! What is lost is counted exactly: not more than what does not arrive, and not less.

use super::{
    Diagnoses, assert_all, assert_once,
    files::{Folder, append, empty},
    lines::{many, other, own, text},
    run_once, shipper, shipper_to,
    stand::Stand,
    wait_until,
};
use std::{fs, time::Duration};
use traceship::Report;

/// Lets a shipper see so many bytes that it cannot ship, and stops it.
fn see(stand: &Stand, folder: &Folder, bytes: u64) {
    let (target, _listener) = stand.deaf_target();
    let shipper = shipper_to(target, &folder.0).with_diagnostics(|_| ());
    let shipping = shipper.start().expect("the shipper starts");
    wait_until("the shipper sees the bytes", || {
        shipping.wake();
        shipping.stats().waiting_bytes() == bytes
    });
    shipping.shutdown(Duration::ZERO);
}

/// Ships what there is. Returns the number of lost bytes, and the messages.
fn ship(stand: &Stand, folder: &Folder) -> (Report, Vec<String>) {
    let diagnoses = Diagnoses::default();
    let shipper = shipper(stand, &folder.0).with_diagnostics(diagnoses.callback());
    let report = shipper.run_once().expect("shipping succeeds");
    (report, diagnoses.messages())
}

#[test]
fn the_rest_of_a_removed_file_is_counted_as_lost() {
    for line in [own, other, text] {
        let (folder, stand) = (Folder::new(), Stand::elasticsearch());
        append(&folder.at("app.log"), &many(line, 0..100));
        run_once(&stand, &folder.0);
        let rest = many(line, 100..300);
        append(&folder.at("app.log"), &rest);
        see(&stand, &folder, rest.len() as u64);
        fs::remove_file(folder.at("app.log")).expect("the file exists");
        append(&folder.at("app.log"), &many(line, 300..310));
        let (report, messages) = ship(&stand, &folder);
        let lost = report.stats().lost_bytes();
        assert_eq!(lost, rest.len() as u64, "{messages:?}");
        assert_eq!(stand.numbers().len(), 110);
        let (report, _) = ship(&stand, &folder);
        assert_eq!(report.stats().lost_bytes(), 0, "it is counted once");
    }
}

#[test]
fn the_lines_that_are_written_after_a_file_was_copied_and_before_it_is_emptied_are_counted_as_lost()
{
    for line in [own, other] {
        // The copy is shorter and longer than what is read first of a file.
        for copied in [2, 200] {
            let (folder, stand) = (Folder::new(), Stand::elasticsearch());
            let before = many(line, 0..copied);
            append(&folder.at("app.log"), &before);
            fs::copy(folder.at("app.log"), folder.at("app.log.tmp")).expect("it is copied");
            let after = many(line, copied..copied + 3);
            append(&folder.at("app.log"), &after);
            see(&stand, &folder, (before.len() + after.len()) as u64);
            fs::rename(folder.at("app.log.tmp"), folder.at("app.log.1")).expect("it is renamed");
            empty(&folder.at("app.log"));
            let (report, messages) = ship(&stand, &folder);
            let lost = report.stats().lost_bytes();
            assert_eq!(lost, after.len() as u64, "{messages:?}");
            assert_once(&stand, 0..copied);
        }
    }
}

#[test]
fn bytes_that_replaced_others_are_not_counted_for_these() {
    for line in [own, other, text] {
        let (folder, stand) = (Folder::new(), Stand::elasticsearch());
        append(&folder.at("app.log"), &many(line, 0..10));
        run_once(&stand, &folder.0);
        empty(&folder.at("app.log"));
        let other_contents = many(line, 10..200);
        append(&folder.at("app.log"), &other_contents);
        see(&stand, &folder, other_contents.len() as u64);
        let (report, messages) = ship(&stand, &folder);
        assert_eq!(report.stats().lost_bytes(), 0, "{messages:?}");
        assert_once(&stand, 0..200);
    }
}

#[test]
fn no_loss_is_reported_if_a_copy_was_begun_anew_by_a_shipper_that_was_killed() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    append(&folder.at("app.log"), &many(other, 0..5));
    run_once(&stand, &folder.0);
    let rest = many(other, 5..200);
    append(&folder.at("app.log"), &rest);
    see(&stand, &folder, rest.len() as u64);
    // It is not the name of a rotated file, so it is not continued.
    fs::rename(folder.at("app.log"), folder.at("backup.log")).expect("the file is renamed");
    fs::copy(folder.at("backup.log"), folder.at("copy.log")).expect("the file is copied");
    fs::remove_file(folder.at("backup.log")).expect("the file exists");
    let whole = fs::metadata(folder.at("copy.log")).expect("the file exists");
    see(&stand, &folder, whole.len());
    let (report, messages) = ship(&stand, &folder);
    assert_eq!(report.stats().lost_bytes(), 0, "{messages:?}");
    assert!(
        !messages.iter().any(|message| message.contains("lost")),
        "{messages:?}"
    );
    assert_all(&stand, 0..200, 5);
}

#[test]
fn short_text_may_be_lost_if_another_file_begins_with_the_same_text() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    let banner = "=== the service starts ===\n";
    append(&folder.at("app.log"), banner);
    run_once(&stand, &folder.0);
    let rest = many(text, 0..4);
    append(&folder.at("app.log"), &rest);
    see(&stand, &folder, rest.len() as u64);
    fs::remove_file(folder.at("app.log")).expect("the file exists");
    append(&folder.at("new.log"), banner);
    append(&folder.at("new.log"), &many(text, 4..7));
    let (report, messages) = ship(&stand, &folder);
    let (seen, found) = (rest.len() as u64, many(text, 4..7).len() as u64);
    // Only what the other file cannot have is certainly lost.
    assert_eq!(report.stats().lost_bytes(), seen - found);
    let is_reported = |message: &String| message.contains(&format!("{found} bytes may be lost"));
    assert!(messages.iter().any(is_reported), "{messages:?}");
    assert_eq!(stand.numbers(), [4, 5, 6]);
}
