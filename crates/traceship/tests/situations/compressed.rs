//! Files are compressed by the programs of other compressions than gzip. This needs the features `zstd` and `xz`.

use super::{
    assert_once,
    files::{Folder, append},
    lines::{many, other, own},
    run_once,
    stand::Stand,
};
use std::{fs, path::Path};

type Compress = fn(&[u8]) -> Vec<u8>;

/// The ending of a compressed file's name, and what compresses it.
const COMPRESSIONS: &[(&str, Compress)] = &[
    #[cfg(feature = "zstd")]
    ("zst", |text| {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }),
    #[cfg(feature = "xz")]
    ("xz", |text| {
        use std::io::Write as _;
        let options = lzma_rust2::XzOptions::default();
        let mut archive = lzma_rust2::XzWriter::new(Vec::new(), options).expect("it begins");
        archive.write_all(text).expect("a Vec accepts everything");
        archive.finish().expect("a Vec accepts everything")
    }),
];

/// Replaces a file by a compressed one.
fn compress(path: &Path, (ending, compress): &(&str, Compress)) {
    let text = fs::read(path).expect("the file can be read");
    let archive = format!("{}.{ending}", path.display());
    fs::write(archive, compress(&text)).expect("it is written");
    fs::remove_file(path).expect("it is removed");
}

#[test]
fn lines_of_a_file_that_was_never_shipped_before_it_was_compressed_are_shipped() {
    for compression in COMPRESSIONS {
        for stand in Stand::both() {
            let folder = Folder::new();
            let path = folder.at("app.log.1");
            append(&path, &many(own, 0..1_000));
            compress(&path, compression);
            run_once(&stand, &folder.0);
            assert_once(&stand, 0..1_000);
        }
    }
}

#[test]
fn lines_of_a_file_that_is_compressed_while_the_shipper_is_down_are_stored_once() {
    for compression in COMPRESSIONS {
        for line in [own, other] {
            for stand in Stand::both() {
                let folder = Folder::new();
                let path = folder.at("app.log.1");
                append(&path, &many(line, 0..500));
                run_once(&stand, &folder.0);
                append(&path, &many(line, 500..700));
                compress(&path, compression);
                run_once(&stand, &folder.0);
                assert_once(&stand, 0..700);
            }
        }
    }
}
