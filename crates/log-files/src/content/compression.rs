use crate::names::Compression;
use std::io;

/// How many first bytes of a file [`recognize`] needs.
pub(crate) const HEAD_BYTES: usize = 10;

/// The format of a file, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Plain,
    Compressed(Compression),
    /// A format that this crate cannot read.
    Other(&'static str),
}

/// Recognizes a format by the first bytes of a file.
pub(crate) fn recognize(head: &[u8]) -> Format {
    match head {
        [0x1f, 0x8b, 8, ..] => Format::Compressed(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Format::Compressed(Compression::Zstd)
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Format::Compressed(Compression::Xz),
        // After the block size follow the digits of pi for a block, or of its square root for an empty file.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => {
            Format::Compressed(Compression::Bzip2)
        }
        [0x04, 0x22, 0x4d, 0x18, ..] => Format::Compressed(Compression::Lz4),
        [b'L', b'Z', b'I', b'P', 0 | 1, ..] => Format::Other("lzip"),
        [0x89, b'L', b'Z', b'O', 0, ..] => Format::Other("lzop"),
        [0x1f, 0x9d, ..] => Format::Compressed(Compression::Compress),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Format::Other("7z"),
        [b'P', b'K', 3, 4, ..] => Format::Compressed(Compression::Zip),
        [0xff, 6, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..] => Format::Other("snappy"),
        _ => Format::Plain,
    }
}

/// The error for a format that cannot be read.
pub(super) fn unsupported(format: &str) -> io::Error {
    let message =
        format!("the file is compressed with {format}, which cannot be read: decompress it first");
    io::Error::new(io::ErrorKind::Unsupported, message)
}

/// The error for a compression that cannot be read.
pub(super) fn unsupported_compression(compression: Compression) -> io::Error {
    let (name, command) = (compression.name(), command(compression));
    let message = format!(
        "the file is compressed with {name}, which cannot be read: decompress it first, with `{command}`"
    );
    io::Error::new(io::ErrorKind::Unsupported, message)
}

/// The command that decompresses a file or standard input to standard output.
fn command(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip | Compression::Compress => "zcat",
        Compression::Zstd => "zstdcat",
        Compression::Xz => "xzcat",
        Compression::Bzip2 => "bzcat",
        Compression::Lz4 => "lz4cat",
        Compression::Zip => "unzip -p",
    }
}

/// The error for a compression that can be read with the feature of its name.
#[cfg(not(all(feature = "gzip", feature = "xz", feature = "zstd")))]
pub(super) fn without_feature(compression: Compression) -> io::Error {
    let (name, command) = (compression.name(), command(compression));
    let message = format!(
        "the file is compressed with {name}, which can only be read if the program was built with the feature `{name}`: decompress it first, with `{command}`"
    );
    io::Error::new(io::ErrorKind::Unsupported, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_like_a_magic_number_is_plain() {
        for text in [
            "",
            "B",
            "BZh is a format",
            "PK is not zip",
            "7z",
            "LZIP works",
            "2026-11-28T18:53:17Z",
        ] {
            assert_eq!(recognize(text.as_bytes()), Format::Plain, "{text}");
        }
        assert_eq!(recognize(b"\x1f\x8b"), Format::Plain);
    }

    #[test]
    fn each_format_is_recognized_by_its_first_bytes() {
        let gzip = Format::Compressed(Compression::Gzip);
        assert_eq!(recognize(b"\x1f\x8b\x08\x00"), gzip);
        let zstd = Format::Compressed(Compression::Zstd);
        assert_eq!(recognize(b"\x28\xb5\x2f\xfd\x04"), zstd);
        assert_eq!(recognize(b"\x50\x2a\x4d\x18\x04\0\0\0"), zstd);
        let xz = Format::Compressed(Compression::Xz);
        assert_eq!(recognize(b"\xfd7zXZ\x00\x00"), xz);
        assert_eq!(
            recognize(b"BZh91AY&SY"),
            Format::Compressed(Compression::Bzip2)
        );
        assert_eq!(
            recognize(b"BZh9\x17rE8P\x90"),
            Format::Compressed(Compression::Bzip2)
        );
    }
}
