//! Problems that a running shipper reports.

use log_files::Printable;
use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

/// A problem of a running shipper. Its `Display` says what happened and what to do.
///
/// By default it is written to standard error; [`Shipper::with_diagnostics`](crate::Shipper::with_diagnostics) passes it to a callback
/// instead.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The server rejects lines for now, or cannot be reached. Lines stay in their files and are tried again. Reported once until the
    /// server works again.
    #[non_exhaustive]
    Failing {
        /// The server.
        target: String,
        /// The server's response, or the error.
        error: String,
    },
    /// The server accepts lines again.
    #[non_exhaustive]
    Resumed {
        /// The server.
        target: String,
    },
    /// A log file or the cursor cannot be read or written. It is tried again. Each problem is reported once.
    #[non_exhaustive]
    Problem {
        /// The file and the error.
        message: String,
    },
    /// Nothing is read from a path that was set, for example because it names an unfinished file or no file. If the path itself names a file
    /// that is not a text, or whose compression cannot be read, this is a [`Problem`](Self::Problem). Reported once.
    #[non_exhaustive]
    NotRead {
        /// The path or pattern, as it was set.
        path: PathBuf,
        /// Why nothing is read, and what to do.
        reason: String,
    },
    /// The server does not accept some lines yet, for example because their time is in the future. They are sent again, while others are
    /// shipped. Reported at most once a minute.
    #[non_exhaustive]
    LinesWaiting {
        /// The server's response.
        reason: String,
        /// The file that holds the lines until the server accepts them.
        file: PathBuf,
    },
    /// The server rejects some lines, and they are not sent again. Reported at most once a minute.
    #[non_exhaustive]
    LinesRejected {
        /// The server's response. If the server may accept the line later, this also says why the shipper does not wait for that.
        reason: String,
        /// The file that holds the rejected lines.
        file: PathBuf,
    },
    /// The cursor is damaged and not used, so all files are shipped again.
    #[non_exhaustive]
    CursorDamaged {
        /// Which cursor, and what happened to it.
        message: String,
    },
    /// The server has another address, port, tenant or index than at the last start. Shipping continues after what the previous server
    /// confirmed. Reported once for each change.
    #[non_exhaustive]
    TargetChanged {
        /// The previous server.
        from: String,
        /// The current server.
        to: String,
        /// The file with the confirmed position in each log file.
        cursor: PathBuf,
    },
    /// A log file is no longer among the files to ship, for example because the service was renamed, and was not shipped to its end.
    /// Its position is kept.
    #[non_exhaustive]
    NotListed {
        /// The name of the file.
        file: String,
        /// The number of bytes that were not shipped.
        bytes: u64,
    },
    /// A log file was removed before all of it was shipped.
    #[non_exhaustive]
    Removed {
        /// The last name of the file.
        file: String,
        /// The number of bytes that were not shipped.
        bytes: u64,
    },
    /// A log file was removed or emptied before all of it was shipped. Another file begins with the same text and was shipped from its
    /// beginning, so it probably is a copy. But the text has no times, so it may also be equal by chance.
    #[non_exhaustive]
    MayBeLost {
        /// The last name of the file.
        file: String,
        /// The number of bytes that may not have been shipped.
        bytes: u64,
    },
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Most messages contain text from servers, errors or file names, so the whole message is made safe to print.
        let f = &mut Printable(f);
        match self {
            Self::Failing { target, error } => write!(
                f,
                "log lines cannot be shipped to {target}: {error}. They wait in their files, and shipping is tried again"
            ),
            Self::Resumed { target } => {
                write!(f, "log lines are shipped to {target} again")
            }
            Self::Problem { message } => f.write_str(message),
            Self::NotRead { reason, .. } => write!(f, "nothing is shipped from a path: {reason}"),
            Self::LinesWaiting { reason, file } => write!(
                f,
                "the server does not accept a log line yet: {reason}. It is sent again later, and is kept in {} until then",
                file.display()
            ),
            Self::LinesRejected { reason, file } => write!(
                f,
                "a log line was rejected: {reason}. Rejected lines are kept in {}",
                file.display()
            ),
            Self::CursorDamaged { message } => write!(f, "{message}; all files are shipped again"),
            Self::TargetChanged { from, to, cursor } => write!(
                f,
                "log lines now go to {to} instead of {from}. Shipping continues after the last confirmed line; to ship all files again, \
                 remove {} while nothing ships them",
                cursor.display()
            ),
            Self::NotListed { file, bytes } => write!(
                f,
                "{bytes} bytes of {file} are not shipped, and it is no longer among the files to ship. The position is kept: to ship the \
                 rest, start a shipper with that file and the same state folder"
            ),
            Self::Removed { file, bytes } => write!(
                f,
                "the log file {file} was removed before {bytes} bytes of it were shipped, and they are lost. Keep log files longer"
            ),
            Self::MayBeLost { file, bytes } => write!(
                f,
                "the log file {file} was removed or emptied before {bytes} bytes of it were shipped. Another file begins with the same text \
                 and is shipped, but too little of the text was confirmed to be sure that it is a copy: {bytes} bytes may be lost"
            ),
        }
    }
}

/// Where diagnoses go. Clones have the same destination.
#[derive(Clone, Default)]
pub(crate) enum Diagnostics {
    #[default]
    StandardError,
    Callback(Arc<dyn Fn(&Diagnosis) + Send + Sync>),
}

impl Diagnostics {
    pub(crate) fn report(&self, diagnosis: &Diagnosis) {
        match self {
            // `eprintln!` would panic if standard error is closed. There is no place left to report an error from here.
            Self::StandardError => drop(writeln!(io::stderr(), "traceship: {diagnosis}")),
            Self::Callback(callback) => callback(diagnosis),
        }
    }
}
