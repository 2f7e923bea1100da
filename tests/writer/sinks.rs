//! Sinks for tests.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
};

/// Sink that remembers each write. Writes wait while it is closed.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    is_open: bool,
    has_waiting_writer: bool,
    writes: Vec<Vec<u8>>,
}

impl Gate {
    pub(crate) fn open() -> Self {
        let gate = Self::default();
        gate.let_through();
        gate
    }

    pub(crate) fn let_through(&self) {
        self.0.0.lock().expect("no thread panics").is_open = true;
        self.0.1.notify_all();
    }

    /// Waits until a write is waiting.
    pub(crate) fn wait_for_writer(&self) {
        super::wait_until("a write is waiting", || {
            self.0
                .0
                .lock()
                .expect("no thread panics")
                .has_waiting_writer
        });
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        let state = self.0.0.lock().expect("no thread panics");
        let text = |write: &Vec<u8>| String::from_utf8(write.clone()).expect("valid UTF-8");
        state.writes.iter().map(text).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.writes().concat()
    }
}

impl io::Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.0.lock().expect("no thread panics");
        state.has_waiting_writer = true;
        while !state.is_open {
            state = self.0.1.wait(state).expect("no thread panics");
        }
        state.has_waiting_writer = false;
        state.writes.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sink that passes its writes to a function.
pub(crate) struct With<F>(pub(crate) F);

impl<F: FnMut(&[u8]) -> io::Result<usize>> io::Write for With<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
