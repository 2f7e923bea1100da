//! A process that writes lines by the layer of this crate, to rolling files or to files that `logrotate` rotates.

use super::{
    place::Place,
    writer_process::{Share, pace},
};
use std::{env, path::Path, sync::Mutex};
use tracing::Dispatch;
use tracing_stamp::writer::RollingFile;
use tracing_subscriber::prelude::*;

/// The variables of the process.
pub(super) const FILES: &str = "STAMP_STORM_FILES";
pub(super) const MAX_BYTES: &str = "STAMP_STORM_MAX_BYTES";

/// About as long is a line.
pub(super) const LINE_BYTES: u64 = 230;

/// A log, and how many lines this process has written to it.
struct Log {
    place: &'static Place,
    dispatch: Dispatch,
    lines: u64,
}

/// Writes the lines of a share in turn to all files.
pub(crate) fn write_from_env() {
    let share = Share::from_env();
    let max_bytes = env::var(MAX_BYTES).ok().and_then(|text| text.parse().ok());
    let files = env::var(FILES).expect("the variable is set");
    let files = files.lines().filter_map(|line| line.split_once(':'));
    let mut logs: Vec<Log> = files
        .filter_map(|(place, path)| {
            Some(Log {
                place: Place::of(place.parse().ok()?)?,
                dispatch: dispatch(Path::new(path), max_bytes),
                lines: 0,
            })
        })
        .collect();
    let (mut written, mut turn) = (0, 0_u64);
    while written < share.lines {
        for log in &mut logs {
            if log.place.grows() && !turn.is_multiple_of(4) {
                continue;
            }
            let (writer, place, incarnation) = (share.writer, log.place.number, share.incarnation);
            let number = log.lines;
            tracing::dispatcher::with_default(&log.dispatch, || {
                tracing::info!(
                    order = number,
                    "n={writer}.{place}.{incarnation}.{number}; an order was placed"
                );
            });
            log.lines += 1;
            written += 1;
        }
        turn += 1;
        if turn.is_multiple_of(8) {
            share.note_progress(written);
            pace(&share, written);
        }
    }
}

fn dispatch(path: &Path, max_bytes: Option<u64>) -> Dispatch {
    let mut file = RollingFile::open(path).expect("the file opens");
    if let Some(bytes) = max_bytes {
        file = file.with_max_bytes(bytes).with_gzip();
    }
    let layer = tracing_stamp::layer()
        .with_record_uid(true)
        .with_resource([("service.name", "orders")])
        .with_writer(Mutex::new(file));
    Dispatch::new(tracing_subscriber::registry().with(layer))
}
