use super::{in_flight::InFlight, request_state::BODY_DROPPED};
use bytes::Buf as _;
use http::{Response, header::CONTENT_LENGTH};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    any::type_name,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// Body of a response from [`ServerService`](super::ServerService) or [`ClientService`](super::ClientService).
    ///
    /// A server's span ends with the last byte of this body, or when the body is dropped. The span of a gRPC call that a client sends
    /// ends with the trailers.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: Option<B>,
        in_flight: Option<Box<InFlight>>,
        bytes: u64,
        expected: Option<u64>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let (bytes, expected) = (*this.bytes, *this.expected);
            if let Some(mut in_flight) = this.in_flight.take() {
                in_flight.in_span(|span, state| {
                    this.inner.set(None);
                    if !state.has_no_body && expected != Some(bytes) {
                        state.on_drop(span, BODY_DROPPED);
                    }
                    state.on_end(span, bytes);
                });
            }
        }
    }
}

impl<B: Body> ResponseBody<B> {
    #[inline]
    pub(super) fn new(inner: B, in_flight: Option<Box<InFlight>>, expected: Option<u64>) -> Self {
        let mut body = Self {
            inner: Some(inner),
            in_flight,
            bytes: 0,
            expected,
        };
        let ends_with_head = |in_flight: &InFlight| in_flight.state.ends_with_head();
        let is_over = body.is_end_stream() || body.in_flight.as_deref().is_some_and(ends_with_head);
        if is_over && let Some(mut in_flight) = body.in_flight.take() {
            // Entering a span has a cost, so this enters it only if there is something left to record.
            if in_flight.state.awaits_end() {
                in_flight.in_span(|span, state| state.on_end(span, 0));
            }
        }
        body
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(mut inner) = this.inner.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let Some(in_flight) = this.in_flight.as_mut() else {
            return inner.poll_frame(context);
        };
        // The request ends within the same scope: entering the span a second time would cost as much as the rest of this function.
        let (polled, is_last) = ready!(in_flight.in_span(|span, state| {
            let polled = ready!(state.run_user_code(|| inner.as_mut().poll_frame(context)));
            match &polled {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        *this.bytes = this.bytes.saturating_add(data.remaining() as u64);
                    }
                    if let Some(trailers) = frame.trailers_ref() {
                        state.record_trailers(span, trailers);
                    }
                }
                Some(Err(_)) => state.record_error(span, type_name::<B::Error>()),
                None => {}
            }
            let has_more = matches!(&polled, Some(Ok(frame)) if !frame.is_trailers());
            let is_last = !has_more || state.run_user_code(|| inner.is_end_stream());
            if is_last && state.awaits_end() {
                state.on_end(span, *this.bytes);
            }
            Poll::Ready((polled, is_last))
        }));
        if is_last {
            *this.in_flight = None;
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// Returns the size of a response's body if it is known, from the body or from the `Content-Length`.
#[inline]
pub(super) fn expected_bytes<B: Body>(response: &Response<B>) -> Option<u64> {
    response.body().size_hint().exact().or_else(|| {
        let length = response.headers().get(CONTENT_LENGTH)?;
        length.to_str().ok()?.parse().ok()
    })
}
