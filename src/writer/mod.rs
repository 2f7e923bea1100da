//! Writers that never lose a line in silence. Behind a [`Background`] they never block the threads that log, unless asked to.
//!
//! - [`Background`]: any [`Write`](std::io::Write) behind a thread of its own.
//! - [`RollingFile`]: a file that is closed and begun anew by size and time, with what is kept of closed ones bounded.
//! - `LogWriter`, with the feature `setup`: the writer of what `init` starts.
//! - [`log_panics`], and with the feature `signals` `flush_on_signals` and `reopen_on_sighup`: what else can happen to a process.
//!
//! ```
//! use tracing_stamp::writer::Background;
//! use tracing_subscriber::prelude::*;
//!
//! // Keep the guard to the end of `main`: dropping it writes what is left.
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
mod line_writer;
#[cfg(feature = "setup")]
mod log_writer;
mod lost;
mod overflow;
mod panics;
mod pieces;
mod queue;
mod rolling;
#[cfg(all(unix, feature = "signals"))]
mod signals;
mod stats;
mod worker;

#[cfg(feature = "setup")]
pub(crate) use self::log_writer::LogGuard;
#[cfg(feature = "setup")]
pub use self::log_writer::{LogLine, LogWriter};
#[cfg(feature = "ship")]
pub(crate) use self::rolling::is_removed;
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
