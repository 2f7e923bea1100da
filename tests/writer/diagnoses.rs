//! Collects the diagnoses of a writer.

use std::sync::{Arc, Mutex};
use tracing_stamp::{Diagnosis, writer::Background};

#[derive(Clone, Default)]
pub(crate) struct Diagnoses(Arc<Mutex<Vec<String>>>);

impl Diagnoses {
    pub(crate) fn collect_from<W: std::io::Write + Send + 'static>(
        &self,
        background: Background<W>,
    ) -> Background<W> {
        let diagnoses = self.clone();
        background.with_diagnostics(move |diagnosis: &Diagnosis| {
            diagnoses
                .0
                .lock()
                .expect("no thread panics")
                .push(diagnosis.to_string());
        })
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().expect("no thread panics").clone()
    }

    pub(crate) fn has(&self, part: &str) -> bool {
        self.all().iter().any(|diagnosis| diagnosis.contains(part))
    }
}
