//! A file is recognised by its contents under another name or inode, and other contents are never taken for it.

use super::{
    Diagnoses, LOOKS, assert_once,
    elasticsearch::Mood,
    files::{Folder, append, gzipped},
    lines::{many, other, own, text},
    run_once, shipper,
    stand::Stand,
    start, wait_for, wait_until,
};
use std::{
    fs, thread,
    time::{Duration, SystemTime},
};

fn banner(numbers: std::ops::Range<u64>) -> String {
    "=== the service starts ===\n".to_owned() + &many(text, numbers)
}

#[test]
fn a_file_that_is_emptied_and_written_with_the_same_banner_is_shipped_completely() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        fs::write(&path, banner(0..20)).expect("the file is written");
        run_once(&stand, &path);
        fs::write(&path, banner(20..40)).expect("the file is written");
        run_once(&stand, &path);
        assert_once(&stand, 0..40);
        assert_eq!(stand.stored().len(), 42, "{}", stand.name());
    }
}

#[test]
fn a_new_file_in_the_inode_of_a_removed_one_is_shipped_completely() {
    for stand in Stand::both() {
        for is_restarted in [false, true] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            let begin = || {
                shipper(&stand, &path)
                    .with_rotate_wait(Duration::from_millis(100))
                    .start()
            };
            let mut shipping = begin().expect("the shipper starts");
            fs::write(&path, banner(0..20)).expect("the file is written");
            wait_for(&stand, before + 21);
            fs::remove_file(&path).expect("the file is removed");
            thread::sleep(2 * LOOKS);
            if is_restarted {
                shipping.shutdown(Duration::from_secs(5));
                shipping = begin().expect("the shipper starts");
            }
            fs::write(&path, banner(20..40)).expect("the file is written");
            wait_for(&stand, before + 42);
            thread::sleep(LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len(), before + 42, "{}", stand.name());
        }
    }
}

#[test]
fn a_restart_while_a_rotated_file_has_no_successor_repeats_nothing() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            append(&path, &many(line, 0..150));
            let shipping = start(&stand, &path);
            wait_for(&stand, before + 150);
            shipping.shutdown(Duration::from_secs(5));
            fs::rename(&path, folder.at("app.log.1")).expect("the file is renamed");
            let shipping = start(&stand, &path);
            thread::sleep(LOOKS);
            append(&path, &line(150));
            wait_for(&stand, before + 151);
            thread::sleep(LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len(), before + 151, "{}", stand.name());
        }
    }
}

#[test]
fn runs_over_different_files_of_a_folder_keep_each_others_positions() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let (a, b) = (folder.at("a.jsonl"), folder.at("b.jsonl"));
    append(&a, &other(0));
    append(&b, &many(other, 1..3));
    for path in [&a, &b, &a] {
        run_once(&stand, path);
    }
    assert_once(&stand, 0..3);
    assert_eq!(stand.received(), 3);
}

#[test]
fn a_renamed_service_reports_no_loss_while_its_old_file_is_there() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("orders.jsonl"), &many(own, 0..3));
    stand.set_mood(Mood::IsDown);
    let shipping = start(&stand, &folder.at("orders.jsonl"));
    wait_until("the shipper has tried", || stand.requests() > 0);
    shipping.shutdown(Duration::ZERO);
    stand.set_mood(Mood::Accepts);
    append(&folder.at("shop.jsonl"), &many(own, 3..5));
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&stand, &folder.at("shop.jsonl")).with_diagnostics(diagnoses.callback());
    let shipping = shipper.start().expect("the shipper starts");
    wait_for(&stand, 2);
    thread::sleep(LOOKS);
    let report = shipping.shutdown(Duration::from_secs(5));
    assert_eq!(report.stats().lost_bytes(), 0);
    assert!(!diagnoses.contain("lost"), "{:?}", diagnoses.messages());
    run_once(&stand, &folder.at("orders.jsonl"));
    assert_once(&stand, 0..5);
}

#[test]
fn two_services_ship_from_one_folder() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("orders.jsonl"), &own(0));
    append(&folder.at("shop.jsonl"), &own(1));
    let ship = |name: &str| {
        let shipper = shipper(&stand, &folder.at(&format!("{name}.jsonl")));
        let shipper = shipper.with_name(name).expect("the name is valid");
        shipper.start().expect("the shipper starts")
    };
    let shippings = ["orders", "shop"].map(ship);
    wait_for(&stand, 2);
    drop(shippings);
    assert_once(&stand, 0..2);
}

#[test]
fn shipping_continues_at_the_same_place_on_a_server_with_another_address() {
    let (folder, stand, moved) = (Folder::new(), Stand::loki(), Stand::loki());
    let path = folder.at("app.jsonl");
    append(&path, &many(own, 0..3));
    run_once(&stand, &path);
    append(&path, &many(own, 3..5));
    let diagnoses = Diagnoses::default();
    let shipper = shipper(&moved, &path).with_diagnostics(diagnoses.callback());
    let shipping = shipper.start().expect("the shipper starts");
    wait_for(&moved, 2);
    shipping.shutdown(Duration::from_secs(5));
    assert_eq!(moved.numbers(), [3, 4]);
    assert!(
        diagnoses.contain("instead of"),
        "{:?}",
        diagnoses.messages()
    );
}

#[test]
fn each_run_of_a_job_that_always_writes_the_same_text_is_shipped() {
    let run = many(text, 0..60);
    for stand in Stand::both() {
        // All of them are there when the shipper starts.
        let folder = Folder::new();
        let before = stand.stored().len();
        for name in ["job.log", "job.log.1", "job.log.2", "job.log.3"] {
            append(&folder.at(name), &run);
        }
        run_once(&stand, &folder.0);
        assert_eq!(stand.stored().len(), before + 240, "{}", stand.name());

        // The shipper is down while the job runs and the file is rotated.
        let folder = Folder::new();
        let before = stand.stored().len();
        append(&folder.at("job.log"), &run);
        run_once(&stand, &folder.0);
        fs::rename(folder.at("job.log"), folder.at("job.log.2")).expect("the file is renamed");
        append(&folder.at("job.log.1"), &run);
        append(&folder.at("job.log"), &run);
        run_once(&stand, &folder.0);
        assert_eq!(stand.stored().len(), before + 180, "{}", stand.name());
    }
}

#[test]
fn a_file_that_was_written_after_its_equal_was_removed_is_no_copy_of_it() {
    for stand in Stand::both() {
        for (name, is_later) in [
            ("job-20261128.txt.gz", true),
            ("job.txt.1", true),
            ("job-20261128.txt.gz", false),
            ("job.txt.1", false),
        ] {
            let (folder, before) = (Folder::new(), stand.stored().len());
            let lines = many(text, 0..100);
            append(&folder.at("job.txt"), &lines);
            append(&folder.at("other.log"), &own(1_000));
            run_once(&stand, &folder.0);
            fs::remove_file(folder.at("job.txt")).expect("the file exists");
            // This run notices it.
            run_once(&stand, &folder.0);
            let content = match name.ends_with("gz") {
                true => gzipped(lines.as_bytes()),
                false => lines.into_bytes(),
            };
            fs::write(folder.at(name), content).expect("the file is written");
            if is_later {
                let file = fs::File::options().append(true).open(folder.at(name));
                let later = SystemTime::now() + Duration::from_secs(120);
                let set = file.and_then(|file| file.set_modified(later));
                set.expect("the time is set");
            }
            let report = run_once(&stand, &folder.0);
            let expected = if is_later { 100 } else { 0 };
            let case = (name, is_later, stand.name());
            assert_eq!(report.stats().shipped(), expected, "{case:?}");
            assert_eq!(
                stand.stored().len() - before,
                101 + expected as usize,
                "{case:?}"
            );
            let report = run_once(&stand, &folder.0);
            assert_eq!(report.stats().shipped(), 0, "{case:?}");
        }
    }
}

#[test]
fn lines_with_times_are_recognised_in_a_copy_that_was_written_after_the_original_was_removed() {
    for stand in Stand::both() {
        for line in [own, other] {
            let (folder, before) = (Folder::new(), stand.stored().len());
            let lines = many(line, 0..100);
            append(&folder.at("app.log"), &lines);
            append(&folder.at("other.log"), &own(1_000));
            run_once(&stand, &folder.0);
            fs::remove_file(folder.at("app.log")).expect("the file exists");
            run_once(&stand, &folder.0);
            append(&folder.at("app.log.1"), &lines);
            let file = fs::File::options()
                .append(true)
                .open(folder.at("app.log.1"));
            let later = SystemTime::now() + Duration::from_secs(120);
            let set = file.and_then(|file| file.set_modified(later));
            set.expect("the time is set");
            run_once(&stand, &folder.0);
            assert_eq!(stand.stored().len(), before + 101, "{}", stand.name());
        }
    }
}
