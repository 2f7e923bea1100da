//! Threads that log while another one writes.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
};
use tracing::{Dispatch, dispatcher, info};

/// Takes a line only once somebody has said so.
struct Gate {
    taken: Arc<Mutex<Vec<u8>>>,
    open: Receiver<()>,
    is_open: bool,
    reached: mpsc::Sender<()>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_open {
            let _ = self.reached.send(());
            let _ = self.open.recv();
            self.is_open = true;
        }
        self.taken
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
fn a_writer_may_wait_for_another_thread_that_logs() {
    let taken = Arc::default();
    let (open, opened) = mpsc::channel();
    let (reached, is_reached) = mpsc::channel();
    let gate = Gate {
        taken: Arc::clone(&taken),
        open: opened,
        is_open: false,
        reached,
    };
    let (dispatch, guard) = tracing_stamp::setup()
        .with_writer(gate)
        .build()
        .expect("it is right");
    let log = |dispatch: &Dispatch, message: &'static str| {
        let dispatch = dispatch.clone();
        thread::spawn(move || dispatcher::with_default(&dispatch, || info!("{message}")))
    };
    let first = log(&dispatch, "first");
    is_reached.recv().expect("the first line is being written");
    // The writer waits until these calls have returned.
    for _ in 0..3 {
        log(&dispatch, "second").join().expect("no panic");
    }
    open.send(()).expect("the writer waits");
    first.join().expect("no panic");
    let text = String::from_utf8(taken.lock().expect("no panic").clone()).expect("lines are text");
    assert_eq!(text.matches("first").count(), 1, "{text}");
    assert_eq!(text.matches("second").count(), 3, "{text}");
    assert_eq!(text.lines().count(), 4, "{text}");
    drop(guard);
}
