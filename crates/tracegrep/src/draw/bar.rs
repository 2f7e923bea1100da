use std::ops::Range;

/// Draws when something was, on an axis of this many columns. What is shorter than a column has one.
pub(super) fn bar(axis: &Range<i64>, start: i64, end: i64, columns: usize, block: &str) -> String {
    let first = column(axis, start, columns).min(columns.saturating_sub(1));
    let after = column(axis, end, columns).max(first + 1).min(columns);
    let mut bar = " ".repeat(first);
    bar.push_str(&block.repeat(after.saturating_sub(first)));
    bar.push_str(&" ".repeat(columns.saturating_sub(after)));
    bar
}

/// The column at which a time is, from 0 to `columns`.
fn column(axis: &Range<i64>, time: i64, columns: usize) -> usize {
    let length = i128::from(axis.end) - i128::from(axis.start);
    let passed = i128::from(time) - i128::from(axis.start);
    let wide = i128::try_from(columns).unwrap_or(0);
    if length <= 0 {
        return 0;
    }
    let rounded = (passed * wide * 2 + length) / (length * 2);
    usize::try_from(rounded.clamp(0, wide)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_in_proportion_and_never_empty() {
        let axis = 100..200;
        assert_eq!(bar(&axis, 100, 200, 10, "#"), "##########");
        assert_eq!(bar(&axis, 120, 150, 10, "#"), "  ###     ");
        assert_eq!(bar(&axis, 150, 150, 10, "#"), "     #    ");
        assert_eq!(bar(&axis, 200, 200, 10, "#"), "         #");
        assert_eq!(bar(&(5..5), 5, 5, 3, "#"), "#  ");
        assert_eq!(bar(&(i64::MIN..i64::MAX), 0, i64::MAX, 4, "#"), "  ##");
    }
}
