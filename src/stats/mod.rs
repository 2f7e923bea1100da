//! What a layer has done, in numbers; and the few things that are told out of band, because the log cannot tell them.

mod absence;
mod advice;
mod counters;
mod diagnosis;
mod linked;
mod unstamped;

pub use self::{counters::Stats, diagnosis::Diagnosis, unstamped::UnstampedCallSite};
pub(crate) use self::{diagnosis::Diagnostics, unstamped::UnstampedCounter};
