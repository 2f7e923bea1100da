use super::{
    following::{Following, Wanted},
    new_lines::NewLines,
    open_traces::OpenTraces,
};
use crate::{
    id::{Finder, TraceQuery},
    record::{Keys, Reader},
    search::LeftOut,
};
use log_files::discover::Sources;
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The lines of open traces take no more memory than this.
const MAX_BYTES: usize = 64 << 20;

/// Follows files and folders, over the rotation of files.
///
/// ```no_run
/// use std::time::Duration;
/// use tracegrep::{Drawing, Event, Follow, Tree};
///
/// # fn main() -> std::io::Result<()> {
/// let mut following = Follow::new()
///     .with_path("/var/log/shop")
///     .with_only_errors(true)
///     .traces()?;
/// loop {
///     for event in following.wait(Duration::from_secs(1)) {
///         if let Event::Trace(trace) = event {
///             print!("{}", Drawing::new().draw(&Tree::of(&trace)));
///         }
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is followed until `traces` or `lines` is called"]
pub struct Follow {
    paths: Vec<PathBuf>,
    left_out: Vec<PathBuf>,
    quiet_after: Duration,
    only_errors: bool,
    reader: Reader,
}

impl Default for Follow {
    fn default() -> Self {
        Self::new()
    }
}

impl Follow {
    /// Follows nothing yet. A trace has ended after 5 seconds without a line.
    pub fn new() -> Self {
        Self {
            paths: Vec::new(),
            left_out: Vec::new(),
            quiet_after: Duration::from_secs(5),
            only_errors: false,
            reader: Reader::new(),
        }
    }

    /// Adds a file, a folder or a glob pattern. It may appear later.
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Leaves out a file, although a path includes it. This is for a file to which the output goes.
    pub fn without_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.left_out.push(path.into());
        self
    }

    /// Sets after how long without a line a trace has ended. If its first span has ended, it is a second at most.
    pub fn with_quiet_after(mut self, duration: Duration) -> Self {
        self.quiet_after = duration;
        self
    }

    /// Sets whether to return only traces with a line of level `ERROR` or above.
    pub fn with_only_errors(mut self, enabled: bool) -> Self {
        self.only_errors = enabled;
        self
    }

    /// Sets further keys of the lines, beside those that are known.
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.reader = self.reader.with_keys(keys);
        self
    }

    /// Begins to follow. What the files contain at this moment is not read. Each trace is returned when it has ended.
    ///
    /// # Errors
    ///
    /// A path is not a valid glob pattern.
    pub fn traces(self) -> io::Result<Following> {
        let wanted = Wanted::Traces {
            open: OpenTraces::new(MAX_BYTES, self.quiet_after),
            only_errors: self.only_errors,
        };
        self.begin(wanted)
    }

    /// Begins to follow, and returns each new line with this id.
    ///
    /// # Errors
    ///
    /// A path is not a valid glob pattern.
    pub fn lines(self, query: &TraceQuery) -> io::Result<Following> {
        let finder = Finder::new(query).map_err(io::Error::other)?;
        self.begin(Wanted::Lines(Box::new(finder)))
    }

    fn begin(self, wanted: Wanted) -> io::Result<Following> {
        let mut sources = Sources::default().with_linked_files(true);
        for path in &self.paths {
            sources.add(all_below(path));
        }
        sources.check().map_err(io::Error::other)?;
        Ok(Following {
            lines: NewLines::begin(sources, LeftOut::of(&self.left_out)),
            reader: self.reader,
            wanted,
        })
    }
}

/// A folder includes the folders below it.
fn all_below(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join("**"),
        false => path.to_owned(),
    }
}
