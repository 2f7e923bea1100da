use super::ContextSnapshot;

/// A closure that runs within what is current now, wherever it is called.
///
/// For `spawn_blocking`, `std::thread::spawn`, rayon, and whatever else takes a closure and calls it once. One that is called
/// more often, or with arguments, does its work [within](ContextSnapshot::within) a [`ContextSnapshot`]. If it is never called, what it holds is
/// dropped as it is.
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
