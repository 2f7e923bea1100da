//! What a line means.

use crate::record::{ErrorDetails, Level, Moment, Record, SpanTimes};
use log_files::{Wrapping, parse_time};
use serde_json::{Map, Value};
use std::time::Duration;

/// Reads the lines that tracing-stamp writes, also as container runtimes store them.
pub(crate) fn understand(line: &[u8]) -> Record {
    let wrapped = Wrapping::detect(line).and_then(|wrapping| wrapping.part(line));
    let text = wrapped.as_ref().map_or(line, |part| &part.text);
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(text) else {
        return Record::default();
    };
    let mut take = |name: &str| match fields.shift_remove(name)? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let time = |text: Option<String>| Some(parse_time(text?.as_bytes())?.nanos);
    let mut record = Record {
        time: time(take("timestamp")),
        level: take("level").as_deref().and_then(level),
        message: take("message"),
        service: take("service.name"),
        trace_id: take("trace_id"),
        span_id: take("span_id"),
        parent_span_id: take("parent_span_id"),
        span_name: take("span_name"),
        ..Record::default()
    };
    record.moment = record.message.as_deref().and_then(moment);
    if record.moment == Some(Moment::Close) {
        let millis = take("duration_ms").and_then(|text| text.parse::<f64>().ok());
        let duration = millis.map(|millis| Duration::try_from_secs_f64(millis / 1_000.0));
        record.span_times = Some(SpanTimes {
            start: time(take("start_time")),
            duration: duration.and_then(Result::ok),
        });
    }
    record.error = take("error").map(|message| ErrorDetails {
        message: Some(message),
        ..ErrorDetails::default()
    });
    take("target");
    take("trace_flags");
    record.fields = fields.into_iter().collect();
    record
}

fn level(name: &str) -> Option<Level> {
    Some(match name {
        "TRACE" => Level::Trace,
        "DEBUG" => Level::Debug,
        "INFO" => Level::Info,
        "WARN" => Level::Warn,
        "ERROR" => Level::Error,
        "FATAL" => Level::Fatal,
        _ => return None,
    })
}

fn moment(message: &str) -> Option<Moment> {
    Some(match message {
        "new" => Moment::New,
        "enter" => Moment::Enter,
        "exit" => Moment::Exit,
        "close" => Moment::Close,
        _ => return None,
    })
}
