use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What a filter has decided about the events of one call site, as long as the filter stays the same.
#[derive(Debug, Default)]
pub(crate) struct Decision(AtomicUsize);

const WRITTEN: usize = 1;
const HELD: usize = 2;
const DEPENDS: usize = 3;

impl Decision {
    /// Whether the events are written at once, for a filter with this number. `decide` says it; `None` if it differs from one event to the next.
    #[inline]
    pub(crate) fn get(&self, filter: usize, decide: impl FnOnce() -> Option<bool>) -> Option<bool> {
        let mut known = self.0.load(Relaxed);
        if known >> 2 != filter || known == 0 {
            let decision = match decide() {
                Some(true) => WRITTEN,
                Some(false) => HELD,
                None => DEPENDS,
            };
            known = filter << 2 | decision;
            self.0.store(known, Relaxed);
        }
        match known & 3 {
            WRITTEN => Some(true),
            HELD => Some(false),
            _ => None,
        }
    }
}
