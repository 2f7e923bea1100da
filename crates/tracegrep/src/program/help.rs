//! The part of `--help` that follows the options.

use std::fmt::Write as _;

/// The meaning of each exit code, as for `grep`.
const EXIT_CODES: [(u8, &str); 3] = [
    (
        0,
        "The trace was found, traces are listed by --top, or all compressed files have an index after --index",
    ),
    (1, "Nothing was found"),
    (
        2,
        "An argument is invalid, a file could not be read, written or indexed, a server has failed, or several traces or spans match. Lines that were found are printed nevertheless",
    ),
];

pub(crate) fn exit_codes() -> String {
    let mut text = "Exit codes:".to_owned();
    for (code, meaning) in EXIT_CODES {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n  {code}  {meaning}");
    }
    text
}
