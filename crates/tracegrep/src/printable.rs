use log_files::Printable;
use std::fmt::Write as _;

/// Returns the text without what could control a terminal or mislead a reader: such characters are written as escapes.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Writing to a `String` cannot fail.
    let _ = Printable(&mut safe).write_str(text);
    safe
}

/// The same for a line of a log. A tab is written as spaces, because stack traces are indented with tabs.
pub(crate) fn printable_line(text: &str) -> String {
    printable(&text.replace('\t', "    "))
}
