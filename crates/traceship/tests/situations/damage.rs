//! A damaged or foreign file harms no other file, and is shipped as far as it is text.

use super::{
    Diagnoses, LOOKS, assert_once,
    files::{Folder, append, gzipped},
    lines::{many, other, own, text},
    run_once, shipper,
    stand::Stand,
    start, wait_for, wait_until,
};
use std::{fs, io::Read as _, thread, time::Duration};

#[test]
fn files_that_are_not_text_are_left_out_and_reported() {
    for stand in Stand::both() {
        let folder = Folder::new();
        append(&folder.at("app.log"), &many(own, 0..3));
        let elf = [
            b"\x7fELF\x02\x01\x01\0\0\0\0\0".as_slice(),
            &[0, 7, 200, 10].repeat(2_000),
        ]
        .concat();
        let database = [
            b"SQLite format 3\0\x10\0\x01\x01".as_slice(),
            &[0, 255, 10, 1].repeat(2_000),
        ]
        .concat();
        let bzip2 = [
            b"BZh91AY&SY".as_slice(),
            &[210, 17, 10, 0, 144, 99].repeat(500),
        ]
        .concat();
        let xz = [
            b"\xfd7zXZ\0\0\x04".as_slice(),
            &[210, 17, 10, 0, 144, 99].repeat(500),
        ]
        .concat();
        for (name, bytes) in [
            ("core", elf),
            ("app.db", database),
            ("old.log.bz2", bzip2),
            ("old.log.xz", xz),
        ] {
            fs::write(folder.at(name), bytes).expect("the file is written");
        }
        let diagnoses = Diagnoses::default();
        let shipper = shipper(&stand, &folder.0).with_diagnostics(diagnoses.callback());
        shipper.run_once().expect("shipping succeeds");
        assert_once(&stand, 0..3);
        assert_eq!(stand.stored().len(), 3, "{}", stand.name());
        for name in ["core", "app.db", "old.log.bz2", "old.log.xz"] {
            assert!(
                diagnoses.contain(name),
                "{name}: {:?}",
                diagnoses.messages()
            );
        }
    }
}

#[test]
fn a_damaged_archive_does_not_harm_a_live_log_with_the_same_first_line() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let before = stand.stored().len();
            let lines = many(line, 0..2_000);
            let archive = gzipped(lines.as_bytes());
            fs::write(folder.at("app.log.1.gz"), &archive[..archive.len() / 2])
                .expect("the file is written");
            append(
                &folder.at("app.log"),
                lines.lines().next().expect("there is a line"),
            );
            append(&folder.at("app.log"), "\n");
            append(&folder.at("app.log"), &many(line, 10_000..10_100));
            let shipping = start(&stand, &folder.0);
            let of_live = || {
                stand
                    .numbers()
                    .into_iter()
                    .filter(|number| *number >= 10_000)
                    .count()
            };
            let live_before = of_live();
            wait_until("the live log arrives", || of_live() >= live_before + 100);
            append(&folder.at("app.log"), &many(line, 10_100..10_200));
            wait_until("the live log arrives", || of_live() >= live_before + 200);
            thread::sleep(LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(of_live(), live_before + 200, "{}", stand.name());
            assert!(
                stand.stored().len() > before + 600,
                "the archive is read as far as it goes"
            );
        }
    }
}

#[test]
fn what_can_be_read_of_a_damaged_archive_is_shipped_once() {
    for stand in Stand::both() {
        for is_truncated in [true, false] {
            let folder = Folder::new();
            let text = many(other, 0..33_000);
            let mut archive = gzipped(text.as_bytes());
            let length = archive.len();
            match is_truncated {
                true => archive.truncate(length / 2),
                // The checksum.
                false => archive[length - 8] ^= 1,
            }
            fs::write(folder.at("app.log.1.gz"), &archive).expect("the file is written");
            let mut readable = Vec::new();
            let _ = flate2::read::GzDecoder::new(archive.as_slice()).read_to_end(&mut readable);
            // The last line is torn.
            let readable = readable.split_inclusive(|byte| *byte == b'\n').count();
            assert!(readable > 10_000);

            let before = stand.stored().len();
            let report = run_once(&stand, &folder.0);
            assert_eq!(report.unread_files(), 1, "the damage is reported");
            assert_eq!(report.unshipped_bytes(), 0);
            let shipping = start(&stand, &folder.0);
            thread::sleep(LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len() - before, readable, "{}", stand.name());
        }
    }
}

#[test]
fn a_hole_is_skipped() {
    for stand in Stand::both() {
        for is_running in [false, true] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            append(&path, &many(text, 0..2));
            let size = fs::metadata(&path).expect("the file exists").len();
            let file = fs::File::options()
                .write(true)
                .open(&path)
                .expect("the file opens");
            if is_running {
                let shipping = start(&stand, &folder.0);
                wait_for(&stand, before + 2);
                file.set_len(size + (32 << 20)).expect("the file grows");
                append(&path, &many(text, 2..5));
                wait_for(&stand, before + 5);
                thread::sleep(LOOKS);
                shipping.shutdown(Duration::from_secs(5));
            } else {
                file.set_len(size + (32 << 20)).expect("the file grows");
                append(&path, &many(text, 2..5));
                run_once(&stand, &folder.0);
            }
            let stored = stand.stored();
            assert_eq!(stored.len(), before + 5, "{}", stand.name());
            assert!(
                stored.iter().all(|line| line.len() < 200
                    && !line.contains(['\0'])
                    && !line.contains("u0000"))
            );
        }
    }
}

#[test]
fn a_torn_last_line_of_a_closed_file_is_shipped() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        append(&path, &(many(other, 0..3) + other(3).trim_end()));
        let shipper = shipper(&stand, &folder.0).with_rotate_wait(Duration::from_millis(300));
        let shipping = shipper.start().expect("the shipper starts");
        wait_for(&stand, 3);
        fs::rename(&path, folder.at("app.log.1")).expect("the file is renamed");
        append(&path, &other(4));
        wait_for(&stand, 5);
        thread::sleep(LOOKS);
        let report = shipping.shutdown(Duration::from_secs(5));
        assert_eq!(report.unshipped_bytes(), 0);
        assert_once(&stand, 0..5);
    }
}
