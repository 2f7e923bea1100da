use super::{line_buffer::LineBuffer, queue::Queue};
use std::io;
use tracing_core::Level;

/// Writer of one line, created by [`BackgroundWriter`](super::BackgroundWriter).
///
/// A write that ends with a newline is accepted as one line. Other writes are gathered until there is a newline. If there is none when the
/// writer is dropped, one is added. Writing and flushing never fail: a lost line is counted and reported by a line of the log.
///
/// ```
/// use std::io::Write as _;
/// use tracing_subscriber::fmt::MakeWriter as _;
///
/// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
/// writeln!(writer.make_writer(), "{}", "in pieces, and one line").expect("a `LineWriter` never fails");
/// assert_eq!(writer.stats().accepted_lines(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
pub struct LineWriter<'a>(LineBuffer<'a, Queue>);

impl<'a> LineWriter<'a> {
    #[inline]
    pub(super) fn new(queue: &'a Queue, level: Level) -> Self {
        Self(LineBuffer::new(queue, level))
    }
}

impl io::Write for LineWriter<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes);
        Ok(bytes.len())
    }

    /// Has no effect: see [`BackgroundWriter::flush`](super::BackgroundWriter::flush).
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
