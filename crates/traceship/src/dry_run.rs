//! Shows what would be sent.

use super::{
    batch::{Batch, Line},
    cursor,
    reading::Follower,
    shipper::Shipper,
    stats::Stats,
    target::Target,
};
use crate::{error::Error, random::random};
use log_files::disk;
use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// A line as it would be sent, passed to the callback of [`Shipper::dry_run`](super::Shipper::dry_run).
#[derive(Debug)]
pub struct Preview<'l> {
    file: &'l Path,
    line: Line<'l>,
    target: &'l Target,
}

impl Preview<'_> {
    /// Returns the path of the file that has the line.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.file
    }

    /// Returns the offset of the line in the text of its file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.line.offset()
    }

    /// Returns the id of the line. If the line does not have its own, and its file was not shipped before, the id is made when the file is
    /// shipped, and this is only an example.
    #[must_use]
    pub fn id(&self) -> String {
        self.line.id()
    }

    /// Returns the time with which the line would be sent, in nanoseconds since 1970.
    #[must_use]
    pub fn nanos(&self) -> i64 {
        self.line.nanos()
    }

    /// Returns the labels in Loki's notation, such as `{level="info", service_name="orders"}`, or `None` for other targets.
    #[must_use]
    pub fn labels(&self) -> Option<String> {
        self.target.labels(self.line)
    }

    /// Returns the text of the line.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.line.text()
    }
}

impl Shipper {
    /// Passes each line that [`run_once`](Self::run_once) would send to a callback, until the callback breaks. Sends nothing, and changes
    /// nothing in the state folder, so another shipper may run at the same time. Problems such as an unreadable file are reported.
    ///
    /// # Errors
    ///
    /// If a path or a pattern matches no file, or the cursor cannot be copied.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// use std::ops::ControlFlow;
    ///
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders");
    /// shipper.dry_run(|line| {
    ///     println!("{} {} {:?}", line.file().display(), line.offset(), line.labels());
    ///     ControlFlow::Continue(())
    /// })?;
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn dry_run(
        mut self,
        mut show: impl FnMut(&Preview<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.prepare_backfill()?;
        let (state, name) = (self.folder().unwrap_or_default(), self.name());
        let copy = match self.from_start {
            true => CursorCopy::create(None),
            false => CursorCopy::create(Some((&state, &name))),
        };
        let copy =
            copy.map_err(|error| Error::system("the cursor cannot be copied").caused_by(error))?;
        // A diagnosis about the copy would name the copy.
        let opened = self.open(&copy.0)?;
        self.report_unread(&opened.reporter);
        let mut follower = Follower::new(
            self.settings,
            self.sources,
            opened.cursor,
            opened.reporter,
            Stats::default(),
            || (),
        );
        let mut batch = Batch::default();
        loop {
            follower.look(true);
            while follower.next_batch(&mut batch, true) {
                for (index, entry) in batch.lines.iter().enumerate() {
                    let Some(line) = batch.line(index) else { break };
                    let file = follower.path_of(entry.lineage).unwrap_or(Path::new(""));
                    let target = &self.target;
                    if show(&Preview { file, line, target }).is_break() {
                        return Ok(());
                    }
                }
                follower.confirm(&batch.segments);
            }
            if !follower.must_look() {
                return Ok(());
            }
        }
    }
}

/// A folder with a copy of a cursor. It is removed on drop.
struct CursorCopy(PathBuf);

impl CursorCopy {
    fn create(of: Option<(&Path, &str)>) -> io::Result<Self> {
        let name = format!("traceship-dry-run-{:016x}", random());
        let copy = Self(std::env::temp_dir().join(name));
        // This fails if another user has created it.
        fs::create_dir(&copy.0)?;
        let Some((folder, target)) = of else {
            return Ok(copy);
        };
        match disk::open_to_read(&cursor::path(folder, target)) {
            Ok(mut file) => {
                let mut to = disk::create_private(&cursor::path(&copy.0, target))?;
                io::copy(&mut file, &mut to)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(copy)
    }
}

impl Drop for CursorCopy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
