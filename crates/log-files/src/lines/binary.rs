use super::{HOLE_BYTES, leading_nuls};
use crate::content::{Format, recognize};

/// The first bytes of files that are found among logs and have much text in them.
const MAGIC: [&[u8]; 6] = [
    // A core dump or a program.
    b"\x7fELF",
    b"SQLite format 3\0",
    // A journal of systemd.
    b"LPKSHHRH",
    // UTF-16, in both byte orders.
    b"\xff\xfe",
    b"\xfe\xff",
    // An EVTX file of Windows.
    b"ElfFile\0",
];

/// A tar archive has this at an offset of 257 (POSIX.1-2001, `pax`).
const TAR: (usize, &[u8]) = (257, b"ustar");

/// One in this many bytes may be odd in a text.
const TEXT_BYTES_PER_ODD: usize = 32;
/// This many odd bytes do not make a text binary.
const ALWAYS_ALLOWED: usize = 3;

/// Whether a file with this beginning is not a text: a core dump, a database, an archive that cannot be read.
///
/// Some kilobytes are enough. If the file begins with a hole, the bytes after the hole decide, and a hole alone is a text. A few control
/// characters or NUL bytes do not make a text binary, and no byte above 127 does: a text may have any encoding that is a superset of ASCII.
///
/// **UTF-16 and UTF-32 are binary**, since a newline is not one byte in them.
#[must_use]
pub fn is_binary(head: &[u8]) -> bool {
    let has_magic = MAGIC.iter().any(|magic| head.starts_with(magic))
        || recognize(head) != Format::Plain
        || head.get(TAR.0..).is_some_and(|at| at.starts_with(TAR.1));
    if has_magic {
        return true;
    }
    let (mut odd, mut bytes) = (0, 0);
    let mut rest = head;
    while let Some(byte) = rest.first() {
        if *byte != 0 {
            odd += usize::from(is_odd(*byte));
            bytes += 1;
            rest = &rest[1..];
            continue;
        }
        let nuls = leading_nuls(rest);
        // A hole does not show that a file is binary. Nor does a run of NUL bytes at the beginning or end of the head.
        let is_hole = nuls as u64 >= HOLE_BYTES || nuls == rest.len() || bytes == 0;
        odd += usize::from(!is_hole);
        rest = &rest[nuls..];
    }
    odd > ALWAYS_ALLOWED + bytes / TEXT_BYTES_PER_ODD
}

/// Whether a byte is a control character that texts seldom contain. They do contain tabs, line and page breaks, bells, backspaces, and the
/// escapes of terminals.
fn is_odd(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, 7..=13 | 0x1b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_any_encoding_that_is_a_superset_of_ascii_are_texts() {
        let latin1: Vec<u8> = (0..200).flat_map(|_| *b"caf\xe9 \x93ok\x94\r\n").collect();
        let shift_jis = b"\x83\x8d\x83O\x82\xcc\x93\xfa\x8e\x9e\n".repeat(50);
        for text in [
            &b""[..],
            b"one line",
            "Zürich, 東京, Москва\n".as_bytes(),
            b"\xef\xbb\xbfwith a byte order mark\n",
            b"\x1b[2m2026\x1b[0m \x1b[32m INFO\x1b[0m text\n",
            b"torn line\0\0\0\0\0\0\0\0next line\n",
            b"\0\0\0",
            &latin1,
            &shift_jis,
        ] {
            assert!(!is_binary(text), "{text:?}");
        }
    }

    #[test]
    fn a_hole_before_or_after_lines_is_a_part_of_a_text() {
        let hole = vec![0; 4_000];
        assert!(!is_binary(&hole));
        assert!(!is_binary(&[&hole[..], b"a line\n"].concat()));
        assert!(!is_binary(&[b"a line\n", &hole[..], b"a line\n"].concat()));
        assert!(!is_binary(&[b"a line\n", &hole[..]].concat()));
    }

    #[test]
    fn programs_databases_archives_and_utf_16_are_binary() {
        let program = std::env::current_exe().expect("the test is a program");
        let program = std::fs::read(program).expect("the program can be read");
        assert!(is_binary(&program[..4_096]));
        let sqlite = [&b"SQLite format 3\0"[..], &[16, 0, 1, 1, 0]].concat();
        assert!(is_binary(&sqlite));
        assert!(is_binary(b"BZh91AY&SY\x1b\x0f"));
        let utf16: Vec<u8> = "a line\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(is_binary(&utf16));
        assert!(is_binary(&[b"\xff\xfe", &utf16[..]].concat()));
        let mut tar = vec![0; 512];
        tar[..7].copy_from_slice(b"app.log");
        tar[257..262].copy_from_slice(b"ustar");
        assert!(is_binary(&tar));
        let record: Vec<u8> = (0..255).map(|n: u8| n.wrapping_mul(167)).collect();
        assert!(is_binary(&record), "bytes without a pattern");
    }
}
