use log_files::{LineReader, TextRange};
use opentelemetry::trace::{SpanId, TraceId};
use serde_json::{Map, Value};

/// A captured line, parsed.
///
/// ```
/// let ((), captured) = tracing_stamp::testing::capture(|| tracing::warn!(cents = 129_900, "a second look"));
/// let line = &captured.lines()[0];
/// assert_eq!((line.message(), line.level()), ("a second look", "WARN"));
/// assert_eq!(line.get("cents"), Some(&129_900.into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    members: Map<String, Value>,
    message: String,
    level: String,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
}

impl Line {
    /// Parses a line, with the reader for its schema.
    pub(super) fn parse(line: &[u8], reader: &LineReader) -> serde_json::Result<Self> {
        let members = serde_json::from_slice(line)?;
        let located = reader.locate(line).unwrap_or_default();
        let raw = |at: Option<TextRange>| {
            let bytes = at.map(|at| at.of(line)).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        let unescaped = |at| {
            let text = raw(at);
            serde_json::from_str(&format!("\"{text}\"")).unwrap_or(text)
        };
        Ok(Self {
            members,
            message: unescaped(located.message),
            level: unescaped(located.level),
            trace_id: TraceId::from_hex(&raw(located.trace_id)).ok(),
            span_id: SpanId::from_hex(&raw(located.span_id)).ok(),
        })
    }

    /// Returns the value of a key.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!(items = 3, "hello"));
    /// assert_eq!(captured.line("hello").get("items"), Some(&3.into()));
    /// assert_eq!(captured.line("hello").get("cents"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.members.get(key)
    }

    /// Returns the message.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].message(), "hello");
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the level as written on the line.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].level(), "INFO");
    /// ```
    #[must_use]
    pub fn level(&self) -> &str {
        &self.level
    }

    /// Returns the trace id, if the line has one.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("outside of any trace"));
    /// assert_eq!(captured.lines()[0].trace_id(), None);
    /// ```
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    /// Returns the span id, if the line has one.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("outside of any span"));
    /// assert_eq!(captured.lines()[0].span_id(), None);
    /// ```
    #[must_use]
    pub fn span_id(&self) -> Option<SpanId> {
        self.span_id
    }
}
