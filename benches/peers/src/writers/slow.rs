use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

/// A sink like a slow disk: each write takes a millisecond, regardless of its length.
pub struct Slow;

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(1));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
