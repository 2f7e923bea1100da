//! The files of patterns and links are found, also after they were rotated or removed.

use super::{
    Diagnoses, LOOKS, assert_once,
    files::{Folder, append},
    lines::{many, other, own, text},
    run_once, shipper,
    stand::Stand,
    start, wait_for,
};
use std::{fs, io::Write as _, thread, time::Duration};

#[test]
fn a_pattern_includes_a_rotated_file_whose_current_file_is_missing() {
    for stand in Stand::both() {
        let folder = Folder::new();
        append(&folder.at("app.log.1"), &own(0));
        let shipping = start(&stand, &folder.at("*.log"));
        wait_for(&stand, 1);
        append(&folder.at("app.log"), &own(1));
        wait_for(&stand, 2);
        shipping.shutdown(Duration::from_secs(5));
        assert_once(&stand, 0..2);
    }
}

#[cfg(unix)]
#[test]
fn the_files_of_a_container_are_shipped_although_they_were_rotated_while_the_shipper_was_down() {
    let line = |number| {
        let now = jiff::Timestamp::now();
        format!("{now:.9} stdout F the request with n={number}; is served\n")
    };
    for stand in Stand::both() {
        let folder = Folder::new();
        let (links, pod) = (
            folder.at("containers"),
            folder.at("pods/default_orders_1/orders"),
        );
        fs::create_dir_all(&links).expect("the folder is created");
        fs::create_dir_all(&pod).expect("the folder is created");
        append(&pod.join("0.log"), &many(line, 0..100));
        let link = links.join("orders_default_orders-1.log");
        std::os::unix::fs::symlink(pod.join("0.log"), link).expect("the link is made");
        let pattern = links.join("*.log");
        let shipping = start(&stand, &pattern);
        wait_for(&stand, 100);
        shipping.shutdown(Duration::from_secs(5));

        append(&pod.join("0.log"), &many(line, 100..200));
        fs::rename(pod.join("0.log"), pod.join("0.log.20261128-120000"))
            .expect("the file is renamed");
        append(&pod.join("0.log"), &line(200));
        let shipping = start(&stand, &pattern);
        wait_for(&stand, 201);
        thread::sleep(LOOKS);
        let report = shipping.shutdown(Duration::from_secs(5));
        assert_eq!(report.stats().lost_bytes(), 0);
        assert_once(&stand, 0..201);
    }
}

#[cfg(unix)]
#[test]
fn a_removed_file_is_read_as_long_as_its_writer_writes() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            let file = fs::File::options().create(true).append(true).open(&path);
            let mut file = file.expect("the file is created");
            let mut write = |number| {
                file.write_all(line(number).as_bytes())
                    .expect("it is written")
            };
            (0..2).for_each(&mut write);
            let shipping = start(&stand, &folder.0);
            wait_for(&stand, before + 2);
            fs::remove_file(&path).expect("the file is removed");
            thread::sleep(LOOKS);
            (2..4).for_each(&mut write);
            wait_for(&stand, before + 4);
            // The next lines are written just before the end.
            (4..6).for_each(&mut write);
            let report = shipping.shutdown(Duration::from_secs(5));
            assert_eq!(report.stats().lost_bytes(), 0);
            assert_eq!(stand.stored().len(), before + 6, "{}", stand.name());
        }
    }
}

#[test]
fn every_file_of_a_pattern_over_many_files_is_shipped_at_once() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    for number in 0..1_000 {
        append(&folder.at(&format!("{number}.log")), &other(number));
    }
    run_once(&stand, &folder.at("*.log"));
    assert_once(&stand, 0..1_000);
    assert!(stand.requests() <= 5, "{} requests", stand.requests());
}

#[test]
fn a_named_file_that_is_never_read_is_reported_once_while_files_are_followed() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("app.log.tmp"), &own(0));
    let diagnoses = Diagnoses::default();
    let shipping = shipper(&stand, &folder.at("app.log.tmp"))
        // These may appear later.
        .with_files(folder.at("app.log"))
        .with_files(folder.at("*.jsonl"))
        .with_diagnostics(diagnoses.callback())
        .start()
        .expect("the shipper starts");
    append(&folder.at("app.log"), &own(1));
    wait_for(&stand, 1);
    let report = shipping.shutdown(Duration::from_secs(5));
    assert_eq!(report.unread_files(), 1);
    let messages = diagnoses.messages();
    assert!(
        messages.len() == 1 && messages[0].contains("app.log.tmp"),
        "{messages:?}"
    );
}
