use crate::{
    layer::OwnLines,
    writer::{lost::Lost, worker::attempt},
};
use std::{
    io::{self, Write},
    thread,
    time::{Duration, Instant},
};

/// A non-blocking pipe whose reader is slow is waited for this long. After that the sink counts as failing.
const SLOW_READER: Duration = Duration::from_secs(1);
const NAP: Duration = Duration::from_millis(1);

/// The sink, and the block of lines that it is being given.
pub(in crate::writer) struct Sink {
    writer: Box<dyn Write + Send>,
    own: OwnLines,
    /// Whole lines.
    pub(super) block: Vec<u8>,
    /// How much of the block the writer has taken, in bytes.
    pub(super) at: usize,
    /// How many lines the block has.
    pub(super) lines: u64,
    /// All lines up to this one are written once the block is.
    pub(super) until: u64,
}

impl Sink {
    pub(in crate::writer) fn new(writer: Box<dyn Write + Send>, own: OwnLines) -> Self {
        Self {
            writer,
            own,
            block: Vec::new(),
            at: 0,
            lines: 0,
            until: 0,
        }
    }

    /// Appends the line that reports lost ones.
    pub(super) fn report(&mut self, lost: &Lost) {
        lost.push(&mut self.block, &mut self.own);
    }

    /// Whether the writer has taken the whole block.
    pub(super) fn is_written(&self) -> bool {
        self.at == self.block.len()
    }

    /// Writes the rest of the block. After an error the next call continues with the byte at which this one stopped. Waits for
    /// a slow reader only where `is_patient`.
    ///
    /// # Errors
    ///
    /// Those of the writer; its panic is one too.
    pub(super) fn write_out(&mut self, is_patient: bool) -> io::Result<()> {
        let mut slow_since = None;
        loop {
            let result = if self.at < self.block.len() {
                self.write_some()
            } else {
                attempt(|| self.writer.flush())
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

    /// Writes what the writer takes at once; flushes it where that is all.
    fn write_some(&mut self) -> io::Result<()> {
        let rest = &self.block[self.at..];
        let length = rest.len();
        match attempt(|| self.writer.write(rest))? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => self.at += written.min(length),
        }
        if self.is_written() {
            attempt(|| self.writer.flush())?;
        }
        Ok(())
    }
}
