use super::{request_span::RequestSpan, request_state::RequestState};

/// A request between the start and the end of its span. Dropping it closes the span.
///
/// Futures and bodies keep it in a box, because they are moved several times, and copying it each time would cost more.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) span: RequestSpan,
    pub(super) state: RequestState,
}

/// The result of a request, and the request if its span has not ended.
pub(super) type Responded<T, E> = (Result<T, E>, Option<Box<InFlight>>);

impl InFlight {
    /// Runs a closure within the request's span.
    #[inline]
    pub(super) fn in_span<T>(
        &mut self,
        work: impl FnOnce(&RequestSpan, &mut RequestState) -> T,
    ) -> T {
        let Self { span, state } = self;
        span.in_scope(|| work(span, state))
    }
}
