use super::{
    in_flight::{InFlight, Responded},
    request_span::RequestSpan,
    request_state::{CANCELLED, RequestState},
};
use pin_project_lite::pin_project;
use std::{
    any::type_name,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// A future of a response, polled and dropped within the request's span.
    #[derive(Debug)]
    pub(super) struct Instrumented<F> {
        #[pin]
        inner: Option<F>,
        in_flight: Option<Box<InFlight>>,
    }

    impl<F> PinnedDrop for Instrumented<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut in_flight) = this.in_flight.take() {
                in_flight.in_span(|span, state| {
                    // Within the span, so that lines which the future logs on drop have its ids.
                    this.inner.set(None);
                    state.on_drop(span, CANCELLED);
                    state.on_end(span, 0);
                });
            }
        }
    }
}

impl<F> Instrumented<F> {
    /// Wraps a future. It is in an option already, because a future can be large, and each move copies it.
    #[inline]
    pub(super) fn new(inner: Option<F>, in_flight: Box<InFlight>) -> Self {
        Self {
            inner,
            in_flight: Some(in_flight),
        }
    }

    /// Polls for the response. Once it is there, calls `on_response` and returns the request along with the response.
    pub(super) fn poll_response<T, E>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        on_response: impl FnOnce(&RequestSpan, &mut RequestState, &mut T),
    ) -> Poll<Responded<T, E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut this = self.project();
        // `None` after completion: a future that is polled again never completes again.
        let Some(in_flight) = this.in_flight.as_mut() else {
            return Poll::Pending;
        };
        let result = ready!(in_flight.in_span(|span, state| {
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let mut result = ready!(state.run_user_code(|| inner.poll(context)));
            match &mut result {
                Ok(response) => on_response(span, state, response),
                Err(_) => {
                    state.record_error(span, type_name::<E>());
                    state.on_end(span, 0);
                }
            }
            this.inner.set(None);
            Poll::Ready(result)
        }));
        Poll::Ready((result, this.in_flight.take()))
    }
}
