//! The operations that are repeated and measured.

use std::fmt;

/// The deepest `depth=` scenario.
pub const DEEPEST: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scenario {
    /// One event inside the spans `request` > `db`, which stay entered.
    Event,
    /// The same with three fields.
    Three,
    /// The same with three fields and a password.
    Secret,
    /// Such an event of another crate, followed by the same event of `tracing`.
    Beside,
    /// A span with a hundred events.
    Hundred,
    /// The same, but OpenTelemetry's layer receives events too, and copies them into the span.
    Copied,
    /// A span with this many DEBUG events.
    Request(usize),
    /// This many threads at once, each of which runs 200 spans with 20 DEBUG events.
    Threads(usize),
    /// The same event inside this many spans of two fields each.
    Depth(usize),
    /// The spans `request` > `db`, created, entered, left and closed without an event.
    Spans,
    /// A DEBUG event under a global INFO filter that was added last.
    DisabledOuter,
    /// The same with the filter added first, below the other layers.
    DisabledInner,
}

impl Scenario {
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = |start: &str| text.strip_prefix(start)?.parse().ok();
        match text {
            "event" => Ok(Self::Event),
            "three" => Ok(Self::Three),
            "secret" => Ok(Self::Secret),
            "beside" => Ok(Self::Beside),
            "hundred" => Ok(Self::Hundred),
            "copied" => Ok(Self::Copied),
            "spans" => Ok(Self::Spans),
            "disabled-outer" => Ok(Self::DisabledOuter),
            "disabled-inner" => Ok(Self::DisabledInner),
            other => match (number("depth="), number("request=")) {
                (Some(depth), _) if depth <= DEEPEST => Ok(Self::Depth(depth)),
                (_, Some(events)) => Ok(Self::Request(events)),
                _ => match number("threads=") {
                    Some(threads) => Ok(Self::Threads(threads)),
                    None => Err(format!("no scenario {other:?}")),
                },
            },
        }
    }

    /// Operations per child process, which take some tens of milliseconds.
    pub fn repetitions(self) -> usize {
        match self {
            Self::Event | Self::Three | Self::Secret | Self::Beside => 20_000,
            Self::Hundred | Self::Copied => 200,
            Self::Request(_) => 1_000,
            Self::Threads(_) => 8,
            Self::Depth(_) => 8_000,
            Self::Spans => 10_000,
            Self::DisabledOuter | Self::DisabledInner => 2_000_000,
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event => f.write_str("event"),
            Self::Three => f.write_str("three"),
            Self::Secret => f.write_str("secret"),
            Self::Beside => f.write_str("beside"),
            Self::Hundred => f.write_str("hundred"),
            Self::Copied => f.write_str("copied"),
            Self::Request(events) => write!(f, "request={events}"),
            Self::Threads(threads) => write!(f, "threads={threads}"),
            Self::Depth(depth) => write!(f, "depth={depth}"),
            Self::Spans => f.write_str("spans"),
            Self::DisabledOuter => f.write_str("disabled-outer"),
            Self::DisabledInner => f.write_str("disabled-inner"),
        }
    }
}
