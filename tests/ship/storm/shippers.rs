//! Which shippers there are, and which files each of them ships.

use super::{
    containers,
    place::{ROLLING, ROTATED},
    shipper_process::{ShipperProcess, program},
};
use std::path::{Path, PathBuf};

/// Starts a shipper for the files that this crate rotates, one for those of `logrotate`, and one for containers. The files are given as
/// folders, as patterns, and one by one.
pub(super) fn shippers(root: &Path, target: &[String]) -> Vec<ShipperProcess> {
    let program = program();
    let mut rotated = Vec::new();
    for (at, place) in ROTATED.iter().enumerate() {
        let folder = place.folder(root);
        match at % 3 {
            0 => rotated.push(folder),
            1 => rotated.extend(["*.log", "*.jsonl"].map(|pattern| folder.join(pattern))),
            _ => rotated.extend(
                [
                    "billing.log",
                    "reports.log",
                    "jobs.log",
                    "orders.jsonl",
                    "carts*.jsonl",
                ]
                .map(|name| folder.join(name)),
            ),
        }
    }
    let new = |name, files: &[PathBuf]| ShipperProcess::new(name, &program, target, files, root);
    vec![
        new("rolling", &[ROLLING.folder(root)]),
        new("rotated", &rotated),
        new("containers", &containers::patterns(root)),
    ]
}
