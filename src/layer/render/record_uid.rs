//! The member of a line with its id.

use super::uid_sequence::{LastUid, UidSequence};
use crate::{
    json::{Padded, UnixTime, push_string},
    schema::{FixedKey, Schema},
};
use std::process;

/// The ids of all lines of this process, whichever layer writes them.
static SEQUENCE: UidSequence = UidSequence::new();

/// Writes an id on each line.
pub(super) struct RecordUid {
    /// `,"log.record.uid":"`. The keys of all schemas fit.
    key: Padded<40>,
}

impl RecordUid {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut key = b",".to_vec();
        push_string(&mut key, schema.name(FixedKey::RecordUid));
        key.extend_from_slice(b":\"");
        Self {
            key: Padded::new(key),
        }
    }

    /// Appends the member of a line of this time. `last` is this thread's.
    #[inline]
    pub(super) fn push(&self, out: &mut Vec<u8>, time: UnixTime, last: &mut LastUid) {
        self.key.push(out);
        // On Linux this is a system call, with a small part of the cost of the `write` for the line. Nothing else shows safe code that the
        // process is a forked child.
        let process = process::id();
        last.push_next(out, &SEQUENCE, time.millis(), process);
    }
}
