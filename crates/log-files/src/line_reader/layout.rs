use super::{
    located::Located,
    names::{Names, Slot},
};
use crate::json::{Scan, value_end};

/// The keys of a line, up to the last value of interest.
///
/// The lines of one logger often begin with the same keys in the same order. Then comparing a line with the bytes of an earlier one takes
/// less time than finding out what each key means.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// The index of the schema that the line has.
    schema: usize,
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    /// Everything between the value before and the value of this member: `,"level":`.
    key: Box<[u8]>,
    /// What is located in the value.
    slot: Option<Slot>,
}

impl Layout {
    /// The index of the schema of a line that [`locate`](Self::locate) can read.
    pub(super) fn schema(&self) -> usize {
        self.schema
    }

    /// Locates the values of a line with the same keys. Returns `None` if it has others, or if more of it has to be read.
    pub(super) fn locate(&self, line: &[u8], names: &Names) -> Option<Located> {
        if self.members.is_empty() || !line.ends_with(b"}") {
            return None;
        }
        let mut located = Located::default();
        let mut at = 0;
        for member in &self.members {
            let start = at + member.key.len();
            if line.get(at..start)? != &*member.key {
                return None;
            }
            let end = value_end(line, start)?;
            if let Some(slot) = member.slot {
                let (place, value) = located.place(slot, line, start..end);
                *place = Some(value?);
            }
            at = end;
        }
        located
            .is_complete(names, line.get(at..)?)
            .then_some(located)
    }

    /// Takes the keys of a line of a schema. `located` has all values of interest, and `end` is the end of the last one.
    pub(super) fn take(
        &mut self,
        line: &[u8],
        located: &mut Located,
        end: usize,
        names: &Names,
        schema: usize,
    ) {
        self.schema = schema;
        self.members.clear();
        let mut at = 0;
        for entry in Scan::new(line).into_iter().flatten() {
            if at >= end {
                break;
            }
            let key = line.get(at..entry.value.start).unwrap_or_default();
            let slot = line.get(entry.key).and_then(|name| names.slot(name));
            if let Some(slot) = slot {
                let (place, value) = located.place(slot, line, entry.value.clone());
                if *place != value {
                    // Two members have the same meaning, and which one counts depends on their values.
                    return self.members.clear();
                }
            }
            self.members.push(Member {
                key: key.into(),
                slot,
            });
            at = entry.value.end;
        }
    }
}
