//! What a layer counts, and the diagnoses that it reports outside of the log.

mod absence;
mod advice;
mod counters;
mod diagnosis;
mod diagnosis_display;
mod diagnostics;
mod facts;
mod linked;
mod sum;
mod unstamped;
mod unstamped_counter;

pub use self::{
    counters::Stats,
    diagnosis::{Diagnosis, LinkedVersions},
    unstamped::UnstampedCallSite,
};
pub(crate) use self::{diagnostics::Diagnostics, sum::Count, unstamped_counter::UnstampedCounter};
