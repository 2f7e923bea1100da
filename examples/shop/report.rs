//! What a person does with a trace id: looks for it in the log.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    path::Path,
};

use serde_json::{Map, Value};

/// Shown in columns of their own, or of no use in reading a single request.
const NOT_LISTED: [&str; 10] = [
    "timestamp",
    "level",
    "message",
    "target",
    "trace_id",
    "span_id",
    "trace_flags",
    "service.name",
    "span_name",
    "otel.kind",
];

pub(crate) fn heading(text: &str) -> io::Result<()> {
    // Not `println!`, here and below: it panics when output is piped to `head`.
    writeln!(io::stdout(), "\n── {text}\n")
}

/// Prints the lines of one trace twice, first for reading and then as they are; fails unless
/// each of `services` wrote at least one.
pub(crate) fn print_trace(
    log: &Path,
    trace_id: &str,
    services: &[&str],
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let log_text = fs::read_to_string(log)?;
    let mut lines = Vec::new();
    for raw in log_text.lines().filter(|line| line.contains(trace_id)) {
        let fields: Map<String, Value> = serde_json::from_str(raw)?;
        lines.push((raw, fields));
    }
    // Timestamps have one length and one time zone: in order of text, they are in order of time.
    lines.sort_by(|(_, a), (_, b)| text(a, "timestamp").cmp(text(b, "timestamp")));

    heading("that request in every service, in order of time")?;
    for (_, fields) in &lines {
        print_readable(fields)?;
    }
    heading(&format!("grep {trace_id} {}", log.display()))?;
    for (raw, _) in &lines {
        writeln!(io::stdout(), "{raw}")?;
    }

    for service in services {
        let is_its = |(_, fields): &(_, _)| text(fields, "service.name") == *service;
        if !lines.iter().any(is_its) {
            return Err(format!("no line of {service} has the trace id {trace_id}").into());
        }
    }
    Ok(())
}

fn print_readable(fields: &Map<String, Value>) -> io::Result<()> {
    let timestamp = text(fields, "timestamp");
    let time = timestamp.split_once('T').map_or(timestamp, |(_, t)| t);
    let service = text(fields, "service.name");
    let span_id = text(fields, "span_id");
    let level = text(fields, "level");
    let message = text(fields, "message");

    let mut out = io::stdout().lock();
    write!(
        out,
        "{time}  {service:8}  {span_id}  {level:5}  {message:16}"
    )?;
    for (key, value) in fields {
        if !NOT_LISTED.contains(&key.as_str()) {
            write!(out, "  {key}={value}")?;
        }
    }
    writeln!(out)
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> &'a str {
    fields.get(key).and_then(Value::as_str).unwrap_or_default()
}
