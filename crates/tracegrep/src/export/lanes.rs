//! On which rows of a service spans are drawn, so that each span on a row is within the one above it or beside it.

/// Only so many rows are shared by spans that are not below each other. It bounds the time for traces with many spans.
const MAX_SHARED: usize = 1_000;

/// The rows of one service.
#[derive(Debug, Default)]
pub(super) struct Lanes(Vec<Lane>);

/// The ends of the spans that are open, the innermost last.
#[derive(Debug, Default)]
struct Lane(Vec<i64>);

impl Lanes {
    /// Returns the row for a span. Spans come in the order of their starts, the longer ones first. The row of the parent is preferred.
    pub(super) fn place(&mut self, start: i64, end: i64, preferred: Option<usize>) -> usize {
        let order = preferred.into_iter().chain(0..self.0.len().min(MAX_SHARED));
        for index in order {
            if self
                .0
                .get_mut(index)
                .is_some_and(|lane| lane.takes(start, end))
            {
                return index;
            }
        }
        self.0.push(Lane(vec![end]));
        self.0.len() - 1
    }
}

impl Lane {
    fn takes(&mut self, start: i64, end: i64) -> bool {
        // The ends are in falling order, so that those that are over are the last ones.
        let open = self.0.partition_point(|open| *open > start);
        self.0.truncate(open);
        let is_within = self.0.last().is_none_or(|around| end <= *around);
        if is_within {
            self.0.push(end);
        }
        is_within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_share_a_row_only_if_one_is_within_or_after_the_other() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.place(0, 100, None), 0);
        assert_eq!(lanes.place(10, 50, Some(0)), 0, "within its parent");
        assert_eq!(lanes.place(20, 60, Some(0)), 1, "overlaps its sibling");
        assert_eq!(
            lanes.place(50, 90, Some(0)),
            0,
            "begins where the other ended"
        );
        assert_eq!(lanes.place(70, 120, Some(0)), 1, "ends after its parent");
        assert_eq!(lanes.place(200, 200, None), 0);
    }
}
