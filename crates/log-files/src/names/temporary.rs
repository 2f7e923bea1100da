/// Ends of the names of unfinished files and of editors' copies. `logrotate` with `renamecopy` and this project's compression use `.tmp`.
const ENDINGS: [&str; 9] = [
    ".tmp",
    ".temp",
    "~",
    ".swp",
    ".swo",
    ".swx",
    ".part",
    ".partial",
    ".filepart",
];

/// Whether a name is that of a hidden or unfinished file, and not that of a log: `.orders.jsonl.lock`, `orders.jsonl.gz.4711-0.tmp`,
/// `orders.jsonl~`, `#orders.jsonl#`.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    name.starts_with('.') || is_unfinished(name)
}

/// As [`is_temporary`], but hidden files count as logs.
pub(crate) fn is_unfinished(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (name.starts_with('#') && name.ends_with('#'))
}
