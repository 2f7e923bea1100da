/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// gzip (RFC 1952), `.gz`
    Gzip,
    /// Zstandard (RFC 8878), `.zst`
    Zstd,
    /// xz, `.xz`
    Xz,
    /// bzip2, `.bz2`
    Bzip2,
    /// LZ4, `.lz4`
    Lz4,
    /// zip, `.zip`
    Zip,
    /// `compress` of Unix, `.Z`
    Compress,
}

const EXTENSIONS: [(&str, Compression); 7] = [
    (".gz", Compression::Gzip),
    (".zst", Compression::Zstd),
    (".xz", Compression::Xz),
    (".bz2", Compression::Bzip2),
    (".lz4", Compression::Lz4),
    (".zip", Compression::Zip),
    (".Z", Compression::Compress),
];

impl Compression {
    /// Returns how the file with this name is compressed, or `None` if its name does not say so.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::split(name).1
    }

    /// Returns a name without the extension of compressed files, and the compression.
    #[must_use]
    pub fn split(name: &str) -> (&str, Option<Self>) {
        for (extension, compression) in EXTENSIONS {
            if let Some(rest) = name.strip_suffix(extension)
                && !rest.is_empty()
            {
                return (rest, Some(compression));
            }
        }
        (name, None)
    }

    /// Returns the name of the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
            Self::Zip => "zip",
            Self::Compress => "compress",
        }
    }
}
