//! Threads that log while another thread writes a line.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
};
use tracing::{Dispatch, dispatcher, info};

/// Writer that blocks until the test opens it.
struct Gate {
    written: Arc<Mutex<Vec<u8>>>,
    opened: Receiver<()>,
    is_open: bool,
    waiting: mpsc::Sender<()>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_open {
            let _ = self.waiting.send(());
            let _ = self.opened.recv();
            self.is_open = true;
        }
        self.written
            .lock()
            .expect("no panic")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_may_wait_for_other_threads_that_log() {
    let written = Arc::default();
    let (open, opened) = mpsc::channel();
    let (waiting, is_waiting) = mpsc::channel();
    let gate = Gate {
        written: Arc::clone(&written),
        opened,
        is_open: false,
        waiting,
    };
    let (dispatch, guard) = tracing_stamp::setup()
        .with_writer(gate)
        .build()
        .expect("the set-up is valid");
    let log = |dispatch: &Dispatch, message: &'static str| {
        let dispatch = dispatch.clone();
        thread::spawn(move || dispatcher::with_default(&dispatch, || info!("{message}")))
    };
    let first = log(&dispatch, "first");
    is_waiting.recv().expect("the first line is being written");
    // These calls return while the first line is still being written.
    for _ in 0..3 {
        log(&dispatch, "second").join().expect("no panic");
    }
    open.send(()).expect("the writer waits");
    first.join().expect("no panic");
    let text =
        String::from_utf8(written.lock().expect("no panic").clone()).expect("lines are text");
    assert_eq!(text.matches("first").count(), 1, "{text}");
    assert_eq!(text.matches("second").count(), 3, "{text}");
    assert_eq!(text.lines().count(), 4, "{text}");
    drop(guard);
}
