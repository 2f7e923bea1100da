//! The answer while it is sent, or read.

use super::started::{BODY_DROPPED, Started};
use bytes::Buf as _;
use http::{header::CONTENT_LENGTH, response::Parts};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    any::type_name,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// The body of an answer, with whose last byte the request's span ends.
    ///
    /// ```
    /// use http_body::Body;
    /// use tracing_stamp::http::ResponseBody;
    ///
    /// fn has_ended<B: Body>(body: &ResponseBody<B>) -> bool {
    ///     body.is_end_stream()
    /// }
    /// ```
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: Option<B>,
        started: Option<Started>,
        bytes: u64,
        expected: Option<u64>,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let (bytes, expected) = (*this.bytes, *this.expected);
            if let Some(mut started) = this.started.take() {
                started.run(|scope, facts| {
                    this.inner.set(None);
                    if !facts.has_no_body && expected != Some(bytes) {
                        facts.note_given_up(scope, BODY_DROPPED);
                    }
                    facts.note_end(scope, bytes);
                });
            }
        }
    }
}

impl<B: Body> ResponseBody<B> {
    pub(super) fn new(inner: B, started: Option<Started>, head: &Parts) -> Self {
        let said = head.headers.get(CONTENT_LENGTH);
        let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
        let mut body = Self {
            expected: said.or_else(|| inner.size_hint().exact()),
            inner: Some(inner),
            started,
            bytes: 0,
        };
        let is_all = |started: &Started| started.facts.ends_with_head();
        if body.is_end_stream() || body.started.as_ref().is_some_and(is_all) {
            end(&mut body.started, 0);
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
        let Some(started) = this.started.as_mut() else {
            return inner.poll_frame(context);
        };
        let polled = ready!(started.run(|scope, facts| {
            let polled = ready!(facts.work(|| inner.as_mut().poll_frame(context)));
            match &polled {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        *this.bytes = this.bytes.saturating_add(data.remaining() as u64);
                    }
                    if let Some(trailers) = frame.trailers_ref() {
                        facts.note_trailers(scope, trailers);
                    }
                }
                Some(Err(_)) => facts.note_error(scope, type_name::<B::Error>()),
                None => {}
            }
            Poll::Ready(polled)
        }));
        let goes_on = matches!(&polled, Some(Ok(frame)) if !frame.is_trailers());
        if !goes_on || inner.is_end_stream() {
            end(this.started, *this.bytes);
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

fn end(started: &mut Option<Started>, bytes: u64) {
    if let Some(mut started) = started.take()
        && started.facts.is_open()
    {
        started.run(|scope, facts| facts.note_end(scope, bytes));
    }
}
