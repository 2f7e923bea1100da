use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// How often to check the flag. Without pipes and signal masks, a handler cannot wake a thread.
const PAUSE: Duration = Duration::from_millis(100);

/// The signals that ask the program to end: SIGTERM, and SIGINT, which the C runtime of Windows raises for Ctrl-C.
pub(crate) struct Signals(Arc<AtomicBool>);

impl Signals {
    pub(crate) fn watch() -> io::Result<Self> {
        let is_asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            flag::register(signal, Arc::clone(&is_asked))?;
        }
        Ok(Self(is_asked))
    }

    /// Blocks until one of them arrives. There is no signal that asks to reload.
    pub(crate) fn wait(self, _reload: impl Fn()) {
        while !self.0.load(SeqCst) {
            thread::sleep(PAUSE);
        }
    }
}
