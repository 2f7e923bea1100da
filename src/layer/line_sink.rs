use crate::stats::{Diagnosis, Diagnostics, Stats};
use std::{
    io::{self, Write as _},
    sync::Arc,
};
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

/// A layer's writer for code that does not know the layer.
#[derive(Clone)]
pub(super) struct SharedOutput {
    pub(super) sink: Arc<dyn LineSink>,
    pub(super) stats: Stats,
    /// `None` if diagnoses are not reported.
    pub(super) diagnostics: Option<Diagnostics>,
}

impl SharedOutput {
    /// Writes a whole line. Runs user code.
    pub(super) fn write(&self, metadata: &Metadata<'_>, line: &[u8]) {
        if let Err(error) = self.sink.write_line(metadata, line)
            && self.stats.count_lost()
            && let Some(diagnostics) = &self.diagnostics
        {
            diagnostics.report(&Diagnosis::WriteFailed { error });
        }
    }
}
