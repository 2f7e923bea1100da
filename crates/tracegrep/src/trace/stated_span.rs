use serde_json::Value;

/// A span as a tracing backend has it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    not(feature = "servers"),
    allow(dead_code, reason = "only servers have such spans")
)]
pub(crate) struct StatedSpan {
    /// 16 hexadecimal digits in lower case.
    pub(crate) id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) name: String,
    pub(crate) service: Option<String>,
    /// In nanoseconds since 1970.
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) has_error: bool,
    pub(crate) fields: Vec<(String, Value)>,
}
