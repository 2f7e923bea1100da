//! Kinds of rejections, by which rejected lines are counted.

use super::refusals::Fault;

/// Why lines were rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    TooOld,
    TooFarBehind,
    TooNew,
    TooLong,
    /// The labels of the line's stream are invalid.
    Labels,
    /// The line itself is invalid, for example because a value has the wrong type.
    Invalid,
    TooLarge,
    /// The server's message names no known fault.
    Unknown,
    /// The server fails with this line again and again.
    ServerError,
    /// The server has rejected some lines of a request without saying which.
    Unnamed,
}

impl Rejection {
    /// All kinds, each at its number.
    pub(super) const ALL: [Self; 10] = [
        Self::TooOld,
        Self::TooFarBehind,
        Self::TooNew,
        Self::TooLong,
        Self::Labels,
        Self::Invalid,
        Self::TooLarge,
        Self::Unknown,
        Self::ServerError,
        Self::Unnamed,
    ];

    /// Returns the name of this kind in metrics.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::TooFarBehind => "too_far_behind",
            Self::TooNew => "too_new",
            Self::TooLong => "too_long",
            Self::Labels => "labels",
            Self::Invalid => "invalid",
            Self::TooLarge => "too_large",
            Self::Unknown => "unknown",
            Self::ServerError => "server_error",
            Self::Unnamed => "unnamed",
        }
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooOld => Self::TooOld,
            Fault::TooFarBehind => Self::TooFarBehind,
            Fault::TooNew => Self::TooNew,
            Fault::TooLong => Self::TooLong,
            Fault::Stream => Self::Labels,
            Fault::Line => Self::Invalid,
            Fault::TooLarge => Self::TooLarge,
            Fault::Unknown => Self::Unknown,
        }
    }
}

/// Numbers of lines by the kind of their rejection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally([u64; Rejection::ALL.len()]);

impl Tally {
    pub(super) fn add(&mut self, kind: Rejection, lines: u64) {
        self.0[kind as usize] += lines;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Rejection, u64)> + '_ {
        Rejection::ALL.into_iter().zip(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_at_its_number_and_has_a_name_of_its_own() {
        for (number, kind) in Rejection::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            let same = Rejection::ALL
                .iter()
                .filter(|other| other.as_str() == kind.as_str());
            assert_eq!(same.count(), 1, "{kind:?}");
        }
    }
}
