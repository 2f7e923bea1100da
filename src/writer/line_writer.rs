use super::{pieces::Pieces, queue::Queue};
use std::io;
use tracing_core::Level;

/// What a [`BackgroundWriter`](super::BackgroundWriter) makes for each line.
///
/// A write that ends with a newline is one line and is accepted whole; pieces gather until there is one, and a line that is still
/// without when the writer is dropped gets one. Writing and flushing never fail: what is lost is counted and told by the log.
///
/// ```
/// use std::io::Write as _;
/// use tracing_subscriber::fmt::MakeWriter as _;
///
/// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
/// writeln!(writer.make_writer(), "{}", "in pieces, and one line").expect("it never fails");
/// assert_eq!(writer.stats().accepted_lines(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
pub struct LineWriter<'a>(Pieces<'a, Queue>);

impl<'a> LineWriter<'a> {
    #[inline]
    pub(super) fn new(queue: &'a Queue, level: Level) -> Self {
        Self(Pieces::new(queue, level))
    }
}

impl io::Write for LineWriter<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: see [`BackgroundWriter::flush`](super::BackgroundWriter::flush).
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
