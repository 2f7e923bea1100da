//! Lines of text: logfmt, and lines that begin with a time and a level.

mod escapes;
mod groups;
mod header;
mod line;
mod logfmt;
mod pairs;
mod spans;

pub(super) use self::{escapes::without_escapes, line::members};
