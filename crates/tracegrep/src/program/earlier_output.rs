//! Recognizes files that an earlier run has written.

use super::export_argument::ExportKind;
use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// How a page begins.
const PAGE: &str = "<!DOCTYPE html>";

/// Whether a file may be replaced by an output: it is empty, or has the form of that output.
pub(crate) fn may_be_replaced(path: &Path, kind: Option<ExportKind>) -> io::Result<bool> {
    let start = match kind {
        Some(ExportKind::Perfetto) => r#"{"traceEvents":["#,
        Some(ExportKind::Jaeger) => r#"{"data":["#,
        Some(ExportKind::Otlp) => r#"{"resourceSpans":["#,
        None => PAGE,
    };
    let mut head = Vec::new();
    let most = start.len() as u64;
    File::open(path)?.take(most).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == start.as_bytes())
}
