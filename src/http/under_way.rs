//! A future that is a part of a request.

use super::{
    scope::Scope,
    started::{CANCELLED, Facts, Started},
};
use pin_project_lite::pin_project;
use std::{
    any::type_name,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// The future that a request's answer comes from, polled and dropped within the request.
    #[derive(Debug)]
    pub(super) struct UnderWay<F> {
        #[pin]
        inner: Option<F>,
        started: Option<Started>,
    }

    impl<F> PinnedDrop for UnderWay<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(mut started) = this.started.take() {
                started.run(|scope, facts| {
                    // Within the request: what is logged while it is taken down has its ids.
                    this.inner.set(None);
                    facts.note_given_up(scope, CANCELLED);
                    facts.note_end(scope, 0);
                });
            }
        }
    }
}

impl<F> UnderWay<F> {
    pub(super) fn new(inner: F, started: Started) -> Self {
        Self {
            inner: Some(inner),
            started: Some(started),
        }
    }

    /// Polls for the answer, takes note of it, and gives the request back with it.
    pub(super) fn poll_answer<T, E>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        note: impl FnOnce(&Scope, &mut Facts, &mut T),
    ) -> Poll<(Result<T, E>, Option<Started>)>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut this = self.project();
        // Polled after its end: as with any future, there is no more to come.
        let Some(started) = this.started.as_mut() else {
            return Poll::Pending;
        };
        let result = ready!(started.run(|scope, facts| {
            let Some(inner) = this.inner.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let mut result = ready!(facts.work(|| inner.poll(context)));
            match &mut result {
                Ok(answer) => note(scope, facts, answer),
                Err(_) => {
                    facts.note_error(scope, type_name::<E>());
                    facts.note_end(scope, 0);
                }
            }
            this.inner.set(None);
            Poll::Ready(result)
        }));
        Poll::Ready((result, this.started.take()))
    }
}
