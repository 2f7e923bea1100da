//! Lost lines, and the log line that reports them.

use super::overflow::severity;
use crate::{
    json::{Clock, Precision, push_string, push_u64},
    layer::OwnLines,
};
use std::time::SystemTime;
use tracing_core::{
    Callsite, Interest, Kind, Level, Metadata, callsite::Identifier, field::FieldSet,
};

/// Number of lost lines by level, TRACE first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByLevel(pub(super) [u64; 5]);

impl ByLevel {
    pub(super) fn add(&mut self, level: Level) {
        self.0[severity(level)] += 1;
    }

    pub(super) fn of(&self, level: Level) -> u64 {
        self.0[severity(level)]
    }

    pub(super) fn sum(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Lines that were lost since the last report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    by_level: ByLevel,
    first: SystemTime,
    last: SystemTime,
}

impl Lost {
    /// Adds one lost line to earlier ones.
    pub(super) fn add(earlier: Option<Self>, level: Level) -> Self {
        let now = SystemTime::now();
        let mut lost = earlier.unwrap_or(Self {
            by_level: ByLevel::default(),
            first: now,
            last: now,
        });
        lost.by_level.add(level);
        lost.last = now;
        lost
    }

    /// Number of lost lines.
    pub(super) fn sum(&self) -> u64 {
        self.by_level.sum()
    }

    /// Appends the line that reports the loss, such as
    /// `{"timestamp":"…","level":"WARN","message":"lines lost","target":"tracing_stamp::writer","lost":{"INFO":7},"first_lost":"…","last_lost":"…"}`.
    pub(super) fn push(&self, out: &mut Vec<u8>, lines: &mut OwnLines) {
        let time = |time| {
            let mut text = b"\"".to_vec();
            Clock::default().push(&mut text, time, Precision::default());
            text.push(b'"');
            text
        };
        let mut lost = b"{".to_vec();
        for (level, count) in LEVELS.iter().zip(self.by_level.0).rev() {
            if count > 0 {
                if lost.len() > 1 {
                    lost.push(b',');
                }
                push_string(&mut lost, level.as_str());
                lost.push(b':');
                push_u64(&mut lost, count);
            }
        }
        lost.push(b'}');
        let fields = [
            ("lost", &*lost),
            ("first_lost", &*time(self.first)),
            ("last_lost", &*time(self.last)),
        ];
        lines.push(out, &LINES_LOST, "lines lost", &fields);
    }
}

const LEVELS: [Level; 5] = [
    Level::TRACE,
    Level::DEBUG,
    Level::INFO,
    Level::WARN,
    Level::ERROR,
];

/// Call site of the metadata. No event comes from it, so its interest is never set.
struct NoCallsite;

static NO_CALLSITE: NoCallsite = NoCallsite;

static LINES_LOST: Metadata<'static> = Metadata::new(
    "lines lost",
    "tracing_stamp::writer",
    Level::WARN,
    None,
    None,
    None,
    FieldSet::new(&["message"], Identifier(&NO_CALLSITE)),
    Kind::EVENT,
);

impl Callsite for NoCallsite {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &LINES_LOST
    }
}
