//! What loggers write in their own way. A file has what one logger, or a group of loggers, does differently from the names that all share.
//!
//! The keys of the line itself show its family. A line of another logger has no family, and is read by its names alone.

mod adapted;
mod app_insights;
mod bunyan_formatter;
mod datadog;
mod dotnet;
mod go;
mod life;
mod log4j;
mod logback;
mod logforth;
mod nginx;
mod node;
mod structlog;
mod throwable;
mod tracing;
mod tracing_stamp;

pub(super) use self::adapted::Adapted;

use super::members::Members;

/// The families. Each returns `None` for lines of others.
const FAMILIES: [fn(&mut Members) -> Option<Adapted>; 13] = [
    app_insights::adapt,
    bunyan_formatter::adapt,
    tracing_stamp::adapt,
    tracing::adapt,
    logback::adapt,
    log4j::adapt,
    structlog::adapt,
    dotnet::adapt,
    logforth::adapt,
    datadog::adapt,
    node::adapt,
    nginx::adapt,
    go::adapt,
];

/// Changes the members of a line so that their names say what they are.
pub(super) fn adapt(members: &mut Members) -> Adapted {
    let adapted = FAMILIES.iter().find_map(|family| family(members));
    adapted.unwrap_or_default()
}
