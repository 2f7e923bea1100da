use crate::stats::{Diagnosis, Diagnostics};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reports diagnoses. The callback is user code, so its panics are caught.
#[derive(Clone)]
pub(super) struct Reporter(pub(super) Diagnostics);

impl Reporter {
    pub(super) fn report(&self, diagnosis: &Diagnosis) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.0.report(diagnosis)));
    }
}
