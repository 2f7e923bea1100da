//! Which losses are reported, and which must be.

use super::log::Kind;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use traceship::Diagnosis;

/// The losses of each log in bytes.
#[derive(Clone, Default)]
pub(crate) struct Losses(Arc<Mutex<BTreeMap<Kind, Bytes>>>);

#[derive(Clone, Copy, Debug, Default)]
struct Bytes {
    expected: u64,
    reported: u64,
    /// Of a file that another one seems to be a copy of.
    maybe: u64,
}

impl Losses {
    pub(crate) fn expect(&self, kind: Kind, bytes: u64) {
        self.change(kind, |of_kind| of_kind.expected += bytes);
    }

    /// Returns a callback for diagnoses.
    pub(crate) fn callback(&self) -> impl Fn(&Diagnosis) + Send + Sync + 'static {
        let losses = self.clone();
        move |diagnosis| match diagnosis {
            Diagnosis::Removed { file, bytes, .. } => {
                losses.change(Kind::of(file), |of_kind| of_kind.reported += bytes);
            }
            Diagnosis::MayBeLost { file, bytes, .. } => {
                losses.change(Kind::of(file), |of_kind| of_kind.maybe += bytes);
            }
            _ => {}
        }
    }

    /// Takes the messages of the program. It runs only when there is no loss to report, except that text may be lost.
    pub(crate) fn take_messages(&self, messages: &str) {
        for message in messages.lines().filter(|message| message.contains("lost")) {
            let is_maybe = message.contains("may be lost");
            self.change(Kind::of(message), |of_kind| match is_maybe {
                true => of_kind.maybe += 1,
                false => of_kind.reported += 1,
            });
        }
    }

    /// Checks that exactly the losses are reported. That text may be lost is reported if a copy is not certainly one.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (kind, bytes) in self.0.lock().expect("no thread has panicked").iter() {
            let is_exact = bytes.reported == bytes.expected && bytes.maybe == 0;
            let is_possible =
                bytes.reported <= bytes.expected && bytes.reported + bytes.maybe >= bytes.expected;
            if !(is_exact || *kind == Kind::Text && is_possible) {
                return Err(format!("the losses of {kind:?} are {bytes:?}"));
            }
        }
        Ok(())
    }

    fn change(&self, kind: Kind, change: impl FnOnce(&mut Bytes)) {
        let mut all = self.0.lock().expect("no thread has panicked");
        change(all.entry(kind).or_default());
    }
}
