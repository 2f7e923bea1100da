//! The parts of `--help` that follow the options.

use std::fmt::Write as _;
use traceship::VARIABLES;

/// The meaning of each exit code.
const EXIT_CODES: [(u8, &str); 5] = [
    (0, "All lines were delivered"),
    (
        1,
        "Lines were rejected or not shipped, a file could not be read to its end, or one of FILES is not read",
    ),
    (
        2,
        "An argument is invalid, none of FILES exists, or shipping could not start",
    ),
    (
        3,
        "The time of --timeout was over before all lines were delivered",
    ),
    (
        4,
        "All lines were delivered, but the cursor could not be saved: the next start ships some lines again",
    ),
];

/// A command line can be read by everyone on the machine, so no option has the key.
const PSEUDONYM_KEY: (&str, &str) = (
    "LOG_REDACT_KEY",
    "Key of pseudonyms, of at least 16 bytes. With it, e-mail addresses, IP addresses and the values of --redact-keys become pseudonyms by default",
);

pub(crate) fn exit_codes() -> String {
    let mut text = "Exit codes:".to_owned();
    for (code, meaning) in EXIT_CODES {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n  {code}  {meaning}");
    }
    text
}

/// Lists the environment variables, by the servers for which they are read.
pub(crate) fn environment() -> String {
    let mut text = "Environment variables:".to_owned();
    let mut servers = "";
    for variable in VARIABLES {
        if variable.servers != servers {
            servers = variable.servers;
            let _ = write!(text, "\n  {servers}:");
        }
        let _ = write!(text, "\n    {:<29}  {}", variable.name, variable.meaning);
    }
    let (name, meaning) = PSEUDONYM_KEY;
    let _ = write!(text, "\n  Redaction:\n    {name:<29}  {meaning}");
    text + "\n\nA user and a password can also be part of the URL."
}
