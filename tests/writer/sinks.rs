//! Sinks that can be shut, and that remember each write.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
};

/// Remembers each write; while it is shut, writes wait.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    is_open: bool,
    waits: bool,
    writes: Vec<Vec<u8>>,
}

impl Gate {
    pub(crate) fn open() -> Self {
        let gate = Self::default();
        gate.let_through();
        gate
    }

    pub(crate) fn let_through(&self) {
        self.0.0.lock().expect("no panic").is_open = true;
        self.0.1.notify_all();
    }

    /// Waits until a write waits.
    pub(crate) fn wait_for_writer(&self) {
        super::wait_until("a write", || self.0.0.lock().expect("no panic").waits);
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        let state = self.0.0.lock().expect("no panic");
        let text = |write: &Vec<u8>| String::from_utf8(write.clone()).expect("text");
        state.writes.iter().map(text).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.writes().concat()
    }
}

impl io::Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.0.lock().expect("no panic");
        state.waits = true;
        while !state.is_open {
            state = self.0.1.wait(state).expect("no panic");
        }
        state.waits = false;
        state.writes.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink that does what a function says.
pub(crate) struct With<F>(pub(crate) F);

impl<F: FnMut(&[u8]) -> io::Result<usize>> io::Write for With<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
