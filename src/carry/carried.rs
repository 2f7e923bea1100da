use super::ContextSnapshot;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Adds `.carry()` to every future and stream.
///
/// ```
/// use tracing_stamp::carry::Carry as _;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let _request = tracing::info_span!("request").entered();
/// let task = tokio::spawn(async { tracing::info!("a line with the request's ids") }.carry());
/// task.await
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Carry: Sized {
    /// Returns the future or stream wrapped so that the current context of this thread applies wherever it is polled and dropped.
    ///
    /// Call it last: in `job().carry().instrument(span)`, the span is around the carried job and not current within it.
    ///
    /// ```
    /// use tracing::Instrument as _;
    /// use tracing_stamp::carry::Carry as _;
    ///
    /// let job = async { tracing::info!("in its own span, a child of the request's") };
    /// let job = job.instrument(tracing::info_span!("job")).carry();
    /// # drop(job);
    /// ```
    fn carry(self) -> Carried<Self>;
}

impl<T> Carry for T {
    fn carry(self) -> Carried<Self> {
        let snapshot = ContextSnapshot::capture();
        Carried {
            inner: Some(self),
            snapshot,
        }
    }
}

pin_project! {
    /// Future or stream returned by [`Carry::carry`].
    ///
    /// It is polled within the context that was current at the call, and dropped within it, even if it was never polled or is dropped
    /// before it is finished.
    #[derive(Clone, Debug)]
    #[must_use = "futures and streams do nothing unless they are polled"]
    pub struct Carried<T> {
        // `None` only during the drop.
        #[pin]
        inner: Option<T>,
        snapshot: ContextSnapshot,
    }

    impl<T> PinnedDrop for Carried<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.snapshot.in_scope(|| this.inner.set(None));
        }
    }
}

impl<T: Future> Future for Carried<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T::Output> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => this.snapshot.in_scope(|| inner.poll(cx)),
            None => Poll::Pending,
        }
    }
}

impl<T: Stream> Stream for Carried<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => this.snapshot.in_scope(|| inner.poll_next(cx)),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}
