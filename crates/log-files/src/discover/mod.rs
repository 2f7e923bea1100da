//! Finds log files by folders, names and glob patterns, together with their rotated versions.
//!
//! [`Sources`] name the files, and [`Finder`] looks for them. A look reads each folder once, whatever the number of patterns, and asks for the
//! metadata of each file once.

mod arrange;
mod finder;
mod found;
mod links;
mod path_pattern;
mod pattern_error;
mod problem;
mod rules;
mod sources;
mod unread;
mod walk;

pub use self::{
    finder::Finder,
    found::{Found, FoundFile},
    pattern_error::PatternError,
    problem::Problem,
    sources::Sources,
    unread::{Unread, UnreadReason},
};
