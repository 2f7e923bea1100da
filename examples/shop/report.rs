//! Finds the lines of a trace id in the logs, as a person would do.

use crate::Failure;
use serde_json::{Map, Value};
use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

/// Keys that have a column of their own, or do not help to read a single request.
const NOT_LISTED: [&str; 15] = [
    "timestamp",
    "level",
    "message",
    "target",
    "trace_id",
    "span_id",
    "trace_flags",
    "service.name",
    "service.instance.id",
    "span_name",
    "http.request.method",
    "http.route",
    "host.name",
    "process.pid",
    "server.address",
];

pub(crate) fn heading(text: &str) -> io::Result<()> {
    // Not `println!`, which panics if the output is piped to `head`.
    writeln!(io::stdout(), "\n── {text}\n")
}

/// Prints the lines of one trace twice: first in columns, and then unchanged. Fails if a log has no line of the trace.
pub(crate) fn print_trace(logs: &[PathBuf], trace_id: &str) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for log in logs {
        let text = fs::read_to_string(log)?;
        let before = lines.len();
        for raw in text.lines().filter(|line| line.contains(trace_id)) {
            let fields: Map<String, Value> = serde_json::from_str(raw)?;
            lines.push((raw.to_owned(), fields));
        }
        if lines.len() == before {
            return Err(format!("no line of {} has the trace id {trace_id}", log.display()).into());
        }
    }
    // All timestamps have the same length and time zone, so sorting them as text sorts them by time.
    lines.sort_by(|(_, a), (_, b)| text(a, "timestamp").cmp(text(b, "timestamp")));

    heading("the lines of that request from all services, in order of time")?;
    for (_, fields) in &lines {
        print_readable(fields)?;
    }
    let folder = logs.first().and_then(|log| log.parent());
    let folder = folder.ok_or("the log is not in a folder")?.display();
    heading(&format!("grep {trace_id} {folder}/*.jsonl"))?;
    for (raw, _) in &lines {
        writeln!(io::stdout(), "{raw}")?;
    }
    heading("this command draws these lines as a tree")?;
    writeln!(io::stdout(), "tracegrep {trace_id} {folder} --tree")?;
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
