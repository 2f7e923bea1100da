use super::names::{Names, Slot};
use memchr::memmem;
use std::{ops::Range, sync::LazyLock};

/// The positions of the values that readers need from a finished line. Strings are without their quotes, and still escaped. An
/// object or a list is not located, unless it is the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// The time.
    pub time: Option<Range<usize>>,
    /// The level.
    pub level: Option<Range<usize>>,
    /// The message. It may be an object.
    pub message: Option<Range<usize>>,
    /// The name of the service.
    pub service: Option<Range<usize>>,
    /// The trace id.
    pub trace_id: Option<Range<usize>>,
    /// The span id.
    pub span_id: Option<Range<usize>>,
    /// The trace flags.
    pub trace_flags: Option<Range<usize>>,
    /// The id that the line brings with it, `log.record.uid` of OpenTelemetry.
    pub record_uid: Option<Range<usize>>,
}

impl Located {
    pub(super) fn place(
        &mut self,
        slot: Slot,
        line: &[u8],
        value: Range<usize>,
    ) -> (&mut Option<Range<usize>>, Option<Range<usize>>) {
        let any = Some(value.clone());
        let value = scalar(line, &value);
        match slot {
            Slot::Time => (&mut self.time, value),
            Slot::Level => (&mut self.level, value),
            // The message of another logger may be an object.
            Slot::Message => (&mut self.message, value.or(any)),
            Slot::Service => (&mut self.service, value),
            Slot::TraceId => (&mut self.trace_id, value),
            Slot::TracePath => (&mut self.trace_id, value.map(|path| last_part(line, path))),
            Slot::SpanId => (&mut self.span_id, value),
            Slot::TraceFlags => (&mut self.trace_flags, value),
            Slot::RecordUid => (&mut self.record_uid, value),
        }
    }

    /// Returns whether the rest of the line holds no further values of interest. Many lines name no service, and then most of the line
    /// does not have to be read.
    pub(super) fn is_complete(&self, names: &Names, rest: &[u8]) -> bool {
        self.time.is_some()
            && self.level.is_some()
            && self.message.is_some()
            && self.trace_id.is_some()
            && self.span_id.is_some()
            && self.trace_flags.is_some()
            && (self.record_uid.is_some() || !names.may_have_uid_in(rest))
            && (self.service.is_some() || SERVICE.find(rest).is_none())
    }
}

/// Finds the start of every key that names a service.
static SERVICE: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(b"\"service"));

fn last_part(line: &[u8], path: Range<usize>) -> Range<usize> {
    let text = line.get(path.clone()).unwrap_or_default();
    match text.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => path.start + slash + 1..path.end,
        None => path,
    }
}

/// Returns the range of a value without the quotes of a string. Returns `None` for an object or a list.
pub(super) fn scalar(line: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    match line.get(value.start)? {
        b'"' => Some(value.start + 1..value.end - 1),
        b'{' | b'[' => None,
        _ => Some(value.clone()),
    }
}
