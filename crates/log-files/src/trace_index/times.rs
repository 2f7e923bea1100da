use super::line_times::line_times;
use memchr::{memchr, memchr2};
use std::{mem, ops::RangeInclusive};

/// The range of the times of lines.
#[derive(Debug, Default)]
pub(super) struct Times {
    range: Option<RangeInclusive<i64>>,
    is_uncertain: bool,
}

impl Times {
    /// Adds the times of whole lines.
    pub(super) fn add(&mut self, lines: &[u8]) {
        if self.is_uncertain {
            return;
        }
        // A reader divides a line at NUL bytes, and removes escape sequences.
        if memchr2(0, b'\x1b', lines).is_some() {
            return self.add_uncertain();
        }
        let mut rest = lines;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let (line, after) = rest.split_at(end);
            rest = after;
            let Some(times) = line_times(line) else {
                // An empty line has no id, so no search takes it.
                if line.trim_ascii().is_empty() {
                    continue;
                }
                return self.add_uncertain();
            };
            let (first, last) = times.into_inner();
            self.range = Some(match &self.range {
                Some(range) => first.min(*range.start())..=last.max(*range.end()),
                None => first..=last,
            });
        }
    }

    /// Adds a line whose time is not certain.
    pub(super) fn add_uncertain(&mut self) {
        self.is_uncertain = true;
    }

    /// Removes and returns the range that contains all times, if each line has a time and each time is certain.
    pub(super) fn take(&mut self) -> Option<RangeInclusive<i64>> {
        let range = self.range.take();
        let is_uncertain = mem::take(&mut self.is_uncertain);
        range.filter(|_| !is_uncertain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(lines: &[&str]) -> Option<RangeInclusive<i64>> {
        let mut times = Times::default();
        for line in lines {
            times.add(line.as_bytes());
        }
        times.take()
    }

    fn line(seconds: i64) -> String {
        format!("{{\"time\":{seconds},\"msg\":\"m\"}}\n")
    }

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn the_range_has_the_earliest_and_the_latest_time() {
        let [a, b, c] = [1_795_967_309, 1_795_967_300, 1_795_967_305].map(line);
        let both = [&*a, &*b].concat();
        let range = 1_795_967_300 * SECOND..=1_795_967_309 * SECOND;
        assert_eq!(times(&[&both, "\n \r\n", c.trim_end()]), Some(range));
        assert_eq!(times(&[]), None);
    }

    #[test]
    fn one_line_without_a_certain_time_leaves_no_range() {
        let line = line(1_795_967_309);
        let torn = line.replace("\"m\"", "\"\0\"");
        let coloured = line.replace("\"m\"", "\"\x1b[1m\"");
        for other in ["\tat somewhere\n", "{}\n", &torn, &coloured] {
            assert_eq!(times(&[&line, other, &line]), None, "{other}");
            assert_eq!(times(&[&[&*line, other].concat()]), None, "{other}");
        }
        let mut after = Times::default();
        after.add(b"\tat somewhere\n");
        after.take();
        after.add(line.as_bytes());
        assert!(after.take().is_some(), "the next block has its own range");
    }
}
