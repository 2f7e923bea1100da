//! Reads files of all compressions, whole, damaged and truncated.

use flate2::{Compression as Level, GzBuilder, write::GzEncoder};
use log_files::{Content, PipeContent, names::Compression};
use std::{
    env,
    fs::{self, File},
    io::{self, ErrorKind, Read, Write as _},
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The text that most tests compress.
fn lines() -> Vec<u8> {
    let line = |n| format!("{{\"n\":{n},\"message\":\"a line of a log\"}}\n");
    (0..20_000).flat_map(|n| line(n).into_bytes()).collect()
}

/// A text that does not compress well, so that damage anywhere is damage to a few lines.
fn varied_lines(count: u64) -> Vec<u8> {
    let line = |n: u64| format!("{:016x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (0..count).flat_map(|n| line(n).into_bytes()).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    encoder.write_all(text).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Opens a file with these bytes. Its name is removed at once.
fn file(bytes: &[u8]) -> File {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Relaxed);
    let name = format!("log-files-{}-{number}", process::id());
    let path = env::temp_dir().join(name);
    fs::write(&path, bytes).expect("the file can be written");
    let file = File::open(&path).expect("the file can be opened");
    let _ = fs::remove_file(&path);
    file
}

fn open(bytes: &[u8]) -> Content {
    Content::open(file(bytes)).expect("the file can be opened")
}

/// Reads the whole text in chunks.
fn read(content: &mut Content, chunk: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut buffer = vec![0; chunk];
    loop {
        let length = content
            .read_at(text.len() as u64, &mut buffer)
            .expect("the file can be read");
        text.extend_from_slice(&buffer[..length]);
        if length < chunk {
            return text;
        }
    }
}

/// How many bytes both texts have in common at their start.
fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn assert_text(actual: &[u8], expected: &[u8]) {
    let equal = common(actual, expected);
    assert!(
        actual == expected,
        "{} of {} bytes, equal up to {equal}",
        actual.len(),
        expected.len()
    );
}

#[test]
fn nul_bytes_at_the_end_of_a_plain_file_are_not_text_until_others_follow() {
    let text = [b"one\n", vec![0; 100_000].as_slice(), b"two\n"].concat();
    for reserved in [0, 1, 65_535, 65_536, 200_000] {
        let mut content = open(&[text.as_slice(), &vec![0; reserved]].concat());
        let length = content.length().expect("the file has a length");
        assert_eq!(length, Some(text.len() as u64));
        assert_text(&read(&mut content, 1 << 20), &text);
        assert_text(&read(&mut content, 1_000), &text);
        let beyond = content.read_at(text.len() as u64 + 1, &mut [0; 10]);
        assert_eq!(beyond.expect("the file can be read"), 0);
    }
    for reserved in [0, 1, 200_000] {
        let mut content = open(&vec![0; reserved]);
        assert_eq!(content.length().expect("the file has a length"), Some(0));
        assert_text(&read(&mut content, 1 << 20), b"");
    }
}

#[test]
fn nul_bytes_at_the_end_of_a_compressed_text_are_not_text_until_others_follow() {
    let text = [b"one\n", vec![0; 300_000].as_slice(), b"two\n"].concat();
    for reserved in [1, 65_536, 500_000] {
        let archive = gzip(&[text.as_slice(), &vec![0; reserved]].concat());
        for chunk in [3, 1_000, 1 << 20] {
            let mut content = open(&archive);
            // Only this shows that the NUL bytes before it are text.
            let beyond = content.read_at(text.len() as u64, &mut [0; 10]);
            assert_eq!(beyond.expect("the file can be read"), 0);
            assert_eq!(
                content.length().expect("it has a length"),
                Some(text.len() as u64)
            );
            if chunk > 3 {
                assert_text(&read(&mut content, chunk), &text);
            }
            let mut content = open(&archive);
            assert_text(&read(&mut content, chunk), &text);
            let length = content.read_at(2, &mut [0; 100]);
            assert_eq!(length.expect("the file can be read"), 100);
        }
    }
    let mut content = open(&gzip(&[0; 100_000]));
    assert_eq!(read(&mut content, 1_000).len(), 0);
    assert_eq!(content.length().expect("it has a length"), Some(0));
}

#[test]
fn what_is_written_over_reserved_space_is_text_once_the_file_is_measured() {
    let path = env::temp_dir().join(format!("log-files-reserved-{}", process::id()));
    fs::write(&path, [0; 10_000]).expect("the file can be written");
    let mut content = File::open(&path).map(Content::open).expect("it exists");
    let content = content.as_mut().expect("it can be read");
    let mut writer = File::options()
        .write(true)
        .open(&path)
        .expect("the file can be written");
    for n in 1..=3_u64 {
        writer.write_all(b"line\n").expect("the file is written");
        assert_eq!(read(content, 100).len() as u64, 5 * (n - 1));
        content.measure().expect("the file can be read");
        assert_eq!(content.length().expect("it has a length"), Some(5 * n));
        assert_text(&read(content, 100), "line\n".repeat(n as usize).as_bytes());
    }
    writer.set_len(15).expect("the file shrinks");
    writer.write_all(b"last\n").expect("the file is written");
    content.measure().expect("the file can be read");
    assert_eq!(read(content, 100).len(), 20);
    fs::remove_file(&path).expect("the file can be removed");
}

#[test]
fn a_plain_file_may_grow() {
    let path = env::temp_dir().join(format!("log-files-growing-{}", process::id()));
    let mut writer = File::create(&path).expect("the file can be created");
    let reader = File::open(&path).expect("the file can be opened");
    let mut content = Content::open(reader).expect("the file can be read");
    assert_eq!(content.length().expect("a length"), Some(0));
    for round in 1..4_u64 {
        writer.write_all(b"a line\n").expect("the file can grow");
        assert_eq!(content.length().expect("a length"), Some(7 * round));
        let mut buffer = [0; 20];
        let length = content.read_at(7 * (round - 1), &mut buffer);
        assert_eq!(length.expect("the file can be read"), 7);
        assert_eq!(&buffer[..7], b"a line\n");
    }
    assert!(!content.is_compressed());
    assert_eq!((content.damage(), content.original()), (None, None));
    let _ = fs::remove_file(&path);
}

// Elsewhere, such a file takes the space on the disk.
#[cfg(unix)]
#[test]
fn a_sparse_file_is_read_at_any_offset() {
    let path = env::temp_dir().join(format!("log-files-sparse-{}", process::id()));
    let writer = File::create(&path).expect("the file can be created");
    writer.set_len(5 << 30).expect("the file can be sparse");
    let reader = File::open(&path).expect("the file can be opened");
    let mut content = Content::open(reader).expect("the file can be read");
    let mut buffer = [1; 10];
    let length = content.read_at((5 << 30) - 4, &mut buffer);
    assert_eq!(length.expect("the file can be read"), 4);
    assert_eq!(buffer[..4], [0; 4]);
    let _ = fs::remove_file(&path);
}

#[test]
fn a_gzip_file_of_several_members_is_one_text() {
    let text = lines();
    let (first, second) = text.split_at(text.len() / 3);
    for between in [&b""[..], &[0; 512]] {
        let archive = [&gzip(first)[..], &gzip(b""), between, &gzip(second)].concat();
        for chunk in [1_000, 64 << 10, 8 << 20] {
            let mut content = open(&archive);
            assert_eq!(content.compression(), Some(Compression::Gzip));
            assert_eq!(content.length().expect("a length"), None);
            assert_text(&read(&mut content, chunk), &text);
            let length = content.length().expect("a length");
            assert_eq!(length, Some(text.len() as u64));
            assert_eq!(content.damage(), None);
        }
    }
}

#[test]
fn a_reader_may_begin_at_any_member_of_a_gzip_file() {
    let texts = [varied_lines(50_000), lines(), varied_lines(10)];
    let members = texts.each_ref().map(|text| gzip(text));
    let mut content = open(&members.concat());
    let mut offsets = (0, 0);
    let mut places = Vec::new();
    for (text, member) in texts.iter().zip(&members) {
        places.push((offsets, text));
        offsets = (
            offsets.0 + member.len() as u64,
            offsets.1 + text.len() as u64,
        );
    }
    for at in [2, 0, 1, 1] {
        let ((in_file, in_text), text) = places[at];
        content.jump(in_file, in_text).expect("a member");
        let mut read = vec![0; text.len()];
        let length = content.read_at(in_text, &mut read).expect("readable");
        assert_text(&read[..length], text);
    }
    assert_text(&read(&mut content, 5_000), &texts.concat());
}

#[test]
fn the_comment_of_a_gzip_header_names_the_original() {
    let with_comment = |comment: &str| {
        let mut encoder = GzBuilder::new()
            .extra([1; 300])
            .filename("orders.jsonl")
            .comment(comment)
            .write(Vec::new(), Level::fast());
        encoder.write_all(b"a line\n").expect("memory");
        let mut content = open(&encoder.finish().expect("memory"));
        assert_eq!(read(&mut content, 100), b"a line\n");
        content.original()
    };
    assert_eq!(with_comment("64769:1234567"), Some((64_769, 1_234_567)));
    let greatest = with_comment(&format!("{}:{}", u64::MAX, u64::MAX));
    assert_eq!(greatest, Some((u64::MAX, u64::MAX)));
    for other in ["a comment", "1:2:3", "1", "-1:2", &"1".repeat(1_000)] {
        assert_eq!(with_comment(other), None, "{other}");
    }
    assert_eq!(open(&gzip(b"a line\n")).original(), None);
}

#[test]
fn a_reader_may_go_back_and_forth() {
    let text = lines();
    let mut content = open(&gzip(&text));
    let mut buffer = vec![0; 5_000];
    let mut at = 0;
    for step in 0..400 {
        at = (at + 7_919 * (step % 90)) % (text.len() - buffer.len());
        let length = content.read_at(at as u64, &mut buffer);
        assert_eq!(length.expect("the file can be read"), buffer.len());
        assert_text(&buffer, &text[at..at + buffer.len()]);
    }
    let beyond = content.read_at(text.len() as u64 + 5, &mut buffer);
    assert_eq!(beyond.expect("the file can be read"), 0);
    let length = content.length().expect("a length");
    assert_eq!(length, Some(text.len() as u64));
    let again = content.read_at(0, &mut buffer);
    assert_eq!(again.expect("the file can be read"), buffer.len());
    let known = content.length().expect("a length");
    assert_eq!(known, length, "the length stays known");
}

#[test]
fn a_truncated_gzip_file_gives_the_text_before_the_end() {
    let text = varied_lines(10_000);
    let archive = gzip(&text);
    for end in [
        3,
        9,
        10,
        11,
        5_000,
        archive.len() / 2,
        archive.len() - 8,
        archive.len() - 1,
    ] {
        let mut content = open(&archive[..end]);
        let read = read(&mut content, 1_000);
        assert_text(&read, &text[..read.len()]);
        // A random text takes at least 8 bits a byte, and hexadecimal digits take 4.
        let expected = 2 * end.saturating_sub(5_000).min(archive.len() * 2 / 5);
        assert!(
            read.len() >= expected.min(text.len()),
            "{end}: {}",
            read.len()
        );
        let damage = content.damage().expect("the file is truncated");
        assert!(
            damage.contains(&format!("truncated at byte {end}")),
            "{damage}"
        );
    }
    let mut content = open(&archive[..archive.len() - 8]);
    assert_text(&read(&mut content, 1_000), &text);
}

#[test]
fn a_damaged_gzip_file_gives_all_text_before_the_damage_once() {
    let text = varied_lines(40_000);
    let archive = gzip(&text);
    for at in [archive.len() / 2, archive.len() - 1_000] {
        let mut damaged = archive.clone();
        for byte in &mut damaged[at..at + 64] {
            *byte = 0xff;
        }
        // The decoder of `flate2` finds the damage at the same place, with one byte of text at a time.
        let mut expected = Vec::new();
        let mut reference = flate2::read::GzDecoder::new(&damaged[..]);
        let mut byte = [0];
        while let Ok(1) = std::io::Read::read(&mut reference, &mut byte) {
            expected.push(byte[0]);
        }
        let mut lengths = Vec::new();
        for chunk in [100, 64 << 10, 1 << 20] {
            let mut content = open(&damaged);
            let read = read(&mut content, chunk);
            assert!(content.damage().is_some());
            assert!(
                common(&read, &text) as f64
                    > text.len() as f64 * at as f64 / archive.len() as f64 * 0.98
            );
            assert!(read.len() >= expected.len());
            assert_text(&read[..expected.len()], &expected);
            lengths.push(read.len());
        }
        assert!(
            lengths.iter().all(|length| *length == lengths[0]),
            "{lengths:?}"
        );
    }
}

#[test]
fn what_follows_a_gzip_member_is_reported_and_does_not_hide_its_text() {
    let text = lines();
    for rest in [&b"garbage"[..], b"\x1f", b"\x1f\x8b\x08"] {
        let mut content = open(&[&gzip(&text)[..], rest].concat());
        assert_text(&read(&mut content, 4_096), &text);
        assert!(content.damage().is_some(), "{rest:?}");
    }
}

#[test]
fn a_wrong_checksum_is_reported_after_all_members() {
    let mut first = gzip(b"first\n");
    let at = first.len() - 6;
    first[at] ^= 1;
    let mut content = open(&[&first[..], &gzip(b"second\n")].concat());
    assert_eq!(read(&mut content, 100), b"first\nsecond\n");
    assert!(
        content
            .damage()
            .is_some_and(|damage| damage.contains("checksum"))
    );
}

#[test]
fn the_error_for_another_compression_names_it() {
    for (bytes, name) in [
        (&b"BZh91AY&SY\0\0"[..], "bzip2"),
        (b"\x04\x22\x4d\x18\0\0", "lz4"),
        (b"PK\x03\x04\0\0", "zip"),
    ] {
        let error = Content::open(file(bytes)).expect_err("this cannot be read");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[cfg(not(feature = "zstd"))]
#[test]
fn the_error_for_a_compression_without_its_feature_names_the_feature() {
    let archive = file(include_bytes!("data/two-frames.zst"));
    let error = Content::open(archive).expect_err("the feature is off");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("the feature `zstd`"), "{error}");
}

/// A pipe that gives its bytes in small parts.
struct Pipe(Vec<u8>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(7);
        let length = (&*self.0).read(&mut buffer[..most])?;
        self.0.drain(..length);
        Ok(length)
    }
}

#[test]
fn the_text_of_a_pipe_is_that_of_a_file_whatever_its_compression() {
    let text = lines();
    let archives = [
        (None, text.clone()),
        (
            Some(Compression::Gzip),
            [gzip(&text[..5_000]), gzip(&text[5_000..])].concat(),
        ),
        #[cfg(feature = "zstd")]
        (
            Some(Compression::Zstd),
            // A skippable frame is longer than what is read at once.
            [
                &b"\x50\x2a\x4d\x18\x00\x00\x02\x00"[..],
                &vec![1; 2 << 16],
                include_bytes!("data/two-frames.zst"),
            ]
            .concat(),
        ),
        #[cfg(feature = "xz")]
        (
            Some(Compression::Xz),
            include_bytes!("data/two-streams.xz").to_vec(),
        ),
    ];
    for (compression, archive) in archives {
        let cut = archive[..archive.len() - 3].to_vec();
        let mut content = PipeContent::new(Pipe(archive)).expect("it can be read");
        assert_eq!(content.compression(), compression);
        let mut read = Vec::new();
        content.read_to_end(&mut read).expect("it can be read");
        assert_text(&read, &text);
        assert_eq!(content.damage(), None);

        let mut content = PipeContent::new(Pipe(cut)).expect("it can be read");
        let mut read = Vec::new();
        content.read_to_end(&mut read).expect("it can be read");
        assert_text(&read, &text[..read.len()]);
        assert_eq!(content.damage().is_some(), compression.is_some());
    }
}

#[test]
fn the_error_for_a_compressed_pipe_names_the_command_that_decompresses_it() {
    let error = PipeContent::new(&b"BZh91AY&SY\x1b\x0f"[..]).expect_err("it cannot be read");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let expected = "bzip2, which cannot be read: decompress it first, with `bzcat`";
    assert!(error.to_string().ends_with(expected), "{error}");
}

/// Truncates and damages an archive of [`lines`]. Its text is spread evenly over it, so at least that much must be read, less one block.
#[cfg(any(feature = "zstd", feature = "xz"))]
fn assert_reads_what_it_can(archive: &[u8], compression: Compression, block: usize) {
    let text = lines();
    for chunk in [1_000, 1 << 20] {
        let mut content = open(archive);
        assert_eq!(content.compression(), Some(compression));
        assert_text(&read(&mut content, chunk), &text);
        assert_eq!(content.damage(), None);
    }
    for end in [archive.len() / 2, archive.len() * 3 / 4, archive.len() - 3] {
        let mut content = open(&archive[..end]);
        let read_length = read(&mut content, 1_000).len();
        let again = read(&mut content, 8 << 20);
        assert_text(&again, &text[..read_length]);
        let least = (text.len() * end / archive.len()).saturating_sub(block);
        assert!(read_length >= least, "{end}: {read_length} of {least}");
        let damage = content.damage().expect("the file is truncated");
        assert!(damage.contains("truncated"), "{damage}");
    }
    let mut damaged = archive.to_vec();
    let at = archive.len() * 3 / 4;
    for byte in &mut damaged[at..at + 32] {
        *byte ^= 0x5a;
    }
    let mut content = open(&damaged);
    let read_text = read(&mut content, 1_000);
    let least = (text.len() * 3 / 4).saturating_sub(block);
    assert!(common(&read_text, &text) >= least, "{}", read_text.len());
    assert!(content.damage().is_some());

    let mut content = open(&[archive, b"garbage"].concat());
    assert_text(&read(&mut content, 1_000), &text);
    assert!(content.damage().is_some());
}

#[cfg(feature = "zstd")]
#[test]
fn a_zstd_file_gives_all_complete_blocks() {
    let archive = include_bytes!("data/two-frames.zst");
    assert_reads_what_it_can(archive, Compression::Zstd, 2 * (128 << 10));
}

#[cfg(feature = "xz")]
#[test]
fn an_xz_file_gives_the_text_before_its_damage() {
    let archive = include_bytes!("data/two-streams.xz");
    assert_reads_what_it_can(archive, Compression::Xz, 64 << 10);
}
