//! Signal handlers.

use super::{BackgroundWriter, Reopener};
use crate::Error;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};
use std::{ffi::c_int, io, thread, time::Duration};

/// What happens after [`flush_on_signals`] has flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterFlush {
    /// The signal ends the process, which is its default action, even if the process ignored it before.
    Terminate,
    /// The application ends the process, by a handler of its own (`tokio::signal`, `signal-hook`, `ctrlc`) that is installed before or
    /// later. Without such a handler the signal no longer ends the process.
    LeaveToApplication,
}

/// Flushes when the process gets SIGTERM or SIGINT, for at most `timeout`, on a thread of its own. Handlers that other code has installed
/// are still called.
///
/// # Errors
///
/// If the operating system cannot install the handlers or create a thread.
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
    // The result is ignored: the process is about to end, so nothing can wait longer.
    call_on_signals(move || drop(writer.flush(timeout)), then)
}

/// Calls `flush` when the process gets SIGTERM or SIGINT.
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
    .map_err(|error| {
        Error::system("no handler for SIGTERM and SIGINT can be installed").caused_by(error)
    })
}

/// Reopens a log file when the process gets SIGHUP. The signal then no longer ends the process.
///
/// # Errors
///
/// If the operating system cannot install the handler or create a thread.
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
        .map_err(|error| Error::system("no handler for SIGHUP can be installed").caused_by(error))
}

fn on_signals(signals: &[c_int], act: impl Fn(c_int) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new(signals)?;
    thread::Builder::new()
        .name("tracing-stamp-signals".into())
        .spawn(move || signals.forever().for_each(act))?;
    Ok(())
}
