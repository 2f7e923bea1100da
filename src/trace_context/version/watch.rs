use std::fmt;

/// Watches one span for its end.
pub trait Watch: fmt::Debug + Send + Sync {
    /// Whether the span has ended.
    fn has_ended(&self) -> bool;
}
