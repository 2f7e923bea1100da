//! Checks that the contenders are comparable, by what each one's exported span contains.

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;

use super::{
    app::{App, TRACE_ID, TRACESTATE},
    contender::{ALL, Contender},
    subscriber::{self, Kind},
};
use crate::{child, table::Table};

/// The attributes that OpenTelemetry's layer adds to every span.
const OF_THE_LAYER: [&str; 8] = [
    "busy_ns",
    "code.file.path",
    "code.line.number",
    "code.module.name",
    "idle_ns",
    "target",
    "thread.id",
    "thread.name",
];

const NAME: &str = "(name)";
const CALLER: &str = "(caller's trace, tracestate)";

/// In a child, serves one request and prints its span, with a line for each attribute.
pub fn show(name: &str) -> Result<(), String> {
    let contender = Contender::find(name)?;
    subscriber::install(Kind::Span, show_span);
    App::new(contender, Kind::Span).serve();
    Ok(())
}

fn show_span(span: SpanData) {
    println!("{NAME}\t{}", span.name);
    println!("(kind)\t{:?}", span.span_kind);
    let context = span.span_context;
    let is_callers = context.trace_id().to_string() == TRACE_ID && span.parent_span_is_remote;
    let has_state = context.trace_state().header() == TRACESTATE;
    println!("{CALLER}\t{is_callers}, {has_state}");
    for attribute in span.attributes {
        let key = attribute.key.as_str();
        match &attribute.value {
            _ if OF_THE_LAYER.contains(&key) => {}
            Value::String(text) => println!("{key}\t{:?}", text.as_str()),
            other => println!("{key}\t{other}"),
        }
    }
}

/// Prints the contents of the contenders' spans side by side.
pub fn print() {
    let contenders: Vec<Contender> = ALL
        .into_iter()
        .filter(|contender| *contender != Contender::NoLayer)
        .collect();
    let spans: Vec<Vec<(String, String)>> = contenders.iter().map(|&c| child(c)).collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in spans.iter().flatten() {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }

    let mut header = vec!["exported"];
    header.extend(contenders.iter().map(|contender| contender.name()));
    let mut table = Table::new(header.len(), &header);
    for key in keys {
        let cells = spans.iter().map(|span| value(span, key).unwrap_or("–"));
        table.row([key].into_iter().chain(cells).map(str::to_owned).collect());
    }
    table.print("The span of one request, without what OpenTelemetry's layer adds to each span:");

    for (contender, span) in contenders.iter().zip(&spans) {
        assert_eq!(value(span, NAME), value(&spans[0], NAME), "{contender:?}");
        let expected = if contender.propagates() {
            "true, true"
        } else {
            "false, false"
        };
        assert_eq!(value(span, CALLER), Some(expected), "{contender:?}");
    }
}

fn value<'s>(span: &'s [(String, String)], key: &str) -> Option<&'s str> {
    span.iter()
        .find_map(|(known, value)| (known == key).then_some(value.as_str()))
}

fn child(contender: Contender) -> Vec<(String, String)> {
    child::output(&["span", contender.name()])
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
