//! Why a text cannot be searched, by its first bytes.

/// The first bytes of a gzip file (RFC 1952, section 2.3.1).
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A gzip file that ends after these bytes is not recognized as one.
pub(super) const CUT_OFF: &str = "the compressed file is truncated at byte 2";

/// So many bytes show whether a text can be searched.
pub(super) const HEAD_BYTES: u64 = 3;

const UTF_16: &str =
    "is UTF-16, which cannot be searched: convert it with `iconv -f UTF-16 -t UTF-8`";

/// Says why the text of a pipe with these first bytes cannot be searched.
pub(super) fn unreadable(head: &[u8]) -> Option<&'static str> {
    match head == GZIP_MAGIC {
        true => Some(CUT_OFF),
        false => utf_16(head),
    }
}

/// Says that a text has the byte order mark of UTF-16.
pub(super) fn utf_16(head: &[u8]) -> Option<&'static str> {
    let is_utf_16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    is_utf_16.then_some(UTF_16)
}
