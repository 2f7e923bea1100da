//! Limits the lines of a call site during a storm.
//!
//! A [`Burst`] says how many lines are written. A layer has one [`Limits`], which has a [`CallSiteLimit`] for each call site. An event
//! is counted in a [`Bucket`](bucket::Bucket): that of its call site, or with [`Burst::by`] that of its key. A line that is written
//! carries the number of lines that its bucket has left out since the last one, and a [thread](reporter_thread) writes the numbers for which
//! no such line comes. So each line that is left out is reported once, whichever threads log.

mod bucket;
mod call_site;
mod counts;
mod guard;
mod key;
mod keyed;
mod limits;
mod pass;
mod reporter;
mod reporter_thread;
mod settings;
mod window;

pub(crate) use self::{
    call_site::CallSiteLimit, guard::LimitsOwner, limits::Limits, pass::Pass, reporter::Output,
    reporter_thread::note_suppressed,
};
pub use self::{guard::BurstGuard, settings::Burst};
