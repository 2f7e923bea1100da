//! Turns the lines of many loggers into records.
//!
//! A line takes these steps:
//!
//! 1. [`Reader`] unwraps it, and makes [`Members`](members::Members) of it: names with values. [`text`] does so for lines of text. The
//!    members of a JSON object that are objects themselves are members too, with names such as `span.trace_id`.
//! 2. [`families`] change what a logger writes in its own way, such as a message with separate arguments.
//! 3. [`assemble`] finds the meaning of each member by its name ([`names`]), and makes a [`Record`] of those that it understands. Most loggers
//!    need no more than this step.

mod access;
mod added;
mod assemble;
mod durations;
mod error_details;
mod families;
mod field;
mod glance;
mod ids;
mod keys;
mod level;
mod members;
mod names;
mod object;
mod reader;
mod repair;
mod shape;
mod span_list;
mod stack;
mod text;
mod time_forms;
mod times;
mod understood;

pub(crate) use self::glance::{Glance, Glancer};
pub use self::{
    error_details::ErrorDetails,
    field::{Field, InvalidField},
    keys::{Keys, Part},
    level::Level,
    reader::Reader,
    understood::{Moment, Record, SpanTimes},
};
