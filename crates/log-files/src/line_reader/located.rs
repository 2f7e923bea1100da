use super::{
    names::{Names, Slot},
    text_range::TextRange,
};
use memchr::memmem;
use std::{ops::Range, sync::LazyLock};

/// The positions of the values that readers need from a finished line. Strings are without their quotes, and still escaped. An
/// object or a list is not located, unless it is the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// The time.
    pub time: Option<TextRange>,
    /// The level.
    pub level: Option<TextRange>,
    /// The message. It may be an object.
    pub message: Option<TextRange>,
    /// The name of the service.
    pub service: Option<TextRange>,
    /// The trace id.
    pub trace_id: Option<TextRange>,
    /// The span id.
    pub span_id: Option<TextRange>,
    /// The trace flags.
    pub trace_flags: Option<TextRange>,
    /// The id that the line brings with it, `log.record.uid` of OpenTelemetry.
    pub record_uid: Option<TextRange>,
}

impl Located {
    pub(super) fn place(
        &mut self,
        slot: Slot,
        line: &[u8],
        value: Range<usize>,
    ) -> (&mut Option<TextRange>, Option<TextRange>) {
        let scalar = scalar(line, &value);
        match slot {
            Slot::Time => (&mut self.time, scalar),
            Slot::Level => (&mut self.level, scalar),
            // The message of another logger may be an object.
            Slot::Message => (&mut self.message, scalar.or_else(|| TextRange::new(value))),
            Slot::Service => (&mut self.service, scalar),
            Slot::TraceId => (&mut self.trace_id, scalar),
            Slot::TracePath => (
                &mut self.trace_id,
                scalar.and_then(|path| last_part(line, path)),
            ),
            Slot::SpanId => (&mut self.span_id, scalar),
            Slot::TraceFlags => (&mut self.trace_flags, scalar),
            Slot::RecordUid => (&mut self.record_uid, scalar),
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

fn last_part(line: &[u8], path: TextRange) -> Option<TextRange> {
    match path.of(line).iter().rposition(|byte| *byte == b'/') {
        Some(slash) => {
            let Range { start, end } = path.range();
            TextRange::new(start + slash + 1..end)
        }
        None => Some(path),
    }
}

/// Returns the range of a value without the quotes of a string. Returns `None` for an object or a list.
pub(super) fn scalar(line: &[u8], value: &Range<usize>) -> Option<TextRange> {
    match line.get(value.start)? {
        b'"' => TextRange::new(value.start + 1..value.end - 1),
        b'{' | b'[' => None,
        _ => TextRange::new(value.clone()),
    }
}
