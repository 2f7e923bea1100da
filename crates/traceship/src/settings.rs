//! How a shipper reads and sends.

use log_files::LineReader;
use std::{sync::Arc, time::Duration};

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) batch_bytes: usize,
    pub(super) batch_lines: usize,
    pub(super) max_age: Duration,
    pub(super) in_flight: usize,
    pub(super) poll: Duration,
    pub(super) rotate_wait: Duration,
    pub(super) reader: Arc<LineReader>,
    /// Whether the files are complete, so that a last line without a newline is shipped too.
    pub(super) is_backfill: bool,
}
