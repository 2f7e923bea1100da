//! Finds the versions of `tracing-opentelemetry` that are linked into this program.
//!
//! Code that can panic names its source file in the executable, even in a stripped one. Cargo unpacks a crate into a folder with the
//! version in its name: `…/tracing-opentelemetry-0.31.0/src/layer.rs`.

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
};

/// The maximum number of bytes read from an executable. 48 MB take 20 ms.
const MAX_BYTES: u64 = 1 << 30;
/// The longest text between two hyphens that matters: it must hold the end of a folder's name or a version.
const KEPT: usize = 64;
/// The number of bytes read at once if there is no hyphen.
const PIECE: u64 = 4_096;

/// A version. Ordered by its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) patch: u32,
}

/// Returns the versions that the running executable names. Returns none if it cannot be read, or if the crate was vendored into a
/// folder without its version.
pub(super) fn versions() -> BTreeSet<Version> {
    let found = env::current_exe()
        .and_then(File::open)
        .and_then(|file| search(BufReader::with_capacity(1 << 16, file.take(MAX_BYTES))));
    found.unwrap_or_default()
}

fn search(mut bytes: impl BufRead) -> io::Result<BTreeSet<Version>> {
    let mut found = BTreeSet::new();
    let (mut before, mut last, mut part) = (Vec::new(), Vec::new(), Vec::new());
    let mut piece = Vec::new();
    // Reads from hyphen to hyphen: `…/tracing-`, `opentelemetry-`, `0.31.0/src/layer.rs…`.
    loop {
        piece.clear();
        if (&mut bytes).take(PIECE).read_until(b'-', &mut piece)? == 0 {
            return Ok(found);
        }
        if part.is_empty()
            && last == b"opentelemetry-"
            && (before.ends_with(b"/tracing-") || before.ends_with(b"\\tracing-"))
            && let Some(version) = Version::leading(&piece)
        {
            found.insert(version);
        }
        part.extend_from_slice(&piece);
        part.drain(..part.len().saturating_sub(KEPT));
        if piece.ends_with(b"-") {
            before = std::mem::replace(&mut last, std::mem::take(&mut part));
        }
    }
}

impl Version {
    /// Parses the version at the start of a path.
    fn leading(text: &[u8]) -> Option<Self> {
        let end = text
            .iter()
            .take(KEPT)
            .position(|byte| matches!(byte, b'/' | b'\\'))?;
        let mut numbers = str::from_utf8(&text[..end])
            .ok()?
            .split('.')
            .map(str::parse);
        let mut number = || numbers.next()?.ok();
        let version = Self {
            major: number()?,
            minor: number()?,
            patch: number()?,
        };
        numbers.next().is_none().then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, search};

    fn found(bytes: &[u8]) -> Vec<(u32, u32, u32)> {
        let versions = search(bytes).expect("a slice is read without errors");
        versions
            .iter()
            .map(|version: &Version| (version.major, version.minor, version.patch))
            .collect()
    }

    #[test]
    fn versions_are_found_in_the_folder_names_of_unpacked_crates() {
        let bytes = b"\0x-/home/a/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/tracing-opentelemetry-0.31.0/src/layer.rs\0\
            C:\\cargo\\registry\\src\\index.crates.io-1\\tracing-opentelemetry-0.32.1\\src\\lib.rs-";
        assert_eq!(found(bytes), [(0, 31, 0), (0, 32, 1)]);
    }

    #[test]
    fn long_runs_without_a_hyphen_are_read_in_pieces() {
        let mut bytes = vec![0; 10_000];
        bytes.extend_from_slice(b"-/tracing-opentelemetry-0.31.0/src/layer.rs");
        bytes.resize(30_000, 0);
        assert_eq!(found(&bytes), [(0, 31, 0)]);
    }

    #[test]
    fn other_text_is_not_mistaken_for_a_version() {
        for bytes in [
            &b"/tracing-opentelemetry-http-0.31.0/src/lib.rs"[..],
            b"/init-tracing-opentelemetry-0.31.0/src/lib.rs",
            b"/tracing-opentelemetry-0.31/src/lib.rs",
            b"/tracing-opentelemetry-0.31.0.1/src/lib.rs",
            b"/tracing-opentelemetry-3f2a/src/lib.rs",
            b"/tracing-opentelemetry-0.31.0",
            b"/tracing-opentelemetry-",
            b"",
        ] {
            assert_eq!(found(bytes), [], "{}", String::from_utf8_lossy(bytes));
        }
    }
}
