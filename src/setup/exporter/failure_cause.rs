//! Why an export failed, in more detail than the exporter's own error has.

use std::sync::{Mutex, PoisonError};

/// Why the last request failed. An exporter's own error may be no more than `network error`.
#[derive(Debug, Default)]
pub(in crate::setup) struct FailureCause(Mutex<Option<String>>);

impl FailureCause {
    pub(super) fn set(&self, cause: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
