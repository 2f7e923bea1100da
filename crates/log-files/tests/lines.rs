//! Splits files into lines, in chunks of any length.

use log_files::{Content, LineSplitter, RawLine};
use proptest::prelude::*;
use std::{borrow::Cow, env, fs::File, io::Write as _, process};

/// Splits a file that is pushed in chunks of these lengths, again and again, and then closed.
fn split(file: &[u8], chunks: &[usize], max: usize) -> Vec<RawLine<'static>> {
    let mut splitter = LineSplitter::new(0).with_max_line_bytes(max);
    let mut lines = Vec::new();
    let mut lengths = chunks.iter().cycle();
    while splitter.next_offset() < file.len() as u64 {
        let rest = &file[splitter.next_offset() as usize..];
        let length = *lengths.next().expect("a cycle has no end");
        lines.extend(splitter.push(&rest[..length.min(rest.len())]).map(owned));
        let unfinished = lines.last().map_or(0, RawLine::end);
        assert_eq!(splitter.unfinished_offset(), unfinished);
    }
    lines.extend(splitter.finish());
    lines
}

fn owned(line: RawLine<'_>) -> RawLine<'static> {
    let RawLine {
        offset,
        length,
        text,
        nuls,
        is_continuation,
        is_continued,
    } = line;
    let text = Cow::Owned(text.into_owned());
    RawLine {
        offset,
        length,
        text,
        nuls,
        is_continuation,
        is_continued,
    }
}

/// The offset, the length and the text of each line.
fn summary(lines: &[RawLine<'_>]) -> Vec<(u64, u64, String)> {
    let text = |line: &RawLine<'_>| String::from_utf8_lossy(&line.text).into_owned();
    let summary = |line: &RawLine<'_>| (line.offset, line.length, text(line));
    lines.iter().map(summary).collect()
}

#[test]
fn lines_have_the_offsets_and_lengths_that_they_have_in_the_file() {
    let file = b"\xef\xbb\xbffirst\r\n\nthird\rx\n\xef\xbb\xbfmark\nlast";
    let expected = [
        (0, 10, "first"),
        (10, 1, ""),
        (11, 8, "third\rx"),
        (19, 8, "\u{feff}mark"),
        (27, 4, "last"),
    ];
    for chunk in 1..=file.len() {
        let lines = split(file, &[chunk], 100);
        let expected = expected.map(|(offset, length, text)| (offset, length, text.to_owned()));
        assert_eq!(summary(&lines), expected, "{chunk}");
    }
}

#[test]
fn a_torn_last_line_waits_until_the_file_is_closed() {
    let mut splitter = LineSplitter::new(100);
    assert_eq!(splitter.push(b"whole\ntorn").count(), 1);
    assert_eq!(
        (splitter.unfinished_offset(), splitter.next_offset()),
        (106, 110)
    );
    let line = splitter.finish().expect("a torn line");
    assert_eq!(
        (line.offset, line.length, &*line.text),
        (106, 4, &b"torn"[..])
    );
    assert_eq!(splitter.finish(), None);
    assert_eq!(splitter.unfinished_offset(), 110);
}

#[test]
fn an_iterator_that_is_dropped_early_is_continued_after_the_last_line_that_it_gave() {
    let file = b"one\ntwo\nthree\n";
    let mut splitter = LineSplitter::new(0);
    let first = splitter.push(file).next().expect("a line");
    assert_eq!(&*first.text, b"one");
    let rest = &file[splitter.next_offset() as usize..];
    let rest: Vec<_> = splitter
        .push(rest)
        .map(|line| line.text.into_owned())
        .collect();
    assert_eq!(rest, [&b"two"[..], b"three"]);
}

#[test]
fn a_line_that_is_too_long_is_given_in_parts_between_characters() {
    let line = "0123456789".repeat(2) + "é東é\n";
    for chunk in 1..=line.len() {
        let lines = split(line.as_bytes(), &[chunk], 8);
        let texts: Vec<_> = lines
            .iter()
            .map(|line| str::from_utf8(&line.text))
            .collect();
        let expected = ["01234567", "89012345", "6789é", "東é"];
        assert_eq!(texts, expected.map(Ok), "{chunk}");
        let continued: Vec<_> = lines.iter().map(|line| line.is_continued).collect();
        assert_eq!(continued, [true, true, true, false]);
        let continuation: Vec<_> = lines.iter().map(|line| line.is_continuation).collect();
        assert_eq!(continuation, [false, true, true, true]);
    }
    let exact = split(b"12345678\nnext\n", &[3], 8);
    assert_eq!(
        summary(&exact).len(),
        2,
        "a line of the maximum length is whole"
    );
}

#[test]
fn nul_bytes_are_left_out_and_counted() {
    let file = [&b"a\0b\n"[..], &[0; 100], b"c\n\0\0\n", b"d\0"].concat();
    for chunk in 1..=file.len() {
        let lines = split(&file, &[chunk], 100);
        let expected = [(0, 4, "ab"), (4, 102, "c"), (106, 3, ""), (109, 1, "d")];
        let expected = expected.map(|(offset, length, text)| (offset, length, text.to_owned()));
        assert_eq!(summary(&lines), expected, "{chunk}");
        let nuls: Vec<_> = lines.iter().map(|line| line.nuls).collect();
        assert_eq!(nuls, [1, 100, 2, 0]);
    }
}

#[test]
fn a_line_that_was_torn_before_a_hole_is_not_joined_with_the_line_after_it() {
    let file = [&b"{\"torn\":"[..], &[0; 64], b"{\"n\":1}\n"].concat();
    for chunk in 1..=file.len() {
        let lines = split(&file, &[chunk], 100);
        let expected = [(0, 8, "{\"torn\":"), (8, 72, "{\"n\":1}")];
        let expected = expected.map(|(offset, length, text)| (offset, length, text.to_owned()));
        assert_eq!(summary(&lines), expected, "{chunk}");
    }
}

#[test]
fn reserved_space_at_the_end_of_a_file_is_read_again() {
    let mut splitter = LineSplitter::new(0);
    let lines: Vec<_> = splitter.push(b"first\nsec\0\0\0\0").map(owned).collect();
    assert_eq!(summary(&lines), [(0, 6, "first".to_owned())]);
    assert_eq!(splitter.forget_trailing_nuls(), 9);
    let lines: Vec<_> = splitter.push(b"ond\n\0").map(owned).collect();
    assert_eq!(summary(&lines), [(6, 7, "second".to_owned())]);
    assert_eq!(splitter.forget_trailing_nuls(), 13);
    assert_eq!(splitter.finish(), None);
}

#[test]
fn lines_after_a_hole_of_200_mib_are_found() {
    let path = env::temp_dir().join(format!("log-files-hole-{}", process::id()));
    let mut file = File::create(&path).expect("the file can be created");
    file.set_len(200 << 20).expect("the file can be sparse");
    file = File::options()
        .append(true)
        .open(&path)
        .expect("the file exists");
    let written: String = (0..5)
        .map(|n| format!("{{\"message\":\"m {n}\"}}\n"))
        .collect();
    file.write_all(written.as_bytes())
        .expect("the file can be written");
    let mut content =
        Content::open(File::open(&path).expect("the file exists")).expect("a plain file");
    let mut splitter = LineSplitter::new(0);
    let mut buffer = vec![0; 256 << 10];
    let mut lines = Vec::new();
    loop {
        let length = content
            .read_at(splitter.next_offset(), &mut buffer)
            .expect("the file can be read");
        if length == 0 {
            break;
        }
        lines.extend(splitter.push(&buffer[..length]).map(owned));
    }
    let _ = std::fs::remove_file(&path);
    assert_eq!(lines.len(), 5);
    assert_eq!((lines[0].offset, lines[0].nuls), (0, 200 << 20));
    assert_eq!(&*lines[0].text, b"{\"message\":\"m 0\"}");
    assert_eq!(
        splitter.unfinished_offset(),
        (200 << 20) + written.len() as u64
    );
}

/// Files of lines, with everything that is special.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z]{0,12}".prop_map(String::into_bytes),
        3 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just("é東🙈".as_bytes().to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => (1..4_usize).prop_map(|nuls| vec![0; nuls]),
        1 => (60..200_usize).prop_map(|nuls| vec![0; nuls]),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_lines_do_not_depend_on_the_chunks(
        file in any_file(),
        chunks in proptest::collection::vec(1..50_usize, 1..8),
        max in 1..40_usize,
    ) {
        let whole = split(&file, &[usize::MAX], max);
        prop_assert_eq!(split(&file, &chunks, max), whole.clone());
        // The lines follow each other without a gap, up to NUL bytes at the end.
        let mut at = 0;
        for line in &whole {
            prop_assert_eq!(line.offset, at);
            prop_assert!(line.text.len() <= max && !line.text.contains(&0));
            at = line.end();
        }
        prop_assert!(file[at as usize..].iter().all(|byte| *byte == 0));
        // A reader that starts again at the beginning of any line finds the same lines.
        for (index, line) in whole.iter().enumerate().filter(|(_, line)| line.offset > 0 && !line.is_continuation) {
            let mut splitter = LineSplitter::new(line.offset).with_max_line_bytes(max);
            let mut again: Vec<_> = splitter.push(&file[line.offset as usize..]).map(owned).collect();
            again.extend(splitter.finish());
            prop_assert_eq!(&again, &whole[index..]);
        }
        // No text is lost: without marks, line endings and NUL bytes, the file is its lines.
        let kept = |text: &[u8]| text.iter().filter(|byte| !b"\0\r\n\xef\xbb\xbf".contains(byte)).count();
        let texts: usize = whole.iter().map(|line| kept(&line.text)).sum();
        prop_assert_eq!(texts, kept(&file));
    }
}
