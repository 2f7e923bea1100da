use crate::{
    layer::OwnLines,
    writer::{lost::Lost, worker::catch_panic},
};
use std::{
    io::{self, Write},
    thread,
    time::{Duration, Instant},
};

/// Time to wait for the slow reader of a non-blocking pipe. After that the sink counts as failing.
const SLOW_READER: Duration = Duration::from_secs(1);
const NAP: Duration = Duration::from_millis(1);

/// The sink, and the block of lines that is being written to it.
pub(in crate::writer) struct Sink {
    writer: Box<dyn Write + Send>,
    own: OwnLines,
    /// Whole lines.
    pub(super) block: Vec<u8>,
    /// Bytes of the block that the writer has taken.
    pub(super) written: usize,
    /// All lines up to this number are written when the block is.
    pub(super) until: u64,
}

impl Sink {
    pub(in crate::writer) fn new(writer: Box<dyn Write + Send>, own: OwnLines) -> Self {
        Self {
            writer,
            own,
            block: Vec::new(),
            written: 0,
            until: 0,
        }
    }

    /// Appends the line that reports lost lines to the block.
    pub(super) fn report(&mut self, lost: &Lost) {
        lost.push(&mut self.block, &mut self.own);
    }

    /// Returns whether the writer has taken the whole block.
    pub(super) fn is_written(&self) -> bool {
        self.written == self.block.len()
    }

    /// Writes the rest of the block. After an error, the next call continues at the byte at which this one stopped. Waits for a slow reader
    /// only if `is_patient`.
    ///
    /// # Errors
    ///
    /// The errors of the writer. Its panic is turned into an error too.
    pub(super) fn write_out(&mut self, is_patient: bool) -> io::Result<()> {
        let mut slow_since = None;
        loop {
            let result = if self.written < self.block.len() {
                self.write_some()
            } else {
                catch_panic(|| self.writer.flush())
            };
            match result {
                Ok(()) if self.is_written() => return Ok(()),
                Ok(()) => slow_since = None,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let since = *slow_since.get_or_insert_with(Instant::now);
                    if !is_patient || since.elapsed() > SLOW_READER {
                        return Err(error);
                    }
                    thread::sleep(NAP);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes once. Flushes if that was the rest of the block.
    fn write_some(&mut self) -> io::Result<()> {
        let rest = &self.block[self.written..];
        let length = rest.len();
        match catch_panic(|| self.writer.write(rest))? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => self.written += count.min(length),
        }
        if self.is_written() {
            catch_panic(|| self.writer.flush())?;
        }
        Ok(())
    }
}
