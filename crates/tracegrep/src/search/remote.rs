//! What a server has to do to be searched.

use super::period::Period;
use crate::{
    id::{TraceId, TraceQuery},
    trace::StatedSpan,
};

/// A server that stores lines.
pub(crate) trait LineServer: Send + Sync {
    /// The address, without secrets.
    fn name(&self) -> &str;

    /// Returns the lines that have the id. It may return others too. Lines at the ends of the period may be outside of it.
    fn lines(&self, query: &TraceQuery, period: Period) -> Fetched;
}

/// A server that stores spans.
pub(crate) trait SpanServer: Send + Sync {
    /// The address, without secrets.
    fn name(&self) -> &str;

    /// Returns the spans of a trace, which are none if the server does not know it.
    fn spans(&self, id: TraceId) -> Result<Vec<StatedSpan>, String>;
}

/// What a server has returned.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub(crate) entries: Vec<Entry>,
    /// Why entries may be missing.
    pub(crate) problem: Option<String>,
}

/// A line of a server, with what the server stores beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The text as its logger wrote it, which may have several lines.
    pub(crate) text: Vec<u8>,
    /// The time under which it is stored. It counts if the text has none.
    pub(crate) time: Option<i64>,
    /// The service, if the text does not name it.
    pub(crate) service: Option<String>,
}
