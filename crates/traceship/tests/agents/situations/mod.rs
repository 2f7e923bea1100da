//! The situations. The names are those of the table in `docs/agents-compared.md`.

mod contents;
mod damage;
mod names;
mod outages;

use super::{outcome::Outcome, set_up::Agent, stage::Stage};

/// A situation: what happens, and how it is brought about.
pub(crate) struct Situation {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) run: fn(&mut Stage<'_>) -> Outcome,
    /// Whether a file is renamed, so that it matters if the agent also follows the names of rotated files.
    pub(crate) renames: bool,
}

/// All situations, in the order of the table.
pub(crate) const ALL: [Situation; 19] = [
    Situation {
        id: "T2",
        what: "the server is down while seven files are rotated",
        run: outages::backlog,
        renames: true,
    },
    Situation {
        id: "T3",
        what: "the file is emptied while the agent is down, and begins with the same lines again",
        run: contents::same_banner,
        renames: false,
    },
    Situation {
        id: "T4",
        what: "two files begin with the same 100 lines",
        run: contents::same_beginning,
        renames: false,
    },
    Situation {
        id: "T5",
        what: "a response is lost, the agent is killed, and the file is rotated and compressed",
        run: contents::lost_response,
        renames: true,
    },
    Situation {
        id: "T6",
        what: "a file of three shipped lines is rotated and compressed while the agent is down",
        run: contents::compressed_when_shipped,
        renames: true,
    },
    Situation {
        id: "T6b",
        what: "100 lines are written while the agent is down, and then the file is compressed",
        run: contents::compressed_before,
        renames: true,
    },
    Situation {
        id: "T7",
        what: "the file is copied and emptied, and the agent restarts",
        run: contents::copied_and_emptied,
        renames: false,
    },
    Situation {
        id: "T8",
        what: "the file is emptied and written anew",
        run: contents::emptied,
        renames: false,
    },
    Situation {
        id: "T9",
        what: "beside 130 files whose last line has no newline",
        run: names::torn,
        renames: false,
    },
    Situation {
        id: "T10",
        what: "1,000 files of one line",
        run: names::many,
        renames: false,
    },
    Situation {
        id: "T13",
        what: "the file is renamed while the agent is down, and there is no new one",
        run: names::renamed,
        renames: true,
    },
    Situation {
        id: "T15",
        what: "the file behind a link is rotated while the agent is down",
        run: names::linked,
        renames: false,
    },
    Situation {
        id: "T16",
        what: "two files have 1,000 equal lines",
        run: contents::equal_lines,
        renames: false,
    },
    Situation {
        id: "T17",
        what: "the file is removed, and its writer continues",
        run: names::removed,
        renames: false,
    },
    Situation {
        id: "T19",
        what: "lines of containers, some of them in parts (CRI and Docker)",
        run: damage::containers,
        renames: false,
    },
    Situation {
        id: "T22",
        what: "a damaged archive lies beside a log with the same first line",
        run: damage::archive,
        renames: false,
    },
    Situation {
        id: "T30",
        what: "the file begins with a hole of 20 MiB",
        run: damage::hole,
        renames: false,
    },
    Situation {
        id: "kills",
        what: "the agent is killed 20 times while files are written and rotated",
        run: outages::kills,
        renames: true,
    },
    Situation {
        id: "limit",
        what: "300 files, and 64 descriptors",
        run: names::few_descriptors,
        renames: false,
    },
];

/// The situations in which lines are sent twice unless their writer helps.
pub(crate) const WITH_IDS: [Situation; 2] = [
    Situation {
        id: "T5",
        what: "a response is lost, the agent is killed, and the file is rotated and compressed",
        run: contents::lost_response,
        renames: true,
    },
    Situation {
        id: "kills",
        what: "the agent is killed 20 times while files are written and rotated",
        run: outages::kills,
        renames: true,
    },
];

const NO_GZIP: &str = "does not read gzip";

/// Returns an outcome if the agent does not read compressed files at all.
fn without_gzip(stage: &Stage<'_>) -> Option<Outcome> {
    let cannot = matches!(stage.agent, Agent::Rsyslog | Agent::SyslogNg).then_some(NO_GZIP);
    cannot.map(|_| Outcome {
        cannot,
        ..Outcome::default()
    })
}
