//! A damaged or foreign file harms no other file, and is shipped as far as it is text.

use super::{
    Diagnoses, LOOKS, assert_once,
    files::{Folder, append, gzipped},
    lines::{many, other, own, text},
    run_once, shipper, shipper_to,
    stand::Stand,
    start, wait_for, wait_until,
};
use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    thread,
    time::Duration,
};
use traceship::Shipping;

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

/// A writer that reserves space for its lines with NUL bytes, and overwrites these.
struct Reserving {
    file: fs::File,
    offset: u64,
}

impl Reserving {
    fn create(path: &Path) -> Self {
        let mut file = fs::File::create(path).expect("the file is created");
        file.write_all(&[0; 64 << 10]).expect("space is reserved");
        Self { file, offset: 0 }
    }

    fn write(&mut self, text: &str) {
        let start = SeekFrom::Start(self.offset);
        self.file.seek(start).expect("the file has an offset");
        let written = self.file.write_all(text.as_bytes());
        written.expect("the file is written");
        self.offset += text.len() as u64;
    }
}

#[test]
fn lines_that_overwrite_reserved_nul_bytes_are_shipped_once_and_nothing_is_lost_or_waits() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let (folder, before) = (Folder::new(), stand.stored().len());
            let mut writer = Reserving::create(&folder.at("app.log"));
            let diagnoses = Diagnoses::default();
            let shipper = || shipper(&stand, &folder.0).with_diagnostics(diagnoses.callback());
            let ship = |shipping: &Shipping, lines: usize| {
                wait_for(&stand, before + lines);
                wait_until("nothing waits", || {
                    shipping.wake();
                    let stats = shipping.stats();
                    (stats.waiting_bytes(), stats.waiting_files()) == (0, 0)
                });
            };
            let shipping = shipper().start().expect("the shipper starts");
            ship(&shipping, 0);
            for n in 0..5 {
                let (first, rest) = (line(n), line(n + 100));
                let (begun, end) = rest.split_at(20);
                writer.write(&(first + begun));
                wait_for(&stand, before + 2 * n as usize + 1);
                writer.write(end);
                ship(&shipping, 2 * n as usize + 2);
            }
            let report = shipping.shutdown(Duration::from_secs(30));
            assert_eq!(report.unshipped_bytes(), 0);
            // After a start, only what is new is read.
            writer.write(&line(5));
            let shipping = shipper().start().expect("the shipper starts");
            ship(&shipping, 11);
            // The file is rotated, at first with what is left of the reserved space.
            fs::rename(folder.at("app.log"), folder.at("app.log.1")).expect("it is renamed");
            let mut next = Reserving::create(&folder.at("app.log"));
            writer.write(&line(6));
            next.write(&line(7));
            ship(&shipping, 13);
            let end = writer.file.set_len(writer.offset);
            end.expect("the rest of the space is given back");
            next.write(&line(8));
            ship(&shipping, 14);
            let report = shipping.shutdown(Duration::from_secs(30));
            assert_eq!(
                (report.unshipped_bytes(), report.stats().lost_bytes()),
                (0, 0)
            );
            let report = shipper().run_once().expect("shipping succeeds");
            assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (0, 0));
            assert_eq!(stand.stored().len(), before + 14, "{}", stand.name());
            assert!(diagnoses.messages().is_empty(), "{diagnoses:?}");
        }
    }
}

#[test]
fn the_lines_of_a_removed_file_with_reserved_space_are_counted_as_lost_without_the_space() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    let mut writer = Reserving::create(&folder.at("app.log"));
    writer.write(&many(other, 0..100));
    run_once(&stand, &folder.0);
    let rest = many(other, 100..200);
    writer.write(&rest);
    let (target, _listener) = stand.deaf_target();
    let shipping = shipper_to(target, &folder.0)
        .start()
        .expect("the shipper starts");
    wait_until("the shipper sees the lines", || {
        shipping.wake();
        shipping.stats().waiting_bytes() == rest.len() as u64
    });
    shipping.shutdown(Duration::ZERO);
    fs::remove_file(folder.at("app.log")).expect("the file exists");
    append(&folder.at("app.log"), &other(200));
    let report = run_once(&stand, &folder.0);
    assert_eq!(report.stats().lost_bytes(), rest.len() as u64);
}
