use super::{
    files::{Folder, read},
    wait_until,
};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    time::{Duration, SystemTime},
};
use tracing_stamp::writer::{Background, Fsync, RollingFile, Rotation};
use tracing_subscriber::fmt::MakeWriter as _;

fn open(folder: &Folder) -> RollingFile {
    RollingFile::open(folder.current()).expect("the file can be opened")
}

/// Returns lines with these numbers.
fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers
        .map(|number| format!("{{\"number\":{number:06}}}\n"))
        .collect()
}

#[test]
fn a_file_is_closed_before_it_would_be_too_long_and_no_line_is_split() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(100);
    // Lines of 18 bytes, in blocks that fit into a file and blocks that do not.
    for block in [0..1, 1..2, 2..30, 30..31, 31..60] {
        file.write_all(lines(block).as_bytes())
            .expect("the disk has room");
    }
    let files = folder.files();
    assert_eq!(files.len(), 12, "{files:?}");
    assert_eq!(files.last(), Some(&folder.current()));
    for file in &files {
        assert_eq!(read(file).len(), 90, "{file:?}");
    }
    assert_eq!(folder.text(), lines(0..60));
}

#[test]
fn a_line_that_is_longer_than_a_file_has_a_file_of_its_own() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(100);
    let long = format!("{}\n", "x".repeat(300));
    for line in [&lines(0..1), &long, &lines(1..2)] {
        file.write_all(line.as_bytes()).expect("the disk has room");
    }
    let texts: Vec<_> = folder.files().iter().map(|file| read(file)).collect();
    assert_eq!(texts, [lines(0..1), long, lines(1..2)]);
}

#[test]
fn a_file_of_an_earlier_day_is_closed_with_the_next_line() {
    let folder = Folder::new();
    fs::write(folder.current(), lines(0..1)).expect("the file can be written");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let old = File::options()
        .append(true)
        .open(folder.current())
        .expect("the file exists");
    old.set_modified(yesterday)
        .expect("the modification time can be set");
    for (rotation, files) in [
        (Rotation::Never, 1),
        (Rotation::Daily, 2),
        (Rotation::Daily, 2),
    ] {
        let mut file = open(&folder).with_rotation(rotation);
        file.flush().expect("there is no error to report");
        if rotation == Rotation::Daily {
            file.write_all(lines(1..2).as_bytes())
                .expect("the disk has room");
        }
        assert_eq!(folder.files().len(), files, "{rotation:?}");
    }
    assert_eq!(read(&folder.current()), lines(1..2) + &lines(1..2));
}

#[test]
fn names_sort_in_the_order_of_closing_even_if_the_clock_was_set_back() {
    let folder = Folder::new();
    let future = "orders.29990101T000000.000000Z.jsonl";
    fs::write(folder.path().join(future), "before\n").expect("the file can be written");
    let mut file = open(&folder).with_max_bytes(20);
    for number in 0..20 {
        file.write_all(lines(number..number + 1).as_bytes())
            .expect("the disk has room");
    }
    assert_eq!(folder.text(), "before\n".to_owned() + &lines(0..20));
}

#[test]
fn a_closed_file_keeps_its_inode() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(20);
    file.write_all(lines(0..1).as_bytes())
        .expect("the disk has room");
    let inode = fs::metadata(folder.current())
        .expect("the file exists")
        .ino();
    file.write_all(lines(1..2).as_bytes())
        .expect("the disk has room");
    assert_eq!(
        fs::metadata(&folder.files()[0])
            .expect("the file exists")
            .ino(),
        inode
    );
    assert_ne!(
        fs::metadata(folder.current())
            .expect("the file exists")
            .ino(),
        inode
    );
}

#[test]
fn closed_files_beyond_the_number_or_the_total_size_are_removed_oldest_first() {
    for keep in [
        (|file: RollingFile| file.with_max_files(3)) as fn(RollingFile) -> RollingFile,
        |file| file.with_max_total_bytes(60),
    ] {
        let folder = Folder::new();
        let other = folder.path().join("orders.old.jsonl");
        fs::write(&other, "mine\n").expect("the file can be written");
        let mut file = keep(open(&folder).with_max_bytes(20));
        for number in 0..50 {
            file.write_all(lines(number..number + 1).as_bytes())
                .expect("the disk has room");
        }
        wait_until("the oldest files are removed", || folder.files().len() == 5);
        assert_eq!(folder.text(), lines(46..50) + "mine\n");
    }
}

#[test]
fn an_incomplete_last_line_is_ended_and_no_other_line_is_changed() {
    let folder = Folder::new();
    fs::write(folder.current(), lines(0..2) + "{\"number\":0000").expect("the file can be written");
    let mut file = open(&folder);
    file.write_all(lines(3..4).as_bytes())
        .expect("the disk has room");
    let expected = lines(0..2) + "{\"number\":0000\n" + &lines(3..4);
    assert_eq!(read(&folder.current()), expected);
    drop(file);
    drop(open(&folder));
    assert_eq!(
        read(&folder.current()),
        expected,
        "no line is incomplete any more"
    );
}

#[test]
fn writing_continues_after_the_file_was_moved_removed_or_truncated() {
    let folder = Folder::new();
    let mut file = open(&folder);
    let mut write = |numbers| {
        file.write_all(lines(numbers).as_bytes())
            .expect("the disk has room")
    };
    write(0..2);
    // As logrotate does by default.
    fs::rename(folder.current(), folder.path().join("orders.jsonl.1")).expect("the file exists");
    write(2..4);
    assert_eq!(read(&folder.path().join("orders.jsonl.1")), lines(0..2));
    assert_eq!(read(&folder.current()), lines(2..4));
    File::options()
        .write(true)
        .open(folder.current())
        .and_then(|file| file.set_len(0))
        .expect("the file exists");
    write(4..6);
    assert_eq!(read(&folder.current()), lines(4..6));
    fs::remove_file(folder.current()).expect("the file exists");
    write(6..8);
    assert_eq!(read(&folder.current()), lines(6..8));
    // Another program has created the file first, and has left an incomplete line.
    fs::remove_file(folder.current()).expect("the file exists");
    fs::write(folder.current(), "half").expect("the file can be written");
    write(8..9);
    assert_eq!(read(&folder.current()), "half\n".to_owned() + &lines(8..9));
}

#[test]
fn the_size_of_a_truncated_file_counts_from_zero() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(100);
    file.write_all(lines(0..5).as_bytes())
        .expect("the disk has room");
    File::options()
        .write(true)
        .open(folder.current())
        .and_then(|file| file.set_len(0))
        .expect("the file exists");
    file.write_all(lines(5..10).as_bytes())
        .expect("the disk has room");
    assert_eq!(folder.files(), [folder.current()]);
    assert_eq!(folder.text(), lines(5..10));
}

#[test]
fn no_line_is_lost_while_the_folder_is_missing() {
    let folder = Folder::new();
    let inner = folder.path().join("inner");
    let file = RollingFile::open(inner.join("orders.jsonl")).expect("the file can be opened");
    let diagnoses = super::diagnoses::Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(file))
        .start()
        .expect("the thread starts");
    fs::remove_dir_all(&inner).expect("the file exists");
    write!(writer.make_writer(), "{}", lines(0..10)).expect("writing to the queue never fails");
    wait_until("the error is reported", || {
        diagnoses.has("cannot be written")
    });
    fs::create_dir(&inner).expect("nothing is at the path");
    guard
        .shutdown(super::PATIENCE)
        .expect("the folder exists again");
    assert_eq!(read(&inner.join("orders.jsonl")), lines(0..10));
    assert!(diagnoses.has("written again"));
}

#[test]
fn writing_continues_in_a_file_that_cannot_be_rotated_and_the_error_is_reported_once() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(20);
    // No name sorts after this one.
    file.write_all(lines(0..1).as_bytes())
        .expect("the disk has room");
    let blocked = "orders.99991231T235959.999999Z.jsonl";
    fs::write(folder.path().join(blocked), "").expect("nothing is at the path");
    file.write_all(lines(1..4).as_bytes())
        .expect("writing continues");
    let error = file.flush().expect_err("the error is reported");
    assert!(error.to_string().contains("writing continues"), "{error}");
    file.flush().expect("the error is reported only once");
    assert_eq!(read(&folder.current()), lines(0..4));
}

#[test]
fn the_second_of_two_writers_to_one_file_is_refused() {
    let folder = Folder::new();
    let first = open(&folder);
    let error = RollingFile::open(folder.current()).expect_err("the file is already open");
    assert!(error.to_string().contains("open already"), "{error}");
    let mut child = super::children::command("forked")
        .env("STAMP_TEST_PATH", folder.current())
        .spawn()
        .expect("the child starts");
    let printed = super::children::rest(&mut child).join("\n");
    assert!(printed.contains("open already"), "{printed}");
    child.wait().expect("the child ends");
    drop(first);
    drop(open(&folder));
}

#[test]
fn a_path_without_a_file_name_is_refused_with_an_example_of_one() {
    let error = RollingFile::open("/").expect_err("the path has no file name");
    assert!(error.to_string().contains("orders.jsonl"), "{error}");
    let folder = Folder::new();
    fs::create_dir(folder.current()).expect("nothing is at the path");
    let error = RollingFile::open(folder.current()).expect_err("the path is a folder");
    assert!(error.to_string().contains("cannot be opened"), "{error}");
}

#[test]
fn syncing_does_not_change_what_is_written() {
    for fsync in [Fsync::EachBlock, Fsync::Interval(Duration::from_millis(1))] {
        let folder = Folder::new();
        let mut file = open(&folder).with_fsync(fsync).with_max_bytes(100);
        for number in 0..20 {
            file.write_all(lines(number..number + 1).as_bytes())
                .expect("the disk has room");
            file.flush().expect("the file can be synced");
        }
        assert_eq!(folder.text(), lines(0..20));
    }
}

#[test]
fn a_reopener_reopens_the_path() -> io::Result<()> {
    let folder = Folder::new();
    let mut file = open(&folder);
    file.write_all(lines(0..1).as_bytes())?;
    file.reopener().reopen();
    file.write_all(lines(1..2).as_bytes())?;
    assert_eq!(read(&folder.current()), lines(0..2));
    assert_eq!(file.path(), folder.current());
    Ok(())
}

#[cfg(feature = "gzip")]
#[test]
fn closed_files_are_compressed_and_name_their_former_inode() {
    use std::io::Read as _;
    let folder = Folder::new();
    // Left by a crash: a file that was not compressed, and an unfinished compressed file.
    let left = "orders.20200101T000000.000000Z.jsonl";
    fs::write(folder.path().join(left), lines(0..1)).expect("the file can be written");
    fs::write(folder.path().join(format!("{left}.gz.4711-0.tmp")), "half")
        .expect("the file can be written");
    let mut file = open(&folder).with_max_bytes(40).with_gzip();
    file.write_all(lines(1..3).as_bytes())
        .expect("the disk has room");
    let inode = fs::metadata(folder.current()).expect("the file exists");
    file.write_all(lines(3..4).as_bytes())
        .expect("the disk has room");
    wait_until("all files are compressed", || {
        let is_compressed =
            |file: &std::path::PathBuf| file.extension().is_some_and(|extension| extension == "gz");
        let files = folder.files();
        files.len() == 3 && files[..2].iter().all(is_compressed)
    });
    let mut text = String::new();
    for file in &folder.files()[..2] {
        let mut gzip = flate2::read::GzDecoder::new(File::open(file).expect("the file exists"));
        gzip.read_to_string(&mut text)
            .expect("the compressed file is complete");
        let header = gzip.header().expect("the header was read").clone();
        let comment = String::from_utf8_lossy(header.comment().unwrap_or_default()).into_owned();
        if file != &folder.files()[0] {
            assert_eq!(comment, format!("{}:{}", inode.dev(), inode.ino()));
        }
    }
    assert_eq!(text + &read(&folder.current()), lines(0..4));
}

#[cfg(feature = "gzip")]
#[test]
fn a_compressed_file_has_an_index_of_its_trace_ids_that_is_removed_with_it() {
    use log_files::trace_index::{TraceKey, read_sidecar};
    let folder = Folder::new();
    let mut file = open(&folder)
        .with_max_bytes(60)
        .with_max_files(1)
        .with_gzip()
        .with_trace_index(true);
    let indexes = || {
        let files = fs::read_dir(folder.path()).expect("the folder exists");
        let names = files.map(|file| file.expect("a file").file_name());
        let names = names.filter(|name| name.to_string_lossy().ends_with(".trace-index"));
        names.collect::<Vec<_>>()
    };
    let mut previous = Vec::new();
    for id in [0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128, u128::MAX] {
        for line in [
            format!("{{\"trace_id\":\"{id:032x}\"}}\n"),
            "{}\n".repeat(19),
        ] {
            file.write_all(line.as_bytes()).expect("the disk has room");
        }
        let closed = || {
            let mut files = folder.files();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "gz"));
            files
        };
        wait_until("the only closed file has the only index", || {
            closed().len() == 1 && indexes().len() == 1 && indexes() != previous
        });
        previous = indexes();
        let path = closed().remove(0);
        let index = read_sidecar(&path, &File::open(&path).expect("the file exists"));
        let index = index.expect("an index of this file");
        let may_have = |id| index.blocks()[0].may_have(TraceKey::of(id).expect("a key"));
        assert_eq!(
            (index.blocks().len(), may_have(id), may_have(id - 1)),
            (1, true, false)
        );
    }
}

#[test]
fn a_file_of_an_earlier_day_is_closed_even_if_its_last_line_is_incomplete() {
    let folder = Folder::new();
    fs::write(folder.current(), "{\"a\":1}\n{\"b\":").expect("the file can be written");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let old = File::options().append(true).open(folder.current());
    old.and_then(|file| file.set_modified(yesterday))
        .expect("the modification time can be set");
    let mut file = open(&folder).with_rotation(Rotation::Daily);
    file.write_all(lines(0..1).as_bytes())
        .expect("the disk has room");
    let texts: Vec<_> = folder.files().iter().map(|file| read(file)).collect();
    assert_eq!(texts, ["{\"a\":1}\n{\"b\":\n".to_owned(), lines(0..1)]);
}

#[test]
fn the_file_can_be_opened_again_once_the_guard_is_dropped() {
    let folder = Folder::new();
    for _ in 0..100 {
        let (writer, guard) = Background::new(open(&folder))
            .start()
            .expect("the thread starts");
        write!(writer.make_writer(), "{}", lines(0..1)).expect("writing to the queue never fails");
        drop(guard);
    }
    assert_eq!(read(&folder.current()).lines().count(), 100);
}

#[test]
fn a_failed_sync_is_reported_and_stops_no_line() {
    let folder = Folder::new();
    // A device that cannot be synced.
    std::os::unix::fs::symlink("/dev/null", folder.current()).expect("the link can be created");
    let file = open(&folder).with_fsync(Fsync::EachBlock);
    let diagnoses = super::diagnoses::Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(file))
        .start()
        .expect("the thread starts");
    for _ in 0..3 {
        write!(writer.make_writer(), "{}", lines(0..1)).expect("writing to the queue never fails");
        writer.flush(super::PATIENCE).expect("the line is written");
    }
    drop(guard);
    assert!(
        diagnoses.has("could not be synced to the disk"),
        "{:?}",
        diagnoses.all()
    );
}

#[test]
fn a_folder_with_the_name_of_a_closed_file_does_not_stop_the_removal_of_others() {
    let folder = Folder::new();
    let strange = folder.path().join("orders.20200101T000000.000000Z.jsonl");
    fs::create_dir(&strange).expect("nothing is at the path");
    let mut file = open(&folder).with_max_bytes(20).with_max_files(3);
    for number in 0..50 {
        file.write_all(lines(number..number + 1).as_bytes())
            .expect("the disk has room");
    }
    wait_until("the oldest files are removed", || folder.files().len() == 5);
    assert!(strange.is_dir());
}

#[test]
fn the_target_of_a_link_is_opened_and_rotated() {
    let folder = Folder::new();
    let link = folder.path().join("link.jsonl");
    std::os::unix::fs::symlink(folder.current(), &link).expect("the link can be created");
    fs::write(folder.current(), "").expect("the file can be written");
    let mut file = RollingFile::open(&link)
        .expect("the file can be opened")
        .with_max_bytes(20);
    assert_eq!(file.path().file_name(), folder.current().file_name());
    file.write_all(lines(0..2).as_bytes())
        .expect("the disk has room");
    assert_eq!(read(&link), lines(1..2));
    assert!(link.is_symlink());
}

#[cfg(feature = "gzip")]
#[test]
fn the_total_size_counts_compressed_bytes() {
    let folder = Folder::new();
    let mut file = open(&folder)
        .with_max_bytes(100_000)
        .with_max_total_bytes(50_000)
        .with_gzip();
    for _ in 0..20 {
        // A few hundred bytes when compressed.
        file.write_all(format!("{}\n", "x".repeat(999)).repeat(100).as_bytes())
            .expect("the disk has room");
    }
    wait_until("all files are compressed", || {
        let files = folder.files();
        files.len() == 20
            && files[..19]
                .iter()
                .all(|file| file.extension().is_some_and(|extension| extension == "gz"))
    });
}

#[cfg(feature = "gzip")]
#[test]
fn two_writers_that_compress_the_same_file_lose_no_byte() {
    use std::io::Read as _;
    let folder = Folder::new();
    let closed = folder.path().join("orders.20200101T000000.000000Z.jsonl");
    // Text that takes a while to compress: letters by a linear congruential generator (Knuth's MMIX).
    let mut random = 1_u64;
    let mut data = Vec::with_capacity(10_000_000);
    for _ in 0..10_000_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        data.push(b'a' + (random >> 59) as u8 % 26);
    }
    fs::write(&closed, &data).expect("the file can be written");
    for _ in 0..2 {
        // The first is still compressing when the second begins.
        let mut file = open(&folder).with_gzip();
        file.write_all(lines(0..1).as_bytes())
            .expect("the disk has room");
        wait_until("compressing has begun", || {
            folder.files().len() > 2 || !closed.exists()
        });
    }
    wait_until("the file is compressed", || !closed.exists());
    let mut compressed = closed.into_os_string();
    compressed.push(".gz");
    let mut read = Vec::new();
    let file = File::open(compressed).expect("the file exists");
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut read)
        .expect("the compressed file is complete");
    assert!(read == data);
}
