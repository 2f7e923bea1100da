//! A writer that keeps lines in memory.

use serde_json::Value;
use std::{
    io,
    sync::{Arc, Mutex},
};

#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no thread panics")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Memory {
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.0.lock().expect("no thread panics");
        let parse = |line: &[u8]| serde_json::from_slice(line).expect("JSON");
        text.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(parse)
            .collect()
    }
}
