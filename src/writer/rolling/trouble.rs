use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// An error that stopped no line, on its way to whoever flushes next.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<io::Error>>>);

impl Trouble {
    pub(super) fn note(&self, what: &str, error: &io::Error) {
        let error = io::Error::new(error.kind(), format!("{what}: {error}"));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The latest that nobody was told of.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
