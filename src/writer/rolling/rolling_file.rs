use super::{
    deferred_error::DeferredError,
    fsync_thread::FsyncThread,
    hold::Hold,
    housekeeping::Housekeeping,
    names::Names,
    open,
    policy::{Fsync, Rotation},
    reopener::Reopener,
    retention::Retention,
};
use crate::Error;
use log_files::{FileKey, Lock};
use std::{
    fs::{self, File},
    io,
    path::Path,
    time::{Instant, SystemTime},
};

/// Log file that is rotated by size and time, with limits for the number and the size of closed files.
///
/// The path of the current file never changes. A closed file is renamed, such as to `orders.20261122T110400.123456Z.jsonl`, and keeps its
/// inode. Names sort by time. A line is never split between two files. If a crash has cut off the last line, the next start ends it with
/// a newline, so that every other line can be read.
///
/// Other programs may handle the files. If the current file was moved or removed (`logrotate`), the next line goes to a new one. If it
/// was truncated in place (`copytruncate`), writing continues at its beginning.
///
/// Put it behind a [`Background`](crate::writer::Background), because it looks up its path for every write, and writes to the disk.
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
/// # Write errors
///
/// If a file cannot be closed, writing continues in it, and the next attempt to close it is made a minute later. This error, and errors
/// of compressing, removing and syncing, do not stop lines from being written. The next [flush](std::io::Write::flush) returns them, and a
/// `Background` reports them to its diagnostics callback.
#[derive(Debug)]
pub struct RollingFile {
    pub(super) names: Names,
    /// `None` if the path is a device or a named pipe, which is never rotated.
    pub(super) lock: Option<Lock>,
    pub(super) file: File,
    pub(super) identity: FileKey,
    /// Length of the file.
    pub(super) bytes: u64,
    /// The beginning of a line that is written in part.
    pub(super) unfinished: Vec<u8>,
    /// Bytes to write before anything else, such as the newline of a line that was cut off.
    pub(super) pending: Vec<u8>,
    /// When the file was last written before it was opened.
    pub(super) last_written: Option<SystemTime>,
    pub(super) is_unsynced: bool,
    /// Number of the rotation period that the file belongs to.
    pub(super) period: u64,
    /// No rotation is attempted before this time.
    pub(super) retry_rotation_at: Option<Instant>,
    pub(super) max_bytes: Option<u64>,
    pub(super) rotation: Rotation,
    pub(super) fsync: Fsync,
    pub(super) fsync_thread: Option<FsyncThread>,
    pub(super) retention: Retention,
    pub(super) housekeeping: Option<Housekeeping>,
    pub(super) reopener: Reopener,
    pub(super) deferred_error: DeferredError,
}

/// Highest number in the name of an alternative file.
#[cfg(feature = "setup")]
const MAX_ALTERNATIVES: u32 = 32;

impl RollingFile {
    /// Opens the file at `path` to append to it, and creates it and its folders if they do not exist. It is rotated only if a setting asks
    /// for it.
    ///
    /// `path` itself may be a symbolic link. Its target is then opened and rotated. Links that appear later are not followed. A device or
    /// a named pipe is neither locked nor rotated.
    ///
    /// # Errors
    ///
    /// - The path has no file name.
    /// - The file, or its lock file `.<name>.lock` in the same folder, cannot be opened.
    /// - Another process or another `RollingFile` has the file open.
    /// - The path is a named pipe without a reader. Opening it does not wait for one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let original_path = path.as_ref();
        // Absolute, so that it stays the same when the process changes its working directory.
        let path = &open::target(original_path).unwrap_or_else(|_| original_path.to_owned());
        let names = Names::of(path).ok_or_else(|| {
            Error::invalid_input(format!(
                "the path {path:?} of the log file does not end with a file name in Unicode, such as `orders.jsonl`"
            ))
        })?;
        let failed = |problem: &str| {
            let problem = problem.to_owned();
            let path = path.display().to_string();
            move |error: io::Error| {
                Error::system(format!("the log file {path} {problem}")).caused_by(error)
            }
        };
        if path.is_dir() {
            // Before a lock file is created beside the folder.
            return Err(failed("cannot be opened")(
                io::ErrorKind::IsADirectory.into(),
            ));
        }
        let (lock, opened) = if open::is_device(path) {
            (None, open::device(path))
        } else {
            fs::create_dir_all(names.folder())
                .map_err(failed("is in a folder that cannot be created"))?;
            let lock = Lock::take(&names.lock()).map_err(failed("cannot be locked"))?;
            let lock = lock.ok_or_else(|| {
                Error::already_in_use(format!(
                    "the log file {} is open already, in another process or in this one: use a path of its own for each, such as one \
                     with the name of the instance",
                    path.display()
                ))
            })?;
            (Some(lock), open::file(path))
        };
        let (file, metadata) = opened.map_err(failed("cannot be opened"))?;
        // `with_rotation` computes the period from `last_written`.
        let mut this = Self {
            names,
            lock,
            file,
            identity: FileKey::of(&metadata),
            bytes: metadata.len(),
            unfinished: Vec::new(),
            pending: Vec::new(),
            last_written: metadata.modified().ok(),
            is_unsynced: false,
            period: 0,
            retry_rotation_at: None,
            max_bytes: None,
            rotation: Rotation::default(),
            fsync: Fsync::default(),
            fsync_thread: None,
            retention: Retention::default(),
            housekeeping: None,
            reopener: Reopener::default(),
            deferred_error: DeferredError::default(),
        };
        this.check_last_line().map_err(failed("cannot be read"))?;
        Ok(this)
    }

    /// Opens the file. If that fails, opens an alternative file in the same folder, with a number in its name, and also returns the first
    /// error.
    ///
    /// # Errors
    ///
    /// If no file can be opened, or the path is a folder, a device or a named pipe.
    #[cfg(feature = "setup")]
    pub(crate) fn open_or_beside(path: &Path) -> Result<(Self, Option<Error>), Error> {
        let error = match Self::open(path) {
            Ok(file) => return Ok((file, None)),
            Err(error) => error,
        };
        let has_alternatives = fs::metadata(path).map_or_else(
            |error| error.kind() != io::ErrorKind::NotADirectory,
            |metadata| metadata.is_file(),
        );
        let names = open::target(path).ok().and_then(|path| Names::of(&path));
        let Some(names) = names.filter(|_| has_alternatives) else {
            return Err(error);
        };
        for number in 2..=MAX_ALTERNATIVES {
            if let Ok(file) = Self::open(names.beside(number)) {
                return Ok((file, Some(error)));
            }
        }
        Err(error)
    }

    /// Sets the maximum size of the file in bytes. The file is closed before a line would exceed it. A longer line gets a file of its own.
    /// By default there is no maximum.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Sets whether the file is closed at full minutes, hours or days. [`Rotation::Never`] by default. An empty file is not closed.
    #[must_use]
    pub fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self.period = rotation.period(self.last_written.unwrap_or_else(SystemTime::now));
        self
    }

    /// Sets how many closed files are kept. If there are more, the oldest are removed. By default all are kept.
    #[must_use]
    pub fn with_max_files(mut self, files: usize) -> Self {
        self.retention.max_files = Some(files);
        self
    }

    /// Sets the maximum size of all closed files together, in bytes on the disk. If they are larger, the oldest are removed. By default all
    /// are kept.
    #[must_use]
    pub fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.retention.max_bytes = Some(bytes);
        self
    }

    /// Sets a closure that decides whether a closed file is still needed, such as one with lines that are not shipped yet. Such a file is
    /// kept although [`with_max_files`](Self::with_max_files) would remove it.
    ///
    /// Only [`with_max_total_bytes`](Self::with_max_total_bytes) still removes it, after all files that are not needed, and reports this as
    /// an error of the next flush. Without that setting, files that stay needed fill the disk.
    ///
    /// The closure runs on a thread of its own, for files that are about to be removed. If it panics, the file is kept.
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
        self.retention.hold = Some(Hold::new(is_held));
        self
    }

    /// Compresses closed files on a thread of its own. `.gz` is appended to their names.
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn with_gzip(mut self) -> Self {
        self.retention.is_compressing = true;
        self
    }

    /// Sets whether an index of trace ids and times is written beside each compressed file, with which `tracegrep` finds a trace, or the
    /// traces of a period, without decompressing the whole file. `false` by default, and without effect unless [`with_gzip`](Self::with_gzip) is called.
    ///
    /// The file is then compressed in parts that can be decompressed separately, which makes it about 1 % longer. `gunzip` and all other
    /// programs read it as before. The index is a hidden file, such as `.of-5732304-0c3ee665c2cdd417.trace-index`, and is removed after its
    /// file. It is built on the thread that compresses.
    ///
    /// ```no_run
    /// use tracing_stamp::writer::{RollingFile, Rotation};
    ///
    /// let file = RollingFile::open("/var/log/orders/orders.jsonl")?
    ///     .with_rotation(Rotation::Daily)
    ///     .with_gzip()
    ///     .with_trace_index(true);
    /// # let _ = file;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn with_trace_index(mut self, enabled: bool) -> Self {
        self.retention.is_indexing = enabled;
        self
    }

    /// Sets when the file is synced to the disk. [`Fsync::Never`] by default, which leaves it to the operating system.
    #[must_use]
    pub fn with_fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self.fsync_thread = None;
        self
    }

    /// Returns a handle that makes this file reopen its path, for a process that gets SIGHUP when its files were moved. A moved file is
    /// noticed without it too.
    #[must_use]
    pub fn reopener(&self) -> Reopener {
        self.reopener.clone()
    }

    /// Returns the absolute path of the current file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.names.current
    }
}
