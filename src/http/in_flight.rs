use super::{request_span::RequestSpan, request_state::RequestState};

/// A request between the start and the end of its span. Dropping it closes the span.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) span: RequestSpan,
    pub(super) state: RequestState,
}

impl InFlight {
    /// Runs a closure within the request's span.
    pub(super) fn in_span<T>(
        &mut self,
        work: impl FnOnce(&RequestSpan, &mut RequestState) -> T,
    ) -> T {
        let Self { span, state } = self;
        span.in_scope(|| work(span, state))
    }
}
