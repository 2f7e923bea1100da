//! Lines of text: logfmt, formats of some loggers, and lines that begin with a time and a level.

mod context;
mod escapes;
mod groups;
mod header;
mod klog;
mod line;
mod logfmt;
mod monolog;
mod named;
mod pairs;
mod spans;
mod syslog;
mod zap;

pub(super) use self::{escapes::without_escapes, line::members, syslog::split as split_syslog};
