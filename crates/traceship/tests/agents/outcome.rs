//! What the server has after a situation.

use std::{collections::HashMap, fmt, time::Duration};

/// The lines that must be found. Each has a mark, such as `#orders-17#`, and text after it that must be found in one piece.
#[derive(Debug, Default)]
pub(crate) struct Written {
    lines: HashMap<String, (String, usize)>,
}

impl Written {
    /// Notes a line that must be found. Lines of one mark are equal, and each of them must be found.
    pub(crate) fn note(&mut self, mark: &str, text: &str) {
        let (_, times) = self
            .lines
            .entry(mark.to_owned())
            .or_insert_with(|| (text.to_owned(), 0));
        *times += 1;
    }

    pub(crate) fn count(&self) -> usize {
        self.lines.values().map(|(_, times)| times).sum()
    }

    /// Compares the lines with the documents of the server.
    pub(crate) fn compare(&self, documents: &[String]) -> Outcome {
        let mut found: HashMap<&str, usize> = HashMap::new();
        let mut strange = 0;
        for document in documents {
            let mark = marks(document).find_map(|mark| self.lines.get_key_value(mark));
            match mark {
                Some((mark, (text, _))) if document.contains(text) => {
                    *found.entry(mark).or_default() += 1;
                }
                _ => strange += 1,
            }
        }
        let counts = || {
            let count = |(mark, (_, times)): (&String, &(String, usize))| {
                (*times, found.get(mark.as_str()).copied().unwrap_or(0))
            };
            self.lines.iter().map(count)
        };
        Outcome {
            written: self.count(),
            found: counts().map(|(times, found)| times.min(found)).sum(),
            doubled: counts()
                .map(|(times, found)| found.saturating_sub(times))
                .sum(),
            strange,
            took: None,
            cannot: None,
        }
    }
}

/// Returns what can be marks in a document. VictoriaLogs adds a text with a `#` where a document has no `_msg`.
fn marks(document: &str) -> impl Iterator<Item = &str> {
    document.split('#').skip(1)
}

/// What was found of the written lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) written: usize,
    pub(crate) found: usize,
    /// How many documents have a line that another document has already.
    pub(crate) doubled: usize,
    /// How many documents are none of the lines, such as a line in pieces.
    pub(crate) strange: usize,
    /// The time until all lines were found, where the situation measures it.
    pub(crate) took: Option<Duration>,
    /// Why the agent cannot do this by its nature.
    pub(crate) cannot: Option<&'static str>,
}

impl Outcome {
    fn missing(&self) -> usize {
        self.written - self.found
    }

    /// Losing lines is worse than repeating them.
    pub(crate) fn is_worse_than(&self, other: &Self) -> bool {
        other.cannot.is_none() && (self.missing(), self.doubled) > (other.missing(), other.doubled)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = self.cannot {
            return write!(f, "cannot: {why}");
        }
        write!(f, "{} of {}", self.found, self.written)?;
        if self.doubled > 0 {
            write!(f, ", {} twice", self.doubled)?;
        }
        if self.strange > 0 {
            write!(f, ", {} others", self.strange)?;
        }
        match self.took {
            Some(took) if self.missing() == 0 => write!(f, ", {:.1} s", took.as_secs_f64()),
            _ => Ok(()),
        }
    }
}
