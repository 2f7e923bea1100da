use std::io::{self, Write as _};
use tracing_core::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// A layer's writer without its type, for threads that do not know the layer.
pub(super) trait LineSink: Send + Sync {
    /// Writes a whole line. Runs user code.
    fn write_line(&self, metadata: &Metadata<'_>, line: &[u8]) -> io::Result<()>;
}

impl<W> LineSink for W
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync,
{
    fn write_line(&self, metadata: &Metadata<'_>, line: &[u8]) -> io::Result<()> {
        self.make_writer_for(metadata).write_all(line)
    }
}
