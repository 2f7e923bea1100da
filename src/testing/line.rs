use opentelemetry::trace::{SpanId, TraceId};
use serde_json::{Map, Value};

/// A line, read back.
///
/// ```
/// let ((), captured) = tracing_stamp::testing::capture(|| tracing::warn!(cents = 129_900, "a second look"));
/// let line = &captured.lines()[0];
/// assert_eq!((line.message(), line.level()), ("a second look", "WARN"));
/// assert_eq!(line.get("cents"), Some(&129_900.into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Line(pub(super) Map<String, Value>);

impl Line {
    /// The value of a key.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!(items = 3, "hello"));
    /// assert_eq!(captured.line("hello").get("items"), Some(&3.into()));
    /// assert_eq!(captured.line("hello").get("cents"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The message.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].message(), "hello");
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        self.text("message")
    }

    /// The level, as the line has it.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].level(), "INFO");
    /// ```
    #[must_use]
    pub fn level(&self) -> &str {
        self.text("level")
    }

    /// The trace id.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("outside of any trace"));
    /// assert_eq!(captured.lines()[0].trace_id(), None);
    /// ```
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        TraceId::from_hex(self.text("trace_id")).ok()
    }

    /// The span id.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("outside of any span"));
    /// assert_eq!(captured.lines()[0].span_id(), None);
    /// ```
    #[must_use]
    pub fn span_id(&self) -> Option<SpanId> {
        SpanId::from_hex(self.text("span_id")).ok()
    }

    fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}
