use super::build::{Built, build};
use crate::search::{
    Problem, Progress, file_text::FileText, input::Input, inputs::inputs, parallel,
};
use log_files::trace_index::{has_sidecar, remove_orphans, write_sidecar};
use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// How long blocks are. A search stops after the last block that may have the id.
const BLOCK_BYTES: usize = 1 << 20;

/// What [`write_indexes`] has done.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Indexed {
    /// The files whose index was written.
    pub written: Vec<PathBuf>,
    /// The files that had an index.
    pub existing: Vec<PathBuf>,
    /// Why other files have no index. They are searched without one.
    pub problems: Vec<Problem>,
}

/// Writes an index of trace ids and times beside each compressed file that has none. [`Search`](crate::Search) then reads only the parts of
/// the file that may have the id, or lines of the period. Indexes of files that were removed are removed.
///
/// A path is a file, a folder or a glob pattern. A file includes its rotated files, and a folder includes all folders below it.
///
/// ```no_run
/// let indexed = tracegrep::write_indexes(&["/var/log/shop".into()]);
/// for path in indexed.written {
///     println!("{}", path.display());
/// }
/// ```
#[must_use = "problems are in the result"]
pub fn write_indexes(paths: &[PathBuf]) -> Indexed {
    let (inputs, problems) = inputs(paths, &[], &Progress::new());
    let mut indexed = Indexed {
        problems,
        ..Indexed::default()
    };
    let mut files = Vec::new();
    for input in inputs {
        match input {
            Input::File(file) => files.push(file.path),
            Input::Reader { .. } | Input::Server(_) => {
                let problem = Problem::new(&input.name(), "is not a file");
                indexed.problems.push(problem);
            }
        }
    }
    let parents = files.iter().filter_map(|path| path.parent());
    let folders = paths.iter().filter(|path| path.is_dir());
    let folders: BTreeSet<PathBuf> = parents
        .map(Path::to_owned)
        .chain(folders.cloned())
        .collect();
    let done = parallel::map(files, |path| (Arc::clone(&path), write_index(&path)));
    for (path, done) in done {
        match done {
            Ok(Done::Written) => indexed.written.push(path.to_path_buf()),
            Ok(Done::Existed) => indexed.existing.push(path.to_path_buf()),
            Ok(Done::NotNeeded) => {}
            Err(problem) => indexed.problems.push(problem),
        }
    }
    for folder in folders {
        if let Err(error) = remove_orphans(&folder) {
            let reason = format!("the index of a removed file cannot be removed: {error}");
            indexed.problems.push(Problem::new(&folder, reason));
        }
    }
    indexed
}

enum Done {
    Written,
    Existed,
    /// The file is not compressed, is not a text, or is gone.
    NotNeeded,
}

fn write_index(path: &Path) -> Result<Done, Problem> {
    let unreadable = |error: &io::Error| Problem::unreadable(path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Done::NotNeeded),
        Err(error) => return Err(unreadable(&error)),
    };
    let has_index = has_sidecar(path, &file);
    let mut text = FileText::of(file).map_err(|error| unreadable(&error))?;
    if !text.is_compressed() {
        if let Some(reason) = text.unreadable_form(path) {
            return Err(Problem::new(path, reason));
        }
        return Ok(Done::NotNeeded);
    }
    if has_index {
        return Ok(Done::Existed);
    }
    let built = build(&mut text, BLOCK_BYTES).map_err(|error| unreadable(&error))?;
    if let Some(damage) = text.damage() {
        return Err(Problem::new(path, damage));
    }
    let index = match built {
        Built::Index(index) => index,
        Built::Binary => return Ok(Done::NotNeeded),
        Built::LongLine => {
            let reason = "is not indexed, because it has a line of several megabytes";
            return Err(Problem::new(path, reason));
        }
    };
    match write_sidecar(path, text.file(), &index) {
        Ok(()) => Ok(Done::Written),
        Err(error) => {
            let reason = format!("its index cannot be written: {error}");
            Err(Problem::new(path, reason))
        }
    }
}
