use std::ops::RangeInclusive;

/// A span of time. Each end may be open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Period {
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
}

impl Period {
    /// Removes what lies outside. What has no time stays with the item before it.
    pub(super) fn keep<T>(self, items: &mut Vec<T>, time: impl Fn(&T) -> Option<i64>) {
        let mut was_kept = self.is_open();
        items.retain(|item| {
            if let Some(time) = time(item) {
                was_kept = self.contains(time);
            }
            was_kept
        });
    }

    /// Whether all times are inside.
    pub(super) fn is_open(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// Whether one of these times may be inside.
    pub(super) fn overlaps(self, times: &RangeInclusive<i64>) -> bool {
        self.since.is_none_or(|since| *times.end() >= since)
            && self.until.is_none_or(|until| *times.start() < until)
    }

    pub(super) fn contains(self, time: i64) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_time_stays_with_the_item_before_it() {
        let mut items = vec![None, Some(1), None, Some(2), None, Some(3), None];
        let period = Period {
            since: Some(2),
            until: Some(3),
        };
        period.keep(&mut items, |time| *time);
        assert_eq!(items, [Some(2), None]);
    }
}
