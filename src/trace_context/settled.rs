//! The ids of a span: written once, read by every line that names the span, and never locked.

use super::TraceContext;
use std::sync::atomic::{
    AtomicU16, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// The ids, once they are known. A `OnceLock` would do the same at the cost of one more atomic exchange per span.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    state: AtomicU16,
    /// Written while the state is [`WRITING`], and read only once it is [`OWN`].
    words: [AtomicU64; 3],
}

const OPEN: u16 = 0;
const WRITING: u16 = 1;
const HIDDEN: u16 = 2;
/// Combined with the trace flags, which take the lower byte.
const OWN: u16 = 0x100;

impl Settled {
    /// The span's own context; `None` inside if the span has none.
    #[inline]
    pub(crate) fn get(&self) -> Option<Option<TraceContext>> {
        match self.state.load(Acquire) {
            OPEN | WRITING => None,
            HIDDEN => Some(None),
            own => {
                let [upper, lower, span] = &self.words;
                let words = [upper, lower, span].map(|word| word.load(Relaxed));
                Some(TraceContext::from_words(words, own as u8))
            }
        }
    }

    /// Sets the ids, unless they are set: the first call decides.
    #[inline]
    pub(crate) fn set(&self, own: Option<TraceContext>) {
        if self
            .state
            .compare_exchange(OPEN, WRITING, Relaxed, Relaxed)
            .is_err()
        {
            return;
        }
        let state = match own {
            Some(own) => {
                let (words, flags) = own.to_words();
                for (cell, word) in self.words.iter().zip(words) {
                    cell.store(word, Relaxed);
                }
                OWN | u16::from(flags)
            }
            None => HIDDEN,
        };
        self.state.store(state, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId};

    fn context(flags: u8) -> Option<TraceContext> {
        let trace_id = TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        TraceContext::new(
            trace_id,
            SpanId::from(0x00f0_67aa_0ba9_02b7),
            TraceFlags::new(flags),
        )
    }

    #[test]
    fn the_first_ids_stay() {
        for (first, second) in [
            (context(0), context(1)),
            (None, context(0xff)),
            (context(0xff), None),
        ] {
            let mut settled = Settled::default();
            assert_eq!(settled.get(), None);
            settled.set(first);
            settled.set(second);
            assert_eq!(settled.get(), Some(first));
            settled = Settled::default();
            assert_eq!(settled.get(), None);
            settled.set(second);
            assert_eq!(settled.get(), Some(second));
        }
    }

    #[test]
    fn no_thread_reads_ids_that_are_half_written() {
        let contexts = [1_u64, u64::MAX].map(|bits| {
            let trace_id = TraceId::from(u128::from(bits) << 64 | u128::from(bits));
            TraceContext::new(trace_id, SpanId::from(bits), TraceFlags::new(bits as u8))
        });
        for _ in 0..1_000 {
            let settled = Settled::default();
            std::thread::scope(|threads| {
                for context in contexts {
                    let settled = &settled;
                    threads.spawn(move || {
                        settled.set(context);
                        if let Some(ids) = settled.get() {
                            assert!(contexts.contains(&ids), "{ids:?}");
                        }
                    });
                }
            });
        }
    }
}
