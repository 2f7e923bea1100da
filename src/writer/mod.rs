//! Writers for log lines. They count and report each line that they lose. A [`Background`] does not block the threads that log, unless you
//! ask for it.
//!
//! | you want | use |
//! |---|---|
//! | to log without waiting for a disk or a pipe | [`Background`], which writes to any [`Write`](std::io::Write) on a thread of its own |
//! | a log file with rotation | [`RollingFile`], behind a `Background` |
//! | the writer that `init` has started, for a layer of your own | `LogWriter` (feature `setup`) |
//! | a line for each panic | [`log_panics`] |
//! | all lines written when the process gets SIGTERM or SIGINT | `flush_on_signals` (feature `signals`, Unix) |
//! | log files reopened when the process gets SIGHUP | `reopen_on_sighup` (feature `signals`, Unix) |
//!
//! ```
//! use tracing_stamp::writer::Background;
//! use tracing_subscriber::prelude::*;
//!
//! // Keep the guard to the end of `main`: on drop it writes the remaining lines.
//! let (writer, _guard) = Background::new(std::io::stdout()).start()?;
//! let subscriber = tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(writer));
//! # let _ = subscriber;
//! # Ok::<(), tracing_stamp::Error>(())
//! ```

mod background;
mod background_writer;
#[cfg(feature = "setup")]
mod direct;
mod guard;
mod line_buffer;
mod line_writer;
#[cfg(feature = "setup")]
mod log_writer;
mod lost;
mod overflow;
mod panics;
mod queue;
mod reporter;
mod rolling;
#[cfg(all(unix, feature = "signals"))]
mod signals;
mod stats;
mod worker;

#[cfg(feature = "setup")]
pub(crate) use self::log_writer::LogGuard;
#[cfg(feature = "setup")]
pub use self::log_writer::{LogLine, LogWriter};
#[cfg(all(unix, feature = "signals", feature = "setup"))]
pub(crate) use self::signals::call_on_signals;
#[cfg(all(unix, feature = "signals"))]
pub use self::signals::{AfterFlush, flush_on_signals, reopen_on_sighup};
pub use self::{
    background::Background,
    background_writer::BackgroundWriter,
    guard::WorkerGuard,
    line_writer::LineWriter,
    overflow::Overflow,
    panics::log_panics,
    rolling::{Fsync, Reopener, RollingFile, Rotation},
    stats::Stats,
};
