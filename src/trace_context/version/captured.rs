use std::{any::Any, fmt};

/// A captured context.
pub trait Captured: fmt::Debug + Send + Sync {
    /// Whether the context has a span.
    fn has_active_span(&self) -> bool;

    /// Makes the context current on this thread until the guard is dropped. `None` if that is not possible, as on a thread that
    /// ends.
    fn attach(&self) -> Option<Box<dyn Any>>;
}
