use std::sync::{Mutex, PoisonError};

/// Why the last request failed, for an exporter whose error does not say it: `network error`.
#[derive(Debug, Default)]
pub(in crate::setup) struct Cause(Mutex<Option<String>>);

impl Cause {
    pub(super) fn note(&self, cause: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
