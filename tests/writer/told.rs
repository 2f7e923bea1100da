//! What is told out of band.

use std::sync::{Arc, Mutex};
use tracing_stamp::{Diagnosis, writer::Background};

#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    pub(crate) fn listen<W: std::io::Write + Send + 'static>(
        &self,
        background: Background<W>,
    ) -> Background<W> {
        let told = self.clone();
        background.with_diagnostics(move |diagnosis: &Diagnosis| {
            told.0.lock().expect("no panic").push(diagnosis.to_string());
        })
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    pub(crate) fn has(&self, part: &str) -> bool {
        self.all().iter().any(|told| told.contains(part))
    }
}
