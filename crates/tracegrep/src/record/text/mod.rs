//! Lines of text: logfmt, and lines that begin with a time and a level.
//!
//! A line is only understood if it has a time, a level or a trace id. So the lines of a stack trace are not taken for lines of their own.

mod escapes;
mod groups;
mod header;
mod line;
mod logfmt;
mod pairs;
mod spans;

pub(super) use self::{escapes::without_escapes, line::members};
