//! Finds the files to ship.

use super::identity::inode;
use crate::error::Error;
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The folders, files and glob patterns that name the files to ship.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    paths: Vec<PathBuf>,
}

/// A file that may have lines to ship.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    pub(crate) modified: SystemTime,
    pub(crate) bytes: u64,
    pub(super) inode: u64,
}

impl Sources {
    pub(crate) fn add(&mut self, path: PathBuf) {
        self.paths.push(path);
    }

    /// Returns the folder of the first files, which is the default folder of the cursor.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let first = self.paths.first()?;
        if first.is_dir() {
            return Some(first.clone());
        }
        let fixed = |path: &Path| !path.to_string_lossy().contains(['*', '?', '[']);
        let parent = first.ancestors().skip(1).find(|path| fixed(path))?;
        Some(match parent.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => parent.to_owned(),
        })
    }

    /// Checks the settings alone, not the disk.
    ///
    /// # Errors
    ///
    /// If no files are set, or a glob pattern is invalid.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.paths.is_empty() {
            return Err(Error::invalid_input(
                "no files to ship are set: name a folder, a file or a glob pattern by `with_files`",
            ));
        }
        for path in &self.paths {
            let text = path.to_string_lossy();
            glob::Pattern::new(&text).map_err(|error| {
                Error::invalid_input(format!("`{text}` is not a valid glob pattern"))
                    .caused_by(error)
            })?;
        }
        Ok(())
    }

    /// # Errors
    ///
    /// If a path or a pattern matches no file.
    pub(crate) fn check_exist(&self) -> Result<(), Error> {
        for path in &self.paths {
            let exists = path.exists()
                || glob::glob(&path.to_string_lossy())
                    .is_ok_and(|mut matches| matches.next().is_some());
            if !exists {
                let path = path.display();
                return Err(Error::invalid_input(format!(
                    "there is no file to ship at `{path}`"
                )));
            }
        }
        Ok(())
    }

    /// Returns the files that exist now, in the order in which they were last modified.
    pub(crate) fn find(&self) -> io::Result<Vec<Candidate>> {
        let mut paths = BTreeSet::new();
        for source in &self.paths {
            if source.is_dir() {
                add_folder(source, |_| true, &mut paths)?;
            } else if let Ok(matches) = glob::glob(&source.to_string_lossy()) {
                for path in matches.filter_map(Result::ok) {
                    add_siblings(&path, &mut paths)?;
                }
                // The current file may have just been renamed, so that nothing exists at its path.
                add_siblings(source, &mut paths)?;
            }
        }
        let mut candidates: Vec<Candidate> = paths.into_iter().filter_map(Candidate::at).collect();
        candidates.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
        Ok(candidates)
    }
}

/// Adds a file and its rotated versions, such as `orders.jsonl`, `orders.20261122T110400.123456Z.jsonl` and `orders.jsonl.1.gz`.
fn add_siblings(path: &Path, paths: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Ok(());
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_of = |other: &str| other == name || is_rotated(other, stem, extension);
    match add_folder(folder, is_of, paths) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Whether a name is that of a rotated file. Such a name has a number or a date before or after the extension, and may end with the
/// extension of a compressed file.
fn is_rotated(name: &str, stem: &str, extension: &str) -> bool {
    let name = [".gz", ".xz", ".zst", ".bz2"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .unwrap_or(name);
    let Some(rest) = name.strip_prefix(stem) else {
        return false;
    };
    let dotted = format!(".{extension}");
    let rest = match rest.split_once(dotted.as_str()) {
        Some((before, after)) if !extension.is_empty() => [before, after].concat(),
        _ if extension.is_empty() => rest.to_owned(),
        _ => return false,
    };
    rest.starts_with(['.', '-', '_'])
        && rest.bytes().any(|byte| byte.is_ascii_digit())
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".-_:TZ".contains(&byte))
}

fn add_folder(
    folder: &Path,
    is_wanted: impl Fn(&str) -> bool,
    paths: &mut BTreeSet<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Hidden files are locks, cursors and rejected lines. A file that is being compressed ends with `.tmp`.
        if !name.starts_with('.') && !name.ends_with(".tmp") && is_wanted(&name) {
            paths.insert(entry.path());
        }
    }
    Ok(())
}

impl Candidate {
    /// Returns `None` if there is no regular file, or the file is empty.
    pub(crate) fn at(path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(&path).ok()?;
        (metadata.is_file() && metadata.len() > 0).then(|| Self {
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            bytes: metadata.len(),
            inode: inode(&metadata),
            path,
        })
    }

    pub(crate) fn inode(&self) -> u64 {
        self.inode
    }

    /// Whether the file was modified less than `age` ago.
    pub(crate) fn is_younger_than(&self, age: Duration) -> bool {
        self.modified.elapsed().is_ok_and(|since| since < age)
    }

    /// Returns the size and the modification time, which change when the file is written.
    pub(crate) fn fingerprint(&self) -> (u64, SystemTime) {
        (self.bytes, self.modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_are_distinguished_from_files_of_other_programs() {
        for (name, expected) in [
            ("orders.20261122T110400.123456Z.jsonl", true),
            ("orders.20261122T110400.123456Z.jsonl.gz", true),
            ("orders.jsonl.1", true),
            ("orders.jsonl.1.gz", true),
            ("orders.jsonl-20261128", true),
            ("orders-20261128.jsonl.gz", true),
            ("orders.2026-11-28.jsonl", true),
            ("orders.jsonl", false),
            ("orders.eu1-billing.jsonl", false),
            ("orders2.jsonl", false),
            ("orders.1.log", false),
            ("payments.jsonl.1", false),
        ] {
            assert_eq!(is_rotated(name, "orders", "jsonl"), expected, "{name}");
        }
        for (name, expected) in [
            ("messages-20261128", true),
            ("messages.1", true),
            ("messages.1.gz", true),
            ("messages", false),
            ("messages.old", false),
        ] {
            assert_eq!(is_rotated(name, "messages", ""), expected, "{name}");
        }
    }
}
