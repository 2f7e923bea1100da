//! The folders, each with its way of closing files.

use std::path::{Path, PathBuf};

/// What happens to the files of a place, and so which repeats of lines without ids `docs/shipping.md` allows there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// They are only renamed: no line may be repeated or missing, or be found that the files do not hold.
    Renamed,
    /// They are compressed: text without times may be repeated.
    Compressed,
    /// They are copied, and the original grows on: after a start, lines of a shorter copy may be repeated.
    Copied,
    /// They are copied and emptied in place: lines may be repeated, and those that are written between the two are not in the files.
    Emptied,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number in the keys of lines.
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) fate: Fate,
    /// The directives of `logrotate`.
    pub(super) directives: &'static str,
}

impl Place {
    const fn new(number: u8, name: &'static str, fate: Fate, directives: &'static str) -> Self {
        Self {
            number,
            name,
            fate,
            directives,
        }
    }

    pub(super) fn of(number: u8) -> Option<&'static Self> {
        ALL.iter().find(|place| place.number == number)
    }

    pub(super) fn folder(&self, root: &Path) -> PathBuf {
        root.join(self.name)
    }

    /// Whether files are copied again and again while they grow. Such a place gets fewer lines and fewer rotations.
    pub(super) fn grows(&self) -> bool {
        self.fate == Fate::Copied
    }
}

pub(super) const ROLLING: Place = Place::new(0, "rolling", Fate::Compressed, "");
pub(super) const COPY: Place = Place::new(7, "copy", Fate::Copied, "copy\nnocompress");
pub(super) const DOCKER: Place = Place::new(8, "docker", Fate::Renamed, "");
pub(super) const PODS: Place = Place::new(9, "pods", Fate::Compressed, "");

/// The places that `logrotate` rotates, each in another mode.
pub(super) const ROTATED: [Place; 7] = [
    Place::new(1, "create", Fate::Renamed, "create\nnocompress"),
    Place::new(2, "nocreate", Fate::Renamed, "nocreate\nnocompress"),
    Place::new(
        3,
        "dateext",
        Fate::Renamed,
        "create\nnocompress\ndateext\ndateformat -%Y%m%d-%s",
    ),
    Place::new(4, "compress", Fate::Compressed, "create\ncompress"),
    Place::new(
        5,
        "delaycompress",
        Fate::Compressed,
        "create\ncompress\ndelaycompress",
    ),
    Place::new(6, "copytruncate", Fate::Emptied, "copytruncate\nnocompress"),
    COPY,
];

pub(super) const ALL: [Place; 10] = [
    ROLLING, ROTATED[0], ROTATED[1], ROTATED[2], ROTATED[3], ROTATED[4], ROTATED[5], COPY, DOCKER,
    PODS,
];
