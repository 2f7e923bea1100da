//! How a shipper reads and sends.

use crate::redaction::Rules;
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
    /// The keys of time, level and ids, if they are set. Redaction leaves them as they are.
    pub(super) fixed_keys: Vec<String>,
    pub(super) rules: Rules,
    /// Whether the files are complete, so that a last line without a newline is shipped too.
    pub(super) is_backfill: bool,
}
