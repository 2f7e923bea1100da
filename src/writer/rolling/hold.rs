use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

/// Closure that decides whether a closed file is still needed.
#[derive(Clone)]
pub(super) struct Hold(Arc<dyn Fn(&Path) -> bool + Send + Sync>);

impl Hold {
    pub(super) fn new(is_held: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_held))
    }

    /// Returns whether the file is still needed. It counts as needed if the closure panics.
    pub(super) fn is_held(&self, path: &Path) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.0(path))).unwrap_or(true)
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}
