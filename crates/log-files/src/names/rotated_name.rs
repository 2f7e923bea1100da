use super::{Compression, RotationOrder, mark::Mark};

/// A reading of a name as that of a closed file: the current file to which it belongs, and its place among the closed files.
///
/// ```
/// use log_files::names::RotatedName;
///
/// let name = "orders.jsonl.1.gz";
/// assert!(RotatedName::candidates(name).iter().any(|of| of.is_of("orders.jsonl")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RotatedName<'n> {
    stem: &'n str,
    before_extension: Mark<'n>,
    /// With its dot, or empty.
    extension: &'n str,
    at_end: Mark<'n>,
    compression: Option<Compression>,
}

impl<'n> RotatedName<'n> {
    /// Returns all readings of a name as that of a closed file, those with the longest mark first. There are none for `orders.jsonl`.
    ///
    /// Several readings are possible: `app-2026-11-28.1.log` may be a closed file of `app.log` or of `app-2026-11-28.log`. And a file with
    /// such a name may be a current one: a writer may begin `app.2026-11-28.log` each day, and `worker-1.log` may be the log of a worker.
    #[must_use]
    pub fn candidates(name: &'n str) -> Vec<Self> {
        let (base, compression) = Compression::split(name);
        let base = without_backup(base);
        let of = |stem, before_extension, extension, at_end| Self {
            stem,
            before_extension,
            extension,
            at_end,
            compression,
        };
        let mut all = Vec::new();
        let none = Mark::default();
        if compression.is_some() {
            all.push(of(base, none, "", none));
        }
        for at_end in Mark::all_at_end(base).into_iter().chain([none]) {
            let rest = base.strip_suffix(at_end.text()).unwrap_or(base);
            if at_end != none {
                all.push(of(rest, none, "", at_end));
            }
            let Some((marked, extension)) = split_extension(rest) else {
                continue;
            };
            for mark in Mark::all_at_end(marked) {
                let stem = marked.strip_suffix(mark.text()).unwrap_or(marked);
                all.push(of(stem, mark, extension, at_end));
            }
        }
        all.sort_by_key(|name| name.stem.len() + name.extension.len());
        all
    }

    /// Returns the name of the current file.
    #[must_use]
    pub fn current(&self) -> String {
        [self.stem, self.extension].concat()
    }

    /// Whether this is a closed file of the current file with this name.
    #[must_use]
    pub fn is_of(&self, current: &str) -> bool {
        current.strip_prefix(self.stem) == Some(self.extension)
    }

    /// Returns how the file is compressed.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Returns the place among the closed files of the same current file.
    #[must_use]
    pub fn order(&self) -> RotationOrder {
        RotationOrder {
            before_extension: self.before_extension.order(),
            at_end: self.at_end.order(),
            is_compressed: self.compression.is_some(),
        }
    }

    /// Whether files with such a name are closed in all common rotation schemes, also if there is no current file: compressed files, files
    /// that end with a number (`orders.jsonl.1`), and closed files of this project's rolling file writer.
    ///
    /// A file such as `app.log.2026-11-28` may be the file that is written today.
    #[must_use]
    pub fn is_certainly_closed(&self) -> bool {
        self.compression.is_some()
            || self.at_end.is_dotted_number()
            || self.before_extension.is_stamp()
            || self.at_end.is_stamp()
    }

    /// Whether the name has a time or ends with a number, so that it belongs to one series with all files of the same current name, even if
    /// the current file does not exist. This is not so for `worker-1.log` and `worker-2.log`.
    pub(crate) fn is_of_a_series(&self) -> bool {
        self.is_certainly_closed() || self.before_extension.is_time() || self.at_end.is_time()
    }
}

/// Removes the ending that `logrotate` adds to a log if a writer has made it anew before `logrotate` has: `app.log-2026112811.backup`.
fn without_backup(name: &str) -> &str {
    let rest = name.strip_suffix(".backup");
    let has_time = |rest: &&str| Mark::all_at_end(rest).into_iter().any(Mark::is_time);
    rest.filter(has_time).unwrap_or(name)
}

/// Splits the extension off a name, with its dot. An extension does not begin with a digit.
fn split_extension(name: &str) -> Option<(&str, &str)> {
    let at = name.rfind('.').filter(|at| *at > 0)?;
    let (rest, extension) = name.split_at_checked(at)?;
    let first = extension.as_bytes().get(1)?;
    (!first.is_ascii_digit()).then_some((rest, extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::is_temporary;

    fn is_closed_file_of(name: &str, current: &str) -> bool {
        let candidates = RotatedName::candidates(name);
        candidates.iter().any(|of| of.is_of(current))
    }

    #[test]
    fn closed_files_are_distinguished_from_files_of_other_programs() {
        for (name, expected) in [
            ("orders.20261122T110400.123456Z.jsonl", true),
            ("orders.20261122T110400.123456Z.jsonl.gz", true),
            ("orders.jsonl.1", true),
            ("orders.jsonl.1.gz", true),
            ("orders.jsonl.gz", true),
            ("orders.jsonl-20261128", true),
            ("orders.jsonl-20261128.zst", true),
            ("orders-20261128.jsonl.gz", true),
            ("orders.2026-11-28.jsonl", true),
            ("orders.2026-11-28.jsonl.3.xz", true),
            ("orders_2026-11-28_11-04-00.jsonl", true),
            ("orders-2026-11-28T11-04-00.123.jsonl", true),
            ("orders.jsonl-1795345440", true),
            ("orders.2.jsonl", true),
            ("orders.jsonl-2026112811.backup", true),
            ("orders.jsonl-2026112811.backup.gz", true),
            ("orders.jsonl.backup", false),
            ("orders.jsonl", false),
            ("orders.instance-2.jsonl", false),
            ("orders.instance-2.20261122T110400.123456Z.jsonl", false),
            ("orders.eu1-billing.jsonl", false),
            ("orders2.jsonl", false),
            ("orders.1.log", false),
            ("payments.jsonl.1", false),
            ("orders-1.2026-11-28.jsonl", false),
        ] {
            assert_eq!(is_closed_file_of(name, "orders.jsonl"), expected, "{name}");
        }
        for (name, expected) in [
            ("messages-20261128", true),
            ("messages.1", true),
            ("messages.1.gz", true),
            ("messages", false),
            ("messages.old", false),
        ] {
            assert_eq!(is_closed_file_of(name, "messages"), expected, "{name}");
        }
    }

    #[test]
    fn closed_files_of_common_programs_belong_to_their_current_files() {
        for (name, current) in [
            ("0.log.20261128-120000", "0.log"),
            ("0.log.20261128-120000.gz", "0.log"),
            ("9f0b-json.log.1", "9f0b-json.log"),
            ("9f0b-json.log.12.gz", "9f0b-json.log"),
            ("app.log.2026-11-28-11", "app.log"),
            ("app.2026-11-28-11-04.log", "app.log"),
            ("app.log.2026-11-28", "app.log"),
            ("app-2026-11-28-1.log.gz", "app.log"),
            ("app.log.2026-11-28_11-04-00", "app.log"),
            ("app.2026-11.log", "app.log"),
            ("access.log.Z", "access.log"),
            (".hidden.1", ".hidden"),
            (
                "orders.instance-2.20261122T110400.123456Z.jsonl",
                "orders.instance-2.jsonl",
            ),
        ] {
            assert_eq!(
                RotatedName::candidates(name)[0].current(),
                current,
                "{name}"
            );
        }
    }

    #[test]
    fn an_ambiguous_name_has_several_current_files() {
        let currents = |name| -> Vec<String> {
            let candidates = RotatedName::candidates(name);
            candidates.iter().map(RotatedName::current).collect()
        };
        assert_eq!(currents("a.1.log"), ["a.log"]);
        assert_eq!(
            currents("app-2026-11-28.1.log"),
            ["app.log", "app-2026-11-28.log"]
        );
        assert_eq!(
            currents("app.2026-11-28.log.1"),
            ["app.log", "app.2026-11-28.log"]
        );
        assert_eq!(
            currents("app-20261128.log.gz"),
            ["app.log", "app-20261128.log"]
        );
        for name in [
            "app.log", "0.log", "1", ".1", "", ".gz", "a..", "é.1é", "-1.log",
        ] {
            assert_eq!(currents(name), [""; 0], "{name}");
        }
    }

    #[test]
    fn older_closed_files_are_less() {
        for names in [
            ["a.log.10", "a.log.9", "a.log.1"],
            ["a.log.2", "a.log.1", "a.log.1.gz"],
            ["a-20261128.log", "a-20261129.log.gz", "a-20261130.log"],
            [
                "a.log.2026-11-28-9",
                "a.log.2026-11-28-10",
                "a.log.2026-11-29-1",
            ],
            [
                "a.2026-11-27.log",
                "a.2026-11-28.log.2",
                "a.2026-11-28.log.1",
            ],
            [
                "a.20261122T110400.123456Z.log",
                "a.20261122T110400.123457Z.log.gz",
                "a.20261123T110400.123456Z.log",
            ],
        ] {
            let orders = names.map(|name| RotatedName::candidates(name)[0].order());
            assert!(orders.is_sorted(), "{names:?}: {orders:?}");
            assert!(orders.iter().all(|order| *order < RotationOrder::CURRENT));
        }
    }

    #[test]
    fn only_names_that_no_current_file_has_are_certainly_closed() {
        for (name, expected) in [
            ("a.log.1", true),
            ("a.2026-11-28.log.gz", true),
            ("a.20261122T110400.123456Z.log", true),
            ("a.log.2026-11-28", false),
            ("a.2026-11-28.log", false),
            ("a.1.log", false),
            ("a-1", false),
        ] {
            let closed = RotatedName::candidates(name)[0].is_certainly_closed();
            assert_eq!(closed, expected, "{name}");
        }
    }

    #[test]
    fn unfinished_and_hidden_files_are_temporary() {
        for (name, expected) in [
            (".orders.jsonl.lock", true),
            (".orders.jsonl.swp", true),
            ("orders.jsonl~", true),
            ("orders.jsonl.tmp", true),
            ("orders.20261122T110400.123456Z.jsonl.gz.4711-0.tmp", true),
            ("orders.jsonl.part", true),
            ("#orders.jsonl#", true),
            ("orders.jsonl", false),
            ("orders.jsonl.1.gz", false),
            ("tmp", false),
        ] {
            assert_eq!(is_temporary(name), expected, "{name}");
        }
    }
}
