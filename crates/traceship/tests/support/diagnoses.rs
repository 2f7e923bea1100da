use std::sync::{Arc, Mutex};

/// Collects the messages of diagnoses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diagnoses(Arc<Mutex<Vec<String>>>);

impl Diagnoses {
    pub(crate) fn callback<D: ToString>(&self) -> impl Fn(&D) + Send + Sync + 'static {
        let messages = Arc::clone(&self.0);
        move |diagnosis: &D| {
            let mut messages = messages.lock().expect("no thread has panicked");
            messages.push(diagnosis.to_string());
        }
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.lock().expect("no thread has panicked").clone()
    }

    /// Whether any message contains this text.
    pub(crate) fn contain(&self, text: &str) -> bool {
        self.messages().iter().any(|message| message.contains(text))
    }
}
