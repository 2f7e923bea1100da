//! What a layer counts, and the diagnoses that it reports outside of the log.

mod absence;
mod advice;
mod counters;
mod diagnosis;
mod diagnosis_display;
mod diagnostics;
mod linked;
mod unstamped;

pub use self::{
    counters::Stats,
    diagnosis::{Diagnosis, LinkedVersions},
    unstamped::UnstampedCallSite,
};
pub(crate) use self::{diagnostics::Diagnostics, unstamped::UnstampedCounter};
