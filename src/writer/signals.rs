//! What a process is told from outside.

use super::{BackgroundWriter, Reopener};
use crate::Error;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};
use std::{ffi::c_int, io, thread, time::Duration};

/// Whose business SIGTERM and SIGINT are, once the lines are written.
///
/// ```
/// use tracing_stamp::writer::AfterFlush;
///
/// assert_ne!(AfterFlush::Terminate, AfterFlush::LeaveToApplication);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterFlush {
    /// Nobody's: the signal ends the process, as it does by default, also where it was ignored before.
    Terminate,
    /// The application's, which has a handler of its own (`tokio::signal`, `signal-hook`, `ctrlc`), now or later, and ends the process
    /// itself. Without such a handler the signal would end nothing any more.
    LeaveToApplication,
}

/// Flushes when the process is sent SIGTERM or SIGINT, for `timeout` at the most, on a thread of its own. Handlers that others have
/// installed are called as before.
///
/// # Errors
///
/// When the operating system gives no handler or no thread.
///
/// ```
/// use std::time::Duration;
/// use tracing_stamp::writer::{AfterFlush, Background, flush_on_signals};
///
/// let (writer, _guard) = Background::new(std::io::stdout()).start()?;
/// flush_on_signals(&writer, Duration::from_secs(2), AfterFlush::Terminate)?;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn flush_on_signals(
    writer: &BackgroundWriter,
    timeout: Duration,
    then: AfterFlush,
) -> Result<(), Error> {
    let writer = writer.clone();
    // Nobody is left to wait for lines that are not written in this time.
    call_on_signals(move || drop(writer.flush(timeout)), then)
}

/// Calls `flush` when the process is sent SIGTERM or SIGINT.
pub(crate) fn call_on_signals(
    flush: impl Fn() + Send + 'static,
    then: AfterFlush,
) -> Result<(), Error> {
    on_signals(&[SIGTERM, SIGINT], move |signal| {
        flush();
        if then == AfterFlush::Terminate {
            let _ = emulate_default_handler(signal);
        }
    })
    .map_err(|error| Error::new(format!("SIGTERM and SIGINT cannot be watched: {error}")))
}

/// Opens a log file anew when the process is sent SIGHUP, which then no longer ends it.
///
/// # Errors
///
/// When the operating system gives no handler or no thread.
///
/// ```no_run
/// use tracing_stamp::writer::{RollingFile, reopen_on_sighup};
///
/// let file = RollingFile::open("/var/log/orders/orders.jsonl")?;
/// reopen_on_sighup(file.reopener())?;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
pub fn reopen_on_sighup(reopener: Reopener) -> Result<(), Error> {
    on_signals(&[SIGHUP], move |_| reopener.reopen())
        .map_err(|error| Error::new(format!("SIGHUP cannot be watched: {error}")))
}

fn on_signals(signals: &[c_int], act: impl Fn(c_int) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new(signals)?;
    thread::Builder::new()
        .name("tracing-stamp-signals".into())
        .spawn(move || signals.forever().for_each(act))?;
    Ok(())
}
