use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator,
};
use std::io;

/// The signals that ask the program to end, SIGTERM and SIGINT, and to reload, SIGHUP.
pub(crate) struct Signals(iterator::Signals);

impl Signals {
    pub(crate) fn watch() -> io::Result<Self> {
        iterator::Signals::new([SIGTERM, SIGINT, SIGHUP]).map(Self)
    }

    /// Blocks until the program is asked to end, and reloads whenever it is asked to.
    pub(crate) fn wait(mut self, reload: impl Fn()) {
        for signal in self.0.forever() {
            match signal {
                SIGHUP => reload(),
                _ => return,
            }
        }
    }
}
