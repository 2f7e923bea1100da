use std::{any::Any, fmt};

/// A context that was current where it was captured.
pub trait Captured: fmt::Debug + Send + Sync {
    /// Whether it has a span.
    fn has_active_span(&self) -> bool;

    /// Makes it current on this thread until the guard is dropped. `None` where that is not possible, as on a thread
    /// that ends.
    fn attach(&self) -> Option<Box<dyn Any>>;
}
