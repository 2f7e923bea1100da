//! What is known of OpenTelemetry's layer: whether it activates contexts, whether it answers for spans, and where it stands. None of
//! this can be asked, so it is [learnt](super::learn) from what spans show.
//!
//! | state | known of OpenTelemetry's layer | a span's ids come from |
//! |---|---|---|
//! | `Unknown` | nothing | nowhere; the current context is watched |
//! | `Answers` | it answered for a span that closed | the same, and asking about spans that close |
//! | `Activates` | it makes the contexts of entered spans current | asking about each span that is entered |
//! | `Asked` | both | the same |
//! | `SeemsFirst` | the same; it stands before this layer, by one span | the same |
//! | `First` | the same; it stands before this layer | recognising the current context, else asking |
//! | `Last` | the same; it stands after this layer | asking about each span that is entered |
//! | `Reports` | its tracer reports the ids of each span | the reports, else asking |
//!
//! | state | `Answered` | `Activated` | `CameAndWent` | `CameLater` | `Reported` |
//! |---|---|---|---|---|---|
//! | `Unknown` | `Answers` | `Activates` | | | `Reports` |
//! | `Answers` | | `Asked` | | | `Reports` |
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
    Answers,
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
    /// OpenTelemetry's layer had a context for a span when asked.
    Answered,
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
        Self::Answers,
        Self::Activates,
        Self::Asked,
        Self::SeemsFirst,
        Self::First,
        Self::Last,
        Self::Reports,
    ];

    /// The state that follows, if it is another.
    fn after(self, shown: Shown) -> Option<Self> {
        match (self, shown) {
            (Self::Reports, _) => None,
            (_, Shown::Reported) => Some(Self::Reports),
            (Self::Unknown, Shown::Answered) => Some(Self::Answers),
            (Self::Unknown, Shown::Activated) => Some(Self::Activates),
            (Self::Answers, Shown::Activated) | (Self::Activates, Shown::Answered) => {
                Some(Self::Asked)
            }
            (Self::Asked, Shown::CameAndWent) => Some(Self::SeemsFirst),
            // A context that a caller attached can show the same, so one span is not enough.
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

    /// Whether it has answered for a span.
    pub(super) fn answers(&self) -> bool {
        let state = self.0.load(Relaxed);
        state == State::Answers as u8 || state >= State::Asked as u8
    }

    /// Whether it stands before this layer, so that a span which is entered here is started.
    #[inline]
    pub(super) fn is_first(&self) -> bool {
        self.0.load(Relaxed) == State::First as u8
    }

    /// Whether a span can still show where it stands.
    pub(super) fn has_unknown_order(&self) -> bool {
        let state = self.0.load(Relaxed);
        state == State::Asked as u8 || state == State::SeemsFirst as u8
    }

    #[inline]
    pub(super) fn reports(&self) -> bool {
        self.0.load(Relaxed) == State::Reports as u8
    }

    /// Moves on to the state that follows. Returns whether it is another.
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
            Shown::Answered,
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
