use super::{
    hold::Hold,
    housekeeping::Housekeeping,
    identity::Identity,
    keep::Keep,
    names::Names,
    opening,
    policy::{Fsync, Rotation},
    syncing::Syncing,
    trouble::Trouble,
};
use crate::{Error, lock::Lock};
use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Instant, SystemTime},
};

/// A log file that is closed and begun anew by size and time, with what is kept of closed ones bounded.
///
/// The current file's path never changes. A closed file is renamed, as in `orders.20261122T110400.123456Z.jsonl`: names sort by time,
/// and the file stays the same inode. Lines are never torn over two files. At the next start a last line that was cut off by a
/// crash is ended, so that every other line can be read.
///
/// It goes on where others handle its files: a file that was moved or removed (`logrotate`) is begun anew, with the first line
/// behind; one that was emptied in place (`copytruncate`) is written from its beginning.
///
/// Put it behind a [`Background`](crate::writer::Background): it looks at its path for every write, and writes to the disk.
///
/// ```no_run
/// use tracing_stamp::writer::{Background, RollingFile, Rotation};
///
/// let file = RollingFile::open("/var/log/orders/orders.jsonl")?
///     .with_rotation(Rotation::Daily)
///     .with_max_bytes(256 << 20)
///     .with_max_total_bytes(4 << 30);
/// let (writer, _guard) = Background::new(file).start()?;
/// let layer = tracing_stamp::layer().with_writer(writer);
/// # let _ = layer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
///
/// # Errors of writing
///
/// A file that cannot be closed is written further, and the next attempt is made a minute later. That, and errors of compressing,
/// removing and forcing to the disk, stop no line: they are the next [flush](std::io::Write::flush)'s error, which a `Background` tells out
/// of band.
#[derive(Debug)]
pub struct RollingFile {
    pub(super) names: Names,
    /// `None` where the path is a device or a named pipe, which is written as it is and never rotated.
    pub(super) lock: Option<Lock>,
    pub(super) file: File,
    pub(super) identity: Identity,
    /// How long the file is.
    pub(super) bytes: u64,
    /// The beginning of a line whose end has not come yet.
    pub(super) unfinished: Vec<u8>,
    /// What has to be written before anything else.
    pub(super) owed: Vec<u8>,
    /// When the file was written last before it was opened here.
    pub(super) last_written: Option<SystemTime>,
    pub(super) is_unsynced: bool,
    pub(super) period: u64,
    /// No rotation before.
    pub(super) postponed: Option<Instant>,
    pub(super) max_bytes: Option<u64>,
    pub(super) rotation: Rotation,
    pub(super) fsync: Fsync,
    pub(super) syncing: Option<Syncing>,
    pub(super) keep: Keep,
    pub(super) housekeeping: Option<Housekeeping>,
    pub(super) reopen: Arc<AtomicBool>,
    pub(super) trouble: Trouble,
}

/// The highest number of a file that is opened in place of another.
#[cfg(feature = "setup")]
const MOST_BESIDE: u32 = 32;

impl RollingFile {
    /// Opens the file at `path` to append to it, and makes it and its folders where they are not there. It is never rotated unless
    /// that is asked for.
    ///
    /// `path` itself may be a symbolic link: its target is opened, and rotated. Links that appear later are not followed.
    /// A device or a named pipe is written to without being locked or rotated.
    ///
    /// # Errors
    ///
    /// When the path has no file name, the file or its lock (`.<name>.lock`, beside it) cannot be opened, or another process or
    /// another `RollingFile` has it open. Also when the path is a named pipe that nobody reads: opening it does not wait for a reader.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("/var/log/orders/orders.jsonl")?;
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let given = path.as_ref();
        // Absolute, so that it stays the same when the process changes its working directory.
        let path = &opening::target(given).unwrap_or_else(|_| given.to_owned());
        let names = Names::of(path).ok_or_else(|| {
            Error::new(format!(
                "the log file's path {path:?} does not end with a name in Unicode: give it one, such as `orders.jsonl`"
            ))
        })?;
        let failed = |what: &str| {
            let what = what.to_owned();
            let path = path.display().to_string();
            move |error: io::Error| Error::new(format!("the log file {path} {what}: {error}"))
        };
        let (lock, opened) = if opening::is_device(path) {
            (None, opening::device(path))
        } else {
            fs::create_dir_all(names.folder())
                .map_err(failed("has a folder that cannot be made"))?;
            let lock = Lock::take(&names.lock()).map_err(failed("cannot be locked"))?;
            let lock = lock.ok_or_else(|| {
                Error::new(format!(
                    "the log file {} is open already, in another process or in this one: give each its own path, such as one \
                     with its instance's name",
                    path.display()
                ))
            })?;
            (Some(lock), opening::file(path))
        };
        let (file, metadata) = opened.map_err(failed("cannot be opened"))?;
        // The rotation is not known yet: what was written last tells the period when it is.
        let mut this = Self {
            names,
            lock,
            file,
            identity: Identity::of(&metadata),
            bytes: metadata.len(),
            unfinished: Vec::new(),
            owed: Vec::new(),
            last_written: metadata.modified().ok(),
            is_unsynced: false,
            period: 0,
            postponed: None,
            max_bytes: None,
            rotation: Rotation::default(),
            fsync: Fsync::default(),
            syncing: None,
            keep: Keep::default(),
            housekeeping: None,
            reopen: Arc::default(),
            trouble: Trouble::default(),
        };
        this.look_for_torn_line()
            .map_err(failed("cannot be read"))?;
        Ok(this)
    }

    /// Opens the file or, where it cannot be opened, one beside it with a number in its name; with what was wrong then.
    ///
    /// # Errors
    ///
    /// When none of them can be opened, or the path has a folder, a device or a named pipe.
    #[cfg(feature = "setup")]
    pub(crate) fn open_or_beside(path: &Path) -> Result<(Self, Option<Error>), Error> {
        let error = match Self::open(path) {
            Ok(file) => return Ok((file, None)),
            Err(error) => error,
        };
        let can_have_more = fs::metadata(path).map_or_else(
            |error| error.kind() != io::ErrorKind::NotADirectory,
            |metadata| metadata.is_file(),
        );
        let names = opening::target(path).ok().and_then(|path| Names::of(&path));
        let Some(names) = names.filter(|_| can_have_more) else {
            return Err(error);
        };
        for number in 2..=MOST_BESIDE {
            if let Ok(file) = Self::open(names.beside(number)) {
                return Ok((file, Some(error)));
            }
        }
        Err(error)
    }

    /// Closes the file before it would be longer than this, in bytes; by default never. A line that is longer has a file of its
    /// own.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?.with_max_bytes(256 << 20);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Closes the file at full minutes, hours or days; by default never. An empty file is not closed.
    ///
    /// ```no_run
    /// use tracing_stamp::writer::{RollingFile, Rotation};
    ///
    /// let file = RollingFile::open("orders.jsonl")?.with_rotation(Rotation::Hourly);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self.period = rotation.period(self.last_written.unwrap_or_else(SystemTime::now));
        self
    }

    /// Keeps so many closed files, and removes the oldest when there are more; by default all are kept.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?.with_max_files(14);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_files(mut self, files: usize) -> Self {
        self.keep.files = Some(files);
        self
    }

    /// Keeps closed files of so many bytes together, as they are on the disk, and removes the oldest when there are more; by
    /// default all are kept.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?.with_max_total_bytes(4 << 30);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.keep.bytes = Some(bytes);
        self
    }

    /// Keeps a closed file as long as somebody needs it, though it were one too many: one whose lines are not shipped yet, say. Only
    /// [`with_max_total_bytes`](Self::with_max_total_bytes) removes it nevertheless, after all that nobody holds, and tells so; without
    /// that, files that nobody lets go of fill the disk.
    ///
    /// It is asked on a thread of its own, for files that would be removed. Where it panics the file is held.
    ///
    /// ```no_run
    /// # #[cfg(feature = "ship")] {
    /// use tracing_stamp::{ship, writer::RollingFile};
    ///
    /// let file = RollingFile::open("/var/log/orders/orders.jsonl")?
    ///     .with_max_files(14)
    ///     .with_max_total_bytes(4 << 30)
    ///     .with_hold(|file| ship::is_unshipped(file, "/var/log/orders"));
    /// # let _ = file;
    /// # }
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_hold(mut self, is_held: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Self {
        self.keep.hold = Some(Hold::new(is_held));
        self
    }

    /// Compresses closed files, on a thread of its own. Their names end with `.gz` then.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?.with_gzip();
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn with_gzip(mut self) -> Self {
        self.keep.compressed = true;
        self
    }

    /// When what is written is forced to the disk; by default that is left to the operating system.
    ///
    /// ```no_run
    /// use tracing_stamp::writer::{Fsync, RollingFile};
    ///
    /// let file = RollingFile::open("orders.jsonl")?.with_fsync(Fsync::EachBlock);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn with_fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self.syncing = None;
        self
    }

    /// What opens the file anew when it is asked to, for a process that is sent SIGHUP when its files were moved. Without it, that
    /// is noticed too.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?;
    /// let reopener = file.reopener();
    /// reopener.reopen();
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn reopener(&self) -> Reopener {
        Reopener {
            reopen: Arc::clone(&self.reopen),
        }
    }

    /// The path of the current file, from the root.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("/var/log/orders/orders.jsonl")?;
    /// assert_eq!(file.path().to_str(), Some("/var/log/orders/orders.jsonl"));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.names.current
    }
}

/// Makes a [`RollingFile`] open its path anew. Made by [`RollingFile::reopener`].
///
/// ```no_run
/// let reopener = tracing_stamp::writer::RollingFile::open("orders.jsonl")?.reopener();
/// # let _ = reopener;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reopener {
    reopen: Arc<AtomicBool>,
}

impl Reopener {
    /// Asks for it; it is done before the next line is written.
    ///
    /// ```no_run
    /// tracing_stamp::writer::RollingFile::open("orders.jsonl")?.reopener().reopen();
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn reopen(&self) {
        self.reopen.store(true, SeqCst);
    }
}
