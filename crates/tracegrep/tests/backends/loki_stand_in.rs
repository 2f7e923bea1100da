//! A stand-in for Loki's query API, made from its documentation. It understands the queries that this crate sends, and refuses others.

use crate::http::{Listener, messages, respond};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `max_entries_limit_per_query`.
const MAX_LIMIT: usize = 5_000;
/// `max_query_length`: 30 days and one hour.
const MAX_NANOS: i64 = 721 * 3_600_000_000_000;

/// A stored line.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) time: i64,
    pub(crate) text: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// Starts a Loki that has these entries.
pub(crate) fn start(entries: Vec<Entry>) -> Listener {
    Listener::start(move |stream| {
        for message in messages(stream) {
            let path = message
                .head
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            let (status, body) = match response(&entries, &path) {
                Ok(body) => (200, body.to_string()),
                Err(reason) => (400, reason),
            };
            if respond(stream, status, "", &body).is_err() {
                return;
            }
        }
    })
}

fn response(entries: &[Entry], path: &str) -> Result<Value, String> {
    let parameters = path
        .strip_prefix("/loki/api/v1/query_range?")
        .ok_or("404 page not found")?;
    let parameter = |name: &str| {
        let mut pairs = parameters
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let value = pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value);
        let value = value.ok_or_else(|| format!("`{name}` is missing"))?;
        Ok::<_, String>(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let number = |name: &str| {
        let number = parameter(name)?.parse::<i64>();
        number.map_err(|error| error.to_string())
    };
    let (start, end, limit) = (number("start")?, number("end")?, number("limit")? as usize);
    if limit > MAX_LIMIT {
        return Err("max entries limit per query exceeded".to_owned());
    }
    if end - start > MAX_NANOS {
        return Err("the query time range exceeds the limit".to_owned());
    }
    if parameter("direction")? != "forward" {
        return Err("this stand-in goes forward".to_owned());
    }
    let query = Query::parse(&parameter("query")?)?;
    let mut found: Vec<&Entry> = entries
        .iter()
        .filter(|entry| (start..end).contains(&entry.time) && query.matches(entry))
        .collect();
    found.sort_by_key(|entry| entry.time);
    found.truncate(limit);
    let mut streams: BTreeMap<String, Value> = BTreeMap::new();
    for entry in found {
        // Structured metadata is among the labels, unless a header asks for it elsewhere.
        let all: BTreeMap<_, _> = entry.labels.iter().chain(&entry.metadata).collect();
        let stream = json!({"stream": all, "values": []});
        let stream = streams.entry(format!("{all:?}")).or_insert(stream);
        let values = stream["values"].as_array_mut().expect("a list");
        values.push(json!([entry.time.to_string(), entry.text]));
    }
    let result: Vec<Value> = streams.into_values().collect();
    Ok(json!({"status": "success", "data": {"resultType": "streams", "result": result}}))
}

/// `{label="value"}` or `{label=~".+"}`, and then a filter of the text or of metadata.
#[derive(Debug)]
struct Query {
    label: String,
    /// `None` for any value.
    value: Option<String>,
    filter: Filter,
}

#[derive(Debug)]
enum Filter {
    /// The text has one of these.
    Text(Vec<String>),
    /// A member of the metadata has one of these.
    Metadata(Vec<(String, Vec<String>)>),
}

impl Query {
    fn parse(text: &str) -> Result<Self, String> {
        let invalid = || format!("parse error: {text}");
        let (selector, filter) = text
            .strip_prefix('{')
            .and_then(|rest| rest.split_once("} "))
            .ok_or_else(invalid)?;
        let (label, value) = match selector.split_once("=~\".+\"") {
            Some((label, "")) => (label, None),
            _ => {
                let (label, value) = selector.split_once('=').ok_or_else(invalid)?;
                (label, Some(quoted(value).ok_or_else(invalid)?.to_owned()))
            }
        };
        let filter = match filter.strip_prefix("|~ ") {
            Some(regex) => Filter::Text(words(quoted(regex).ok_or_else(invalid)?)),
            None => {
                let conditions = filter.strip_prefix("| ").ok_or_else(invalid)?.split(" or ");
                let condition = |condition: &str| {
                    let (name, regex) = condition.split_once("=~")?;
                    let regex = quoted(regex)?.strip_prefix(".*(")?.strip_suffix(").*")?;
                    Some((name.to_owned(), words(regex)))
                };
                let conditions: Option<_> = conditions.map(condition).collect();
                Filter::Metadata(conditions.ok_or_else(invalid)?)
            }
        };
        Ok(Self {
            label: label.to_owned(),
            value,
            filter,
        })
    }

    fn matches(&self, entry: &Entry) -> bool {
        let label = entry.labels.get(&self.label);
        let has = |text: &str, words: &[String]| words.iter().any(|word| text.contains(word));
        let is_of_stream = match &self.value {
            None => label.is_some_and(|label| !label.is_empty()),
            value => label == value.as_ref(),
        };
        is_of_stream
            && match &self.filter {
                Filter::Text(words) => has(&entry.text, words),
                Filter::Metadata(conditions) => conditions.iter().any(|(name, words)| {
                    entry
                        .metadata
                        .get(name)
                        .is_some_and(|value| has(value, words))
                }),
            }
    }
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

fn words(regex: &str) -> Vec<String> {
    regex.split('|').map(str::to_owned).collect()
}
