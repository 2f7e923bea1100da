use super::ContextSnapshot;

/// Wraps a closure so that the context that is current now applies when it is called, on any thread.
///
/// Use it for `spawn_blocking`, `std::thread::spawn`, rayon, and other functions that call a closure once. For a closure that is
/// called more than once, or with arguments, use [`ContextSnapshot::in_scope`]. If the closure is never called, its captured values
/// are dropped outside of the context.
///
/// ```
/// use tracing_stamp::carry::carry;
///
/// let _request = tracing::info_span!("request").entered();
/// let thread = std::thread::spawn(carry(|| tracing::info!("a line with the request's ids")));
/// thread.join().expect("no panic");
/// ```
#[must_use = "a closure does nothing until it is called"]
pub fn carry<F, T>(job: F) -> impl FnOnce() -> T
where
    F: FnOnce() -> T,
{
    let snapshot = ContextSnapshot::capture();
    move || snapshot.in_scope(job)
}
