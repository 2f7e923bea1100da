use super::super::{durations::Unit, understood::Moment};

/// What the family of a line says about it, apart from the changes to its members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Adapted {
    /// The unit of durations whose name has none.
    pub(in super::super) unit: Option<Unit>,
    /// What the line says about the life of its span.
    pub(in super::super) moment: Option<Moment>,
}

impl Adapted {
    /// Only the unit is known.
    pub(super) fn with_unit(unit: Unit) -> Self {
        let unit = Some(unit);
        Self { unit, moment: None }
    }

    /// Only the moment is known, if the line is about one.
    pub(super) fn with_moment(moment: Option<Moment>) -> Self {
        Self { unit: None, moment }
    }
}
