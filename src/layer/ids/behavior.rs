//! What is known about OpenTelemetry's layer: whether it activates contexts, whether it returns contexts of spans, and whether it
//! comes before or after this layer. No function reports this, so trackers [learn](super::learn) it from what spans show.
//!
//! | state | known about OpenTelemetry's layer | a span's ids come from |
//! |---|---|---|
//! | `Unknown` | nothing | nowhere; the current context is watched |
//! | `Returns` | it returned the context of a span that closed | the same, and asking about spans that close |
//! | `Activates` | it makes the contexts of entered spans current | asking about each span that is entered |
//! | `Asked` | both | the same |
//! | `SeemsFirst` | the same; one span shows that it comes before this layer | the same |
//! | `First` | the same; it comes before this layer | recognising the current context, else asking |
//! | `Last` | the same; it comes after this layer | asking about each span that is entered |
//! | `Reports` | its tracer reports the ids of each span | the reports, else asking |
//!
//! | state | `Returned` | `Activated` | `CameAndWent` | `CameLater` | `Reported` |
//! |---|---|---|---|---|---|
//! | `Unknown` | `Returns` | `Activates` | | | `Reports` |
//! | `Returns` | | `Asked` | | | `Reports` |
//! | `Activates` | `Asked` | | | | `Reports` |
//! | `Asked` | | | `SeemsFirst` | `Last` | `Reports` |
//! | `SeemsFirst` | | | `First` | `Last` | `Reports` |
//! | `First` | | | | `Last` | `Reports` |
//! | `Last` | | | | | `Reports` |
//! | `Reports` | | | | | |

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Unknown,
    Returns,
    Activates,
    Asked,
    SeemsFirst,
    First,
    Last,
    Reports,
}

/// What a span has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// OpenTelemetry's layer returned a context for a span.
    Returned,
    /// The context that became current in a span ended with it, or turned out to be its own.
    Activated,
    /// A span's own context was current as soon as it was entered, and not when it was left.
    CameAndWent,
    /// A span's own context was not current yet when it was entered.
    CameLater,
    /// The tracer reports ids.
    Reported,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Returns,
        Self::Activates,
        Self::Asked,
        Self::SeemsFirst,
        Self::First,
        Self::Last,
        Self::Reports,
    ];

    /// Returns the next state, if it differs.
    fn after(self, shown: Shown) -> Option<Self> {
        match (self, shown) {
            (Self::Reports, _) => None,
            (_, Shown::Reported) => Some(Self::Reports),
            (Self::Unknown, Shown::Returned) => Some(Self::Returns),
            (Self::Unknown, Shown::Activated) => Some(Self::Activates),
            (Self::Returns, Shown::Activated) | (Self::Activates, Shown::Returned) => {
                Some(Self::Asked)
            }
            (Self::Asked, Shown::CameAndWent) => Some(Self::SeemsFirst),
            // A context that a caller attached can look the same, so one span is not enough.
            (Self::SeemsFirst, Shown::CameAndWent) => Some(Self::First),
            // One span is enough to prove this.
            (Self::Asked | Self::SeemsFirst | Self::First, Shown::CameLater) => Some(Self::Last),
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Behavior(AtomicU8);

impl Behavior {
    /// Whether the layer activates contexts.
    #[inline]
    pub(super) fn activates(&self) -> bool {
        self.0.load(Relaxed) >= State::Activates as u8
    }

    /// Whether it has returned the context of a span.
    pub(super) fn returns_contexts(&self) -> bool {
        let state = self.0.load(Relaxed);
        state == State::Returns as u8 || state >= State::Asked as u8
    }

    /// Whether it comes before this layer, and so has already started a span that is entered here.
    #[inline]
    pub(super) fn is_first(&self) -> bool {
        self.0.load(Relaxed) == State::First as u8
    }

    /// Whether a span can still show if it comes before or after this layer.
    pub(super) fn has_unknown_order(&self) -> bool {
        let state = self.0.load(Relaxed);
        state == State::Asked as u8 || state == State::SeemsFirst as u8
    }

    #[inline]
    pub(super) fn reports(&self) -> bool {
        self.0.load(Relaxed) == State::Reports as u8
    }

    /// Moves to the next state. Returns whether the state has changed.
    pub(super) fn note(&self, shown: Shown) -> bool {
        let next = |state: u8| Some(State::ALL.get(usize::from(state))?.after(shown)? as u8);
        self.0.fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transitions_are_those_of_the_table() {
        const SHOWN: [Shown; 5] = [
            Shown::Returned,
            Shown::Activated,
            Shown::CameAndWent,
            Shown::CameLater,
            Shown::Reported,
        ];
        let rows = include_str!("behavior.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | `"))
            .filter(|line| line.matches('|').count() == SHOWN.len() + 1);
        let mut states = State::ALL.into_iter();
        for row in rows {
            let cells: Vec<_> = row
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect();
            let state = states.next().expect("no more rows than states");
            assert_eq!(cells[0], format!("{state:?}"));
            for (shown, cell) in SHOWN.into_iter().zip(&cells[1..]) {
                let next = state
                    .after(shown)
                    .map(|next| format!("{next:?}"))
                    .unwrap_or_default();
                assert_eq!(next, *cell, "{state:?} after {shown:?}");
            }
        }
        assert_eq!(states.next(), None, "a row for each state");
    }

    #[test]
    fn states_keep_their_numbers() {
        for (number, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, number);
        }
    }
}
