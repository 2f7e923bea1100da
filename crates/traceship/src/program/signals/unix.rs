use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator,
};
use std::io;

/// The signals that ask the program to end: SIGTERM and SIGINT.
pub(crate) struct Signals(iterator::Signals);

impl Signals {
    pub(crate) fn watch() -> io::Result<Self> {
        iterator::Signals::new([SIGTERM, SIGINT]).map(Self)
    }

    /// Blocks until one of them arrives.
    pub(crate) fn wait(mut self) {
        self.0.forever().next();
    }
}
