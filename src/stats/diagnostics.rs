use super::Diagnosis;
use std::{
    io::{self, Write as _},
    sync::Arc,
};

/// Where diagnoses go. Clones have the same destination.
#[derive(Clone, Default)]
pub(crate) enum Diagnostics {
    #[default]
    StandardError,
    Callback(Arc<dyn Fn(&Diagnosis) + Send + Sync>),
}

impl Diagnostics {
    pub(crate) fn report(&self, diagnosis: &Diagnosis) {
        match self {
            // `eprintln!` would panic if standard error is closed. There is no place left to report an error from here.
            Self::StandardError => drop(writeln!(io::stderr(), "{diagnosis}")),
            Self::Callback(callback) => callback(diagnosis),
        }
    }
}
