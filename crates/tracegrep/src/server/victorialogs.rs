use super::{
    http::{Http, MAX_LINE_BYTES, too_long},
    matching::Match,
    stored::entry,
};
use crate::{
    id::{Place, TraceQuery, terms},
    search::{Entry, Fetched, LineServer, Period},
    time_text,
};
use log_files::parse_time;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use std::io::{BufRead as _, BufReader};

/// What VictoriaLogs stores as the text of a line in which it does not know the message.
const NO_MESSAGE: &str = "missing _msg field";

/// VictoriaLogs. It returns one JSON object for each line, in no order.
#[derive(Debug)]
pub(super) struct VictoriaLogs(Http);

impl VictoriaLogs {
    pub(super) fn new(http: Http) -> Self {
        Self(http)
    }

    fn read(
        &self,
        query: &TraceQuery,
        period: Period,
        how: Match,
        entries: &mut Vec<Entry>,
    ) -> Result<(), String> {
        let form = form(query, period, how);
        let content_type = "application/x-www-form-urlencoded";
        let reply = self
            .0
            .post("/select/logsql/query", content_type, form.as_bytes())?;
        let mut reader = BufReader::new(reply.success()?.reader(MAX_LINE_BYTES as u64));
        let ids = terms(query);
        let ids: Vec<&str> = ids.iter().map(|term| &*term.text).collect();
        let mut row = Vec::new();
        let mut total = 0;
        loop {
            row.clear();
            let length = reader.read_until(b'\n', &mut row);
            total += row.len();
            let length = length.map_err(|error| match total >= MAX_LINE_BYTES {
                true => too_long(),
                false => format!("the response cannot be read to its end: {error}"),
            })?;
            if length == 0 {
                return Ok(());
            }
            if !row.trim_ascii().is_empty() {
                let row = serde_json::from_slice(&row)
                    .map_err(|_| "does not respond as VictoriaLogs does".to_owned())?;
                entries.push(row_entry(&ids, row));
            }
        }
    }
}

impl LineServer for VictoriaLogs {
    fn name(&self) -> &str {
        self.0.url()
    }

    fn lines(&self, query: &TraceQuery, period: Period) -> Fetched {
        let mut fetched = Fetched::default();
        for how in [Match::Words, Match::Parts] {
            fetched.problem = self.read(query, period, how, &mut fetched.entries).err();
            if fetched.problem.is_some() || !fetched.entries.is_empty() {
                break;
            }
        }
        fetched.entries.sort_by_key(|entry| entry.time);
        fetched
    }
}

fn row_entry(ids: &[&str], mut row: Map<String, Value>) -> Entry {
    let mut take = |name: &str| match row.shift_remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let mut text = take("_msg");
    if text.starts_with(NO_MESSAGE) {
        text.clear();
    }
    let time = parse_time(take("_time").as_bytes()).map(|time| time.nanos);
    // They have the labels, which are fields too.
    take("_stream");
    take("_stream_id");
    // traceship has added it to a line that has a time of its own.
    if row.contains_key("timestamp") {
        row.shift_remove("@timestamp");
    }
    entry(ids, &text, time, row)
}

/// The form that asks for lines with an id in any field.
fn form(query: &TraceQuery, period: Period, how: Match) -> String {
    let filters = terms(query)
        .into_iter()
        .map(|term| match (how, term.place) {
            (Match::Parts, _) | (_, Place::End) => format!("~\"{}\"", term.text),
            (Match::Words, Place::Whole) => format!("\"{}\"", term.text),
            (Match::Words, Place::Beginning) => format!("\"{}\"*", term.text),
        });
    let filters: Vec<String> = filters.collect();
    let query = format!("*:({})", filters.join(" or "));
    let mut form = format!("query={}", encoded(&query));
    let bounds = [("start", period.since), ("end", period.until)];
    for (name, bound) in bounds {
        if let Some(nanos) = bound {
            form += &format!("&{name}={}", encoded(&time_text::rfc3339(nanos, 9)));
        }
    }
    form
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::test_server::{TestServer, http};

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn fetch(server: &TestServer) -> Fetched {
        let query = ID.parse().expect("an id");
        VictoriaLogs::new(http(&server.url())).lines(&query, Period::default())
    }

    #[test]
    fn the_query_has_each_form_of_the_id_and_the_period() {
        let period = Period {
            since: Some(1_500_000_001),
            until: None,
        };
        let form = form(&ID.parse().expect("an id"), period, Match::Words);
        let decoded = percent_encoding::percent_decode_str(&form).decode_utf8_lossy();
        assert!(
            decoded.starts_with(&format!("query=*:(\"{ID}\" or \"")),
            "{decoded}"
        );
        assert!(
            decoded.ends_with(")&start=1970-01-01T00:00:01.500000001Z"),
            "{decoded}"
        );
        let prefix = super::form(
            &"4bf92f35".parse().expect("a prefix"),
            Period::default(),
            Match::Words,
        );
        let decoded = percent_encoding::percent_decode_str(&prefix).decode_utf8_lossy();
        assert_eq!(decoded, "query=*:(\"4bf92f35\"* or \"4BF92F35\"*)");
    }

    #[test]
    fn an_id_that_is_a_part_of_a_word_is_looked_for_if_no_word_is_the_id() {
        let server = TestServer::start(|request| {
            let decoded = percent_encoding::percent_decode_str(&request.body).decode_utf8_lossy();
            let row = format!(r#"{{"_time":"2026-11-29T16:00:02Z","_msg":"trace_{ID}"}}"#);
            let is_part = decoded.contains(&format!("*:(~\"{ID}\""));
            (200, if is_part { row } else { String::new() })
        });
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        assert_eq!(fetched.entries.len(), 1);
        assert_eq!(server.requests(), 2);
    }

    #[test]
    fn rows_are_sorted_and_a_whole_line_keeps_its_bytes() {
        let rows = format!(
            "{}\n{}\n",
            r#"{"_time":"2026-11-29T16:00:02Z","_stream":"{}","_msg":"placed","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
            r#"{"_time":"2026-11-29T16:00:01.5Z","_msg":"x 4bf92f3577b34da6a3ce929d0e0e4736","service_name":"orders"}"#,
        );
        let server = TestServer::start(move |_| (200, rows.clone()));
        let fetched = fetch(&server);
        assert_eq!(fetched.problem, None);
        let texts: Vec<_> = fetched
            .entries
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.text).into_owned())
            .collect();
        assert_eq!(texts[0], format!("x {ID}"));
        assert_eq!(
            texts[1],
            format!(
                r#"{{"timestamp":"2026-11-29T16:00:02.000000000Z","message":"placed","trace_id":"{ID}"}}"#
            )
        );
        assert_eq!(fetched.entries[0].service.as_deref(), Some("orders"));
    }

    #[test]
    fn lines_before_a_damaged_one_are_kept_and_the_damage_is_a_problem() {
        let row = format!(r#"{{"_time":"2026-11-29T16:00:02Z","_msg":"{ID}"}}"#);
        for damage in ["<html>", "{\"_msg\":", &"[".repeat(100_000)] {
            let text = format!("{row}\n{damage}\n");
            let server = TestServer::start(move |_| (200, text.clone()));
            let fetched = fetch(&server);
            assert_eq!(fetched.entries.len(), 1);
            let problem = fetched.problem.expect("a problem");
            assert_eq!(problem, "does not respond as VictoriaLogs does");
        }
    }
}
