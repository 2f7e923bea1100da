use serde_json::Value;
use std::time::Duration;

/// A span, as far as the lines show it.
#[derive(Clone, Debug)]
pub struct Span {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) parent: Option<usize>,
    pub(crate) evidence: Evidence,
    pub(crate) timing: Timing,
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) shift: i64,
    /// It begins before the first line of its parent in another service, which does not show whose clock is wrong.
    pub(crate) is_early: bool,
    /// The names of the spans around it and its own, the outermost first, if its lines have such a list.
    pub(crate) path: Vec<String>,
    /// The finest precision of the times on its lines, in nanoseconds.
    pub(crate) precision: Option<i64>,
    pub(crate) has_error: bool,
    pub(crate) is_unclosed: bool,
    pub(crate) fields: Vec<(String, Value)>,
    pub(crate) lines: Vec<usize>,
    pub(crate) children: Vec<usize>,
}

/// How the parent of a span is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The closing line of the span names it.
    ClosingLine,
    /// Another line of the span names it.
    ParentId,
    /// The `traceparent` on an access line of the span names it.
    Traceparent,
    /// It is the only span with the name that lines of the span have in their list of spans, before the name of the span itself.
    SpanList,
    /// No line names it. It is the smallest span that includes the span in time.
    Containment,
    /// A tracing backend has it, or has the span without a parent.
    Backend,
    /// No line names a parent, and none can be inferred. The span may be the root, or stand beside its parent.
    Unknown,
}

/// How the times of a span are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timing {
    /// From its closing line.
    Exact,
    /// From the access line of its request, which is written when the response has been sent.
    AccessLine,
    /// From a tracing backend.
    Backend,
    /// From its first and its last line, so that the span may have been longer.
    Lines,
    /// No line of the span has a time.
    Unknown,
    /// No line belongs to the span. Others name it as their parent.
    Missing,
}

impl Evidence {
    /// Whether the parent is inferred. Otherwise a line names its id, or it is unknown.
    #[must_use]
    pub fn is_inferred(self) -> bool {
        matches!(self, Self::SpanList | Self::Containment)
    }

    /// How much it counts if several things say different parents.
    pub(super) fn strength(self) -> u8 {
        match self {
            Self::ClosingLine => 6,
            Self::Backend => 5,
            Self::ParentId => 4,
            Self::Traceparent => 3,
            Self::SpanList => 2,
            Self::Containment => 1,
            Self::Unknown => 0,
        }
    }

    /// The name in JSON and in exports.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::ClosingLine => Some("closing_line"),
            Self::ParentId => Some("parent_id"),
            Self::Backend => Some("backend"),
            Self::Traceparent => Some("traceparent"),
            Self::SpanList => Some("span_list"),
            Self::Containment => Some("containment"),
            Self::Unknown => None,
        }
    }
}

impl Timing {
    /// The name in JSON and in exports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::AccessLine => "access_line",
            Self::Backend => "backend",
            Self::Lines => "lines",
            Self::Unknown => "unknown",
            Self::Missing => "missing",
        }
    }

    /// Whether a line or a tracing backend states the times.
    pub(super) fn is_stated(self) -> bool {
        matches!(self, Self::Exact | Self::AccessLine | Self::Backend)
    }
}

impl Span {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            service: None,
            parent_id: None,
            parent: None,
            evidence: Evidence::Unknown,
            timing: Timing::Unknown,
            start: None,
            end: None,
            shift: 0,
            is_early: false,
            path: Vec::new(),
            precision: None,
            has_error: false,
            is_unclosed: false,
            fields: Vec::new(),
            lines: Vec::new(),
            children: Vec::new(),
        }
    }

    /// The id: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The id of the parent, if it is known or [inferred](Evidence::is_inferred). No line may belong to the parent.
    #[must_use]
    pub fn parent_id(&self) -> Option<&str> {
        self.parent_id.as_deref()
    }

    /// How the parent is known.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// How the times are known.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// When the span began by its own clock, in nanoseconds since 1970.
    #[must_use]
    pub fn start(&self) -> Option<i64> {
        self.start
    }

    /// When the span ended by its own clock, in nanoseconds since 1970.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        self.end
    }

    /// How long the span was.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let nanos = self.end?.checked_sub(self.start?)?;
        Some(Duration::from_nanos(u64::try_from(nanos).ok()?))
    }

    /// How many nanoseconds later the span is drawn than its own clock says, because it would begin before its parent.
    #[must_use]
    pub fn shift(&self) -> i64 {
        self.shift
    }

    /// Whether one of its lines reports an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.has_error
    }

    /// Whether a line says that the span has begun, and none that it has ended.
    #[must_use]
    pub fn is_unclosed(&self) -> bool {
        self.is_unclosed
    }

    /// The fields that the span itself has, as the lines about its life show. Many loggers repeat them on each line of the span.
    pub(crate) fn fields(&self) -> &[(String, Value)] {
        &self.fields
    }

    /// The start and the end, as they are drawn.
    pub(crate) fn drawn(&self) -> Option<(i64, i64)> {
        let shifted = |time: i64| time.saturating_add(self.shift);
        Some((shifted(self.start?), shifted(self.end?)))
    }
}
