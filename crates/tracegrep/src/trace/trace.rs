use super::{Line, StatedSpan};
use crate::id::TraceId;

/// The lines of one trace, in order of time, and the spans that a tracing backend has of it.
#[derive(Clone, Debug)]
pub struct Trace {
    id: TraceId,
    lines: Vec<Line>,
    stated: Vec<StatedSpan>,
}

impl Trace {
    /// Merges the lines of several sources. The lines of each source are in its order.
    ///
    /// A line without a time stays after the line before it. Lines with equal times keep the order of their source, and the order of the
    /// sources.
    pub(crate) fn merge(id: TraceId, sources: impl IntoIterator<Item = Vec<Line>>) -> Self {
        let mut timed = Vec::new();
        for lines in sources {
            let first = lines.iter().find_map(|line| line.record.time);
            let mut time = first;
            for mut line in lines {
                line.assign(id);
                time = line.record.time.or(time);
                timed.push((time, line));
            }
        }
        timed.sort_by_key(|(time, _)| *time);
        Self {
            id,
            lines: timed.into_iter().map(|(_, line)| line).collect(),
            stated: Vec::new(),
        }
    }

    /// Adds spans that a tracing backend has.
    pub(crate) fn with_stated(mut self, spans: impl IntoIterator<Item = StatedSpan>) -> Self {
        self.stated.extend(spans);
        self
    }

    /// The spans that a tracing backend has.
    pub(crate) fn stated(&self) -> &[StatedSpan] {
        &self.stated
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.stated.is_empty()
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// The lines, in order of time.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Reader;
    use std::path::Path;

    fn lines(source: &str, texts: &[&str]) -> Vec<Line> {
        let line = |text: &&str| Line {
            source: Path::new(source).into(),
            offset: 0,
            raw: text.as_bytes().to_vec(),
            following: Vec::new(),
            left_out: 0,
            is_cut: false,
            is_mention: false,
            record: Reader::new().read(text.as_bytes()),
        };
        texts.iter().map(line).collect()
    }

    fn merged(sources: [Vec<Line>; 2]) -> Vec<String> {
        let id = TraceId::new(1).expect("an id");
        let trace = Trace::merge(id, sources);
        let text = |line: &Line| String::from_utf8_lossy(&line.raw).into_owned();
        trace.lines().iter().map(text).collect()
    }

    #[test]
    fn lines_of_all_sources_are_in_order_of_time_and_equal_times_in_the_order_of_the_file() {
        let one = r#"{"timestamp":"2026-11-29T16:00:01Z","n":1}"#;
        let two = r#"{"timestamp":"2026-11-29T16:00:01Z","n":2}"#;
        let three = r#"{"timestamp":"2026-11-29T17:00:03+01:00"}"#;
        let four = r#"{"timestamp":"2026-11-29T16:00:04Z"}"#;
        let sources = [lines("a", &[one, two, four]), lines("b", &[three])];
        assert_eq!(merged(sources), [one, two, three, four]);
    }

    #[test]
    fn a_line_without_a_time_stays_after_the_line_before_it() {
        let one = r#"{"timestamp":"2026-11-29T16:00:01Z"}"#;
        let two = r#"{"timestamp":"2026-11-29T16:00:02Z"}"#;
        let three = r#"{"timestamp":"2026-11-29T16:00:03Z"}"#;
        let sources = [
            lines("a", &["before one", one, "after one", three]),
            lines("b", &[two, "after two"]),
        ];
        assert_eq!(
            merged(sources),
            ["before one", one, "after one", two, "after two", three]
        );
    }
}
