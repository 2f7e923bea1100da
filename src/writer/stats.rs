use super::lost::ByLevel;
use std::time::Duration;
use tracing_core::Level;

/// Counters of a writer, returned by [`BackgroundWriter::stats`](super::BackgroundWriter::stats). All of them are read at the same moment.
///
/// Every line that was handed over is either accepted or lost. Every accepted line is written, is waiting, or is abandoned at the shutdown.
///
/// ```
/// use std::time::Duration;
/// use tracing_stamp::writer::Background;
/// use tracing_subscriber::prelude::*;
///
/// let (writer, _guard) = Background::new(std::io::sink()).start()?;
/// let subscriber = tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(writer.clone()));
/// tracing::subscriber::with_default(subscriber, || tracing::info!("hello"));
/// writer.flush(Duration::from_secs(5))?;
///
/// let stats = writer.stats();
/// assert_eq!((stats.accepted_lines(), stats.written_lines(), stats.lost_lines()), (1, 1, 0));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub(super) accepted_lines: u64,
    pub(super) accepted_bytes: u64,
    pub(super) written_lines: u64,
    pub(super) written_bytes: u64,
    pub(super) waiting_bytes: u64,
    pub(super) lost: ByLevel,
    pub(super) abandoned: u64,
    pub(super) errors: u64,
    pub(super) last_flush: Option<Duration>,
}

/// Defines a getter for each counter.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = |$stats:ident| $value:expr,)*) => {
        impl Stats {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> u64 {
                    let $stats = self;
                    $value
                }
            )*
        }
    };
}

numbers! {
    /// Number of lines that were accepted into the buffer.
    accepted_lines = |stats| stats.accepted_lines,
    /// Number of bytes that were accepted into the buffer.
    accepted_bytes = |stats| stats.accepted_bytes,
    /// Number of lines that the sink has taken and flushed.
    written_lines = |stats| stats.written_lines,
    /// Number of bytes that the sink has taken.
    written_bytes = |stats| stats.written_bytes,
    /// Number of accepted bytes that the sink has not taken yet.
    waiting_bytes = |stats| stats.waiting_bytes,
    /// Number of lines of all levels that were not accepted, because there was no room or the writer was shut down.
    lost_lines = |stats| stats.lost.sum(),
    /// Number of accepted lines that were given up at the shutdown, because the sink did not take them in time.
    abandoned_lines = |stats| stats.abandoned,
    /// Number of failed attempts to write.
    write_errors = |stats| stats.errors,
}

impl Stats {
    /// Number of lines of one level that were not accepted.
    #[must_use]
    pub fn lost(&self, level: Level) -> u64 {
        self.lost.of(level)
    }

    /// Duration of the last explicit flush, or `None` if there was none.
    #[must_use]
    pub fn last_flush(&self) -> Option<Duration> {
        self.last_flush
    }
}
