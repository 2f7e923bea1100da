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
    RollingFile::open(folder.current()).expect("it can be opened")
}

/// Lines with numbers.
fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers
        .map(|number| format!("{{\"number\":{number:06}}}\n"))
        .collect()
}

#[test]
fn a_file_is_closed_before_it_would_be_too_long_and_no_line_is_torn() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(100);
    // Lines of 18 bytes, in blocks that fit and blocks that do not.
    for block in [0..1, 1..2, 2..30, 30..31, 31..60] {
        file.write_all(lines(block).as_bytes())
            .expect("there is room");
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
        file.write_all(line.as_bytes()).expect("there is room");
    }
    let texts: Vec<_> = folder.files().iter().map(|file| read(file)).collect();
    assert_eq!(texts, [lines(0..1), long, lines(1..2)]);
}

#[test]
fn a_file_of_an_earlier_day_is_closed_with_the_next_line() {
    let folder = Folder::new();
    fs::write(folder.current(), lines(0..1)).expect("it can be written");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let old = File::options()
        .append(true)
        .open(folder.current())
        .expect("it is there");
    old.set_modified(yesterday).expect("its time can be set");
    for (rotation, files) in [
        (Rotation::Never, 1),
        (Rotation::Daily, 2),
        (Rotation::Daily, 2),
    ] {
        let mut file = open(&folder).with_rotation(rotation);
        file.flush().expect("there is nothing");
        if rotation == Rotation::Daily {
            file.write_all(lines(1..2).as_bytes())
                .expect("there is room");
        }
        assert_eq!(folder.files().len(), files, "{rotation:?}");
    }
    assert_eq!(read(&folder.current()), lines(1..2) + &lines(1..2));
}

#[test]
fn names_sort_as_files_were_closed_also_where_the_clock_was_set_back() {
    let folder = Folder::new();
    let future = "orders.29990101T000000.000000Z.jsonl";
    fs::write(folder.path().join(future), "before\n").expect("it can be written");
    let mut file = open(&folder).with_max_bytes(20);
    for number in 0..20 {
        file.write_all(lines(number..number + 1).as_bytes())
            .expect("there is room");
    }
    assert_eq!(folder.text(), "before\n".to_owned() + &lines(0..20));
}

#[test]
fn a_closed_file_keeps_its_inode() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(20);
    file.write_all(lines(0..1).as_bytes())
        .expect("there is room");
    let inode = fs::metadata(folder.current()).expect("it is there").ino();
    file.write_all(lines(1..2).as_bytes())
        .expect("there is room");
    assert_eq!(
        fs::metadata(&folder.files()[0]).expect("it is there").ino(),
        inode
    );
    assert_ne!(
        fs::metadata(folder.current()).expect("it is there").ino(),
        inode
    );
}

#[test]
fn so_many_closed_files_and_bytes_are_kept_and_the_oldest_go() {
    for keep in [
        (|file: RollingFile| file.with_max_files(3)) as fn(RollingFile) -> RollingFile,
        |file| file.with_max_total_bytes(60),
    ] {
        let folder = Folder::new();
        let other = folder.path().join("orders.old.jsonl");
        fs::write(&other, "mine\n").expect("it can be written");
        let mut file = keep(open(&folder).with_max_bytes(20));
        for number in 0..50 {
            file.write_all(lines(number..number + 1).as_bytes())
                .expect("there is room");
        }
        wait_until("the oldest are gone", || folder.files().len() == 5);
        assert_eq!(folder.text(), lines(46..50) + "mine\n");
    }
}

#[test]
fn a_torn_last_line_is_ended_and_all_others_are_left_as_they_are() {
    let folder = Folder::new();
    fs::write(folder.current(), lines(0..2) + "{\"number\":0000").expect("it can be written");
    let mut file = open(&folder);
    file.write_all(lines(3..4).as_bytes())
        .expect("there is room");
    let expected = lines(0..2) + "{\"number\":0000\n" + &lines(3..4);
    assert_eq!(read(&folder.current()), expected);
    drop(file);
    drop(open(&folder));
    assert_eq!(
        read(&folder.current()),
        expected,
        "nothing is torn any more"
    );
}

#[test]
fn a_file_that_was_moved_or_removed_or_emptied_is_gone_on_with() {
    let folder = Folder::new();
    let mut file = open(&folder);
    let mut write = |numbers| {
        file.write_all(lines(numbers).as_bytes())
            .expect("there is room")
    };
    write(0..2);
    // logrotate, in its default and with `copytruncate`.
    fs::rename(folder.current(), folder.path().join("orders.jsonl.1")).expect("it is there");
    write(2..4);
    assert_eq!(read(&folder.path().join("orders.jsonl.1")), lines(0..2));
    assert_eq!(read(&folder.current()), lines(2..4));
    File::options()
        .write(true)
        .open(folder.current())
        .and_then(|file| file.set_len(0))
        .expect("it is there");
    write(4..6);
    assert_eq!(read(&folder.current()), lines(4..6));
    fs::remove_file(folder.current()).expect("it is there");
    write(6..8);
    assert_eq!(read(&folder.current()), lines(6..8));
    // Somebody else was faster, and did not end a line.
    fs::remove_file(folder.current()).expect("it is there");
    fs::write(folder.current(), "half").expect("it can be written");
    write(8..9);
    assert_eq!(read(&folder.current()), "half\n".to_owned() + &lines(8..9));
}

#[test]
fn an_emptied_file_is_as_long_as_it_is() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(100);
    file.write_all(lines(0..5).as_bytes())
        .expect("there is room");
    File::options()
        .write(true)
        .open(folder.current())
        .and_then(|file| file.set_len(0))
        .expect("it is there");
    file.write_all(lines(5..10).as_bytes())
        .expect("there is room");
    assert_eq!(folder.files(), [folder.current()]);
    assert_eq!(folder.text(), lines(5..10));
}

#[test]
fn a_folder_that_is_gone_for_a_while_costs_no_line() {
    let folder = Folder::new();
    let inner = folder.path().join("inner");
    let file = RollingFile::open(inner.join("orders.jsonl")).expect("it can be opened");
    let told = super::told::Told::default();
    let (writer, guard) = told
        .listen(Background::new(file))
        .start()
        .expect("a thread");
    fs::remove_dir_all(&inner).expect("it is there");
    write!(writer.make_writer(), "{}", lines(0..10)).expect("it never fails");
    wait_until("it is told", || told.has("cannot be written"));
    fs::create_dir(&inner).expect("it is not there");
    guard
        .shutdown(super::PATIENCE)
        .expect("it can be written now");
    assert_eq!(read(&inner.join("orders.jsonl")), lines(0..10));
    assert!(told.has("written again"));
}

#[test]
fn a_file_that_cannot_be_closed_is_written_further_and_that_is_told() {
    let folder = Folder::new();
    let mut file = open(&folder).with_max_bytes(20);
    // No name sorts behind this one.
    file.write_all(lines(0..1).as_bytes())
        .expect("there is room");
    let blocked = "orders.99991231T235959.999999Z.jsonl";
    fs::write(folder.path().join(blocked), "").expect("it is not there");
    file.write_all(lines(1..4).as_bytes())
        .expect("it is written further");
    let error = file.flush().expect_err("it is told");
    assert!(error.to_string().contains("written further"), "{error}");
    file.flush().expect("once");
    assert_eq!(read(&folder.current()), lines(0..4));
}

#[test]
fn of_two_that_open_one_file_the_second_is_refused() {
    let folder = Folder::new();
    let first = open(&folder);
    let error = RollingFile::open(folder.current()).expect_err("it is open already");
    assert!(error.to_string().contains("open already"), "{error}");
    let mut child = super::children::command("forked")
        .env("STAMP_TEST_PATH", folder.current())
        .spawn()
        .expect("a child");
    let said = super::children::rest(&mut child).join("\n");
    assert!(said.contains("open already"), "{said}");
    child.wait().expect("it ends");
    drop(first);
    drop(open(&folder));
}

#[test]
fn a_path_without_a_name_is_refused_with_what_to_do() {
    let error = RollingFile::open("/").expect_err("there is no name");
    assert!(error.to_string().contains("orders.jsonl"), "{error}");
    let folder = Folder::new();
    fs::create_dir(folder.current()).expect("it is not there");
    let error = RollingFile::open(folder.current()).expect_err("it is a folder");
    assert!(error.to_string().contains("cannot be opened"), "{error}");
}

#[test]
fn forcing_lines_to_the_disk_changes_no_file() {
    for fsync in [Fsync::EachBlock, Fsync::Interval(Duration::from_millis(1))] {
        let folder = Folder::new();
        let mut file = open(&folder).with_fsync(fsync).with_max_bytes(100);
        for number in 0..20 {
            file.write_all(lines(number..number + 1).as_bytes())
                .expect("there is room");
            file.flush().expect("it can be forced");
        }
        assert_eq!(folder.text(), lines(0..20));
    }
}

#[test]
fn a_reopener_begins_the_path_anew() -> io::Result<()> {
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
fn closed_files_are_compressed_and_say_which_inode_they_were() {
    use std::io::Read as _;
    let folder = Folder::new();
    // What a crash has left: a file that was not compressed, and one that was not finished.
    let left = "orders.20200101T000000.000000Z.jsonl";
    fs::write(folder.path().join(left), lines(0..1)).expect("it can be written");
    fs::write(folder.path().join(format!("{left}.gz.4711-0.tmp")), "half")
        .expect("it can be written");
    let mut file = open(&folder).with_max_bytes(40).with_gzip();
    file.write_all(lines(1..3).as_bytes())
        .expect("there is room");
    let inode = fs::metadata(folder.current()).expect("it is there");
    file.write_all(lines(3..4).as_bytes())
        .expect("there is room");
    wait_until("all are compressed", || {
        let is_compressed =
            |file: &std::path::PathBuf| file.extension().is_some_and(|extension| extension == "gz");
        let files = folder.files();
        files.len() == 3 && files[..2].iter().all(is_compressed)
    });
    let mut text = String::new();
    for file in &folder.files()[..2] {
        let mut gzip = flate2::read::GzDecoder::new(File::open(file).expect("it is there"));
        gzip.read_to_string(&mut text).expect("it is whole");
        let header = gzip.header().expect("it has been read").clone();
        let comment = String::from_utf8_lossy(header.comment().unwrap_or_default()).into_owned();
        if file != &folder.files()[0] {
            assert_eq!(comment, format!("{}:{}", inode.dev(), inode.ino()));
        }
    }
    assert_eq!(text + &read(&folder.current()), lines(0..4));
}

#[test]
fn a_file_of_an_earlier_day_is_closed_also_where_its_last_line_was_torn() {
    let folder = Folder::new();
    fs::write(folder.current(), "{\"a\":1}\n{\"b\":").expect("it can be written");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let old = File::options().append(true).open(folder.current());
    old.and_then(|file| file.set_modified(yesterday))
        .expect("its time can be set");
    let mut file = open(&folder).with_rotation(Rotation::Daily);
    file.write_all(lines(0..1).as_bytes())
        .expect("there is room");
    let texts: Vec<_> = folder.files().iter().map(|file| read(file)).collect();
    assert_eq!(texts, ["{\"a\":1}\n{\"b\":\n".to_owned(), lines(0..1)]);
}

#[test]
fn the_path_is_free_when_the_guard_is_gone() {
    let folder = Folder::new();
    for _ in 0..100 {
        let (writer, guard) = Background::new(open(&folder)).start().expect("a thread");
        write!(writer.make_writer(), "{}", lines(0..1)).expect("it never fails");
        drop(guard);
    }
    assert_eq!(read(&folder.current()).lines().count(), 100);
}

#[test]
fn an_error_of_forcing_to_the_disk_is_told_and_stops_no_line() {
    let folder = Folder::new();
    // A device that cannot be forced to any disk.
    std::os::unix::fs::symlink("/dev/null", folder.current()).expect("a link");
    let file = open(&folder).with_fsync(Fsync::EachBlock);
    let told = super::told::Told::default();
    let (writer, guard) = told
        .listen(Background::new(file))
        .start()
        .expect("a thread");
    for _ in 0..3 {
        write!(writer.make_writer(), "{}", lines(0..1)).expect("it never fails");
        writer.flush(super::PATIENCE).expect("it is written");
    }
    drop(guard);
    assert!(
        told.has("could not be forced to the disk"),
        "{:?}",
        told.all()
    );
}

#[test]
fn what_is_no_file_of_ours_does_not_keep_others_from_being_removed() {
    let folder = Folder::new();
    let strange = folder.path().join("orders.20200101T000000.000000Z.jsonl");
    fs::create_dir(&strange).expect("it is not there");
    let mut file = open(&folder).with_max_bytes(20).with_max_files(3);
    for number in 0..50 {
        file.write_all(lines(number..number + 1).as_bytes())
            .expect("there is room");
    }
    wait_until("the oldest are gone", || folder.files().len() == 5);
    assert!(strange.is_dir());
}

#[test]
fn a_link_is_followed_and_its_target_rotated() {
    let folder = Folder::new();
    let link = folder.path().join("link.jsonl");
    std::os::unix::fs::symlink(folder.current(), &link).expect("a link");
    fs::write(folder.current(), "").expect("it can be written");
    let mut file = RollingFile::open(&link)
        .expect("it can be opened")
        .with_max_bytes(20);
    assert_eq!(file.path().file_name(), folder.current().file_name());
    file.write_all(lines(0..2).as_bytes())
        .expect("there is room");
    assert_eq!(read(&link), lines(1..2));
    assert!(link.is_symlink());
}

#[cfg(feature = "gzip")]
#[test]
fn so_many_bytes_are_counted_as_they_are_compressed() {
    let folder = Folder::new();
    let mut file = open(&folder)
        .with_max_bytes(100_000)
        .with_max_total_bytes(50_000)
        .with_gzip();
    for _ in 0..20 {
        // Some hundred bytes when compressed.
        file.write_all(format!("{}\n", "x".repeat(999)).repeat(100).as_bytes())
            .expect("there is room");
    }
    wait_until("all are compressed", || {
        let files = folder.files();
        files.len() == 20
            && files[..19]
                .iter()
                .all(|file| file.extension().is_some_and(|extension| extension == "gz"))
    });
}

#[cfg(feature = "gzip")]
#[test]
fn two_that_compress_one_file_lose_nothing_of_it() {
    use std::io::Read as _;
    let folder = Folder::new();
    let closed = folder.path().join("orders.20200101T000000.000000Z.jsonl");
    // Text that takes a while: digits of a linear congruential generator (Knuth's MMIX).
    let mut random = 1_u64;
    let mut data = Vec::with_capacity(10_000_000);
    for _ in 0..10_000_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        data.push(b'a' + (random >> 59) as u8 % 26);
    }
    fs::write(&closed, &data).expect("it can be written");
    for _ in 0..2 {
        // The first is still at it when the second begins.
        let mut file = open(&folder).with_gzip();
        file.write_all(lines(0..1).as_bytes())
            .expect("there is room");
        wait_until("it has begun", || {
            folder.files().len() > 2 || !closed.exists()
        });
    }
    wait_until("it is compressed", || !closed.exists());
    let mut compressed = closed.into_os_string();
    compressed.push(".gz");
    let mut read = Vec::new();
    let file = File::open(compressed).expect("it is there");
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut read)
        .expect("it is whole");
    assert!(read == data);
}
