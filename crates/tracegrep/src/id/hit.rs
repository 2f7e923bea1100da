use super::TraceId;

/// An id in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) id: TraceId,
    /// 16 digits that begin with a prefix can be a short trace id, but most are a span id.
    pub(crate) is_certain: bool,
}
