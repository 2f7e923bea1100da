use super::span::Span;

/// When a span was, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent<'s> {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) service: Option<&'s str>,
    /// By how many nanoseconds the times may be too early, because they were cut to milliseconds or seconds.
    cut: i64,
}

impl<'s> Extent<'s> {
    /// Returns `None` if no line of the span has a time.
    pub(super) fn of(span: &'s Span) -> Option<Self> {
        Some(Self {
            start: span.start?,
            end: span.end?,
            service: span.service(),
            cut: span.precision.unwrap_or(1) - 1,
        })
    }

    /// Returns the extent of both. The service is that of the first one.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            cut: self.cut.max(other.cut),
            ..self
        }
    }

    pub(super) fn length(&self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the other span is within this one in time.
    pub(super) fn includes(&self, other: &Self) -> bool {
        self.start <= other.start.saturating_add(other.cut)
            && other.end <= self.end.saturating_add(self.cut)
    }

    /// Whether the other span is within this one in time, and is shorter.
    pub(super) fn is_around(&self, other: &Self) -> bool {
        other.length() < self.length() && self.includes(other)
    }
}
