//! A writer that keeps lines, shared by the tests.

use serde_json::Value;
use std::{
    io,
    sync::{Arc, Mutex},
};

#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn all(&self) -> Vec<Value> {
        let bytes = self.0.lock().expect("no writer panics").clone();
        let text = String::from_utf8(bytes).expect("lines are text");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line is JSON"))
            .collect()
    }

    /// Returns the only line with this message.
    pub fn one(&self, message: &str) -> Value {
        let mut found = self.all();
        found.retain(|line| line["message"] == message);
        assert_eq!(found.len(), 1, "lines {message:?} in {:#?}", self.all());
        found.remove(0)
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no writer panics")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
