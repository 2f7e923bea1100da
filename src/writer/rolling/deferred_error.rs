use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// An error that did not stop a line from being written. The next flush returns it.
#[derive(Clone, Debug, Default)]
pub(super) struct DeferredError(Arc<Mutex<Option<io::Error>>>);

impl DeferredError {
    /// Stores an error with a message. It replaces an error that no flush has returned yet.
    pub(super) fn set(&self, what: &str, error: &io::Error) {
        let error = io::Error::new(error.kind(), format!("{what}: {error}"));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Returns the latest error that was not returned before.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
