use super::lost::ByLevel;
use std::time::Duration;
use tracing_core::Level;

/// What a [`Background`](super::Background) has done so far, all numbers of one moment.
///
/// Every line that was handed over is accepted or lost; every accepted line is written, waits, or is abandoned at the end.
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

/// Getters.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = |$stats:ident| $value:expr,)*) => {
        impl Stats {
            $(
                $(#[$doc])*
                ///
                /// ```
                /// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
                #[doc = concat!("assert_eq!(writer.stats().", stringify!($name), "(), 0);")]
                /// # Ok::<(), tracing_stamp::Error>(())
                /// ```
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
    /// Lines that were taken into the buffer.
    accepted_lines = |stats| stats.accepted_lines,
    /// Their bytes.
    accepted_bytes = |stats| stats.accepted_bytes,
    /// Lines that the sink has taken and flushed.
    written_lines = |stats| stats.written_lines,
    /// Bytes that the sink has taken.
    written_bytes = |stats| stats.written_bytes,
    /// Bytes that are accepted and that the sink has not taken yet.
    waiting_bytes = |stats| stats.waiting_bytes,
    /// Lines that were not accepted, of all levels: there was no room, or the writer was shut down.
    lost_lines = |stats| stats.lost.sum(),
    /// Lines that were accepted, and given up when the writer was shut down: the sink did not take them in time.
    abandoned_lines = |stats| stats.abandoned,
    /// Attempts to write that failed.
    write_errors = |stats| stats.errors,
}

impl Stats {
    /// Lines of one level that were not accepted.
    ///
    /// ```
    /// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// assert_eq!(writer.stats().lost(tracing::Level::ERROR), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn lost(&self, level: Level) -> u64 {
        self.lost.of(level)
    }

    /// How long the last flush took that somebody asked for.
    ///
    /// ```
    /// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// assert_eq!(writer.stats().last_flush(), None);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn last_flush(&self) -> Option<Duration> {
        self.last_flush
    }
}
