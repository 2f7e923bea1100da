//! Loki: a stand-in, and the Loki that `LOKI_URL` names. It must need neither TLS nor credentials.

use crate::{
    loki_stand_in::{self, Entry},
    shop::{Shop, found, found_on, meanings, server, texts},
    support::{ORDERS, TRACE},
};
use serde_json::Value;
use std::{collections::BTreeMap, env, fs, path::Path};
use tracegrep::{Outcome, Reader, Search, ServerKind};
use traceship::Loki;

/// The lines of all files as traceship pushes them: each under its time, with its service as a label.
fn entries(folder: &Path) -> Vec<Entry> {
    let reader = Reader::new();
    let mut entries = Vec::new();
    for file in fs::read_dir(folder).expect("readable") {
        let text = fs::read_to_string(file.expect("an entry").path()).expect("text");
        for line in text.lines() {
            let record = reader.read(line.as_bytes());
            let service = record
                .service
                .unwrap_or_else(|| "unknown_service".to_owned());
            let metadata = record.trace_id.map(|id| ("trace_id".to_owned(), id));
            entries.push(Entry {
                time: record.time.expect("a time"),
                text: line.to_owned(),
                labels: BTreeMap::from([("service_name".to_owned(), service)]),
                metadata: metadata.into_iter().collect(),
            });
        }
    }
    entries
}

#[test]
fn loki_finds_the_lines_that_are_in_the_files_in_the_same_order() {
    let shop = Shop::new();
    let loki = loki_stand_in::start(entries(shop.path()));
    let server = server(ServerKind::Loki, &loki.url());
    let expected = shop.trace();
    let start = expected.lines()[0].record().time.expect("a time");
    for id in [TRACE, "4bf92f35", "11803532876627986230"] {
        let search = Search::new()
            .with_since(start)
            .with_until(start + 3_600_000_000_000);
        let trace = found(search.with_server(server.clone()), id).expect("lines");
        assert_eq!(texts(&trace), texts(&expected), "{id}");
        assert_eq!(meanings(&trace), meanings(&expected), "{id}");
    }
    let end = expected.lines()[9].record().time.expect("a time");
    let search = Search::new().with_since(start + 1).with_until(end);
    let part = found(search.with_server(server), TRACE).expect("lines");
    assert_eq!(texts(&part), texts(&expected)[1..9]);
}

#[test]
fn to_the_newest_error_of_files_servers_add_their_lines() {
    let shop = Shop::new();
    let loki = loki_stand_in::start(entries(shop.path()));
    let server = server(ServerKind::Loki, &loki.url());
    let expected = shop.trace();
    let start = expected.lines()[0].record().time.expect("a time");
    let file = shop.path().join("payments.jsonl");
    let search = Search::new().with_path(file).with_server(server);
    let search = search
        .with_since(start)
        .with_until(start + 3_600_000_000_000);
    let Outcome::Trace(trace) = search.find_newest_error(|_| true).outcome else {
        panic!("the file has an error");
    };
    assert_eq!(texts(&trace), texts(&expected));
}

#[test]
fn a_line_that_has_its_ids_only_in_structured_metadata_is_found_too() {
    let map = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    let entry = |time, env: &str, metadata| Entry {
        time,
        text: "order placed".to_owned(),
        labels: map(&[("service_name", "orders"), ("env", env)]),
        metadata: map(metadata),
    };
    let ids = [("trace_id", TRACE), ("span_id", ORDERS), ("order", "1017")];
    let other = [("trace_id", "11111111111111111111111111111111")];
    let loki = loki_stand_in::start(vec![
        entry(1_000, "test", &ids),
        entry(2_000, "live", &ids),
        entry(3_000, "test", &other),
    ]);
    let server = server(ServerKind::Loki, &loki.url()).with_selector("{env=\"test\"}");
    let search = Search::new().with_since(0).with_until(10_000);
    let trace = found(search.with_server(server), TRACE).expect("a line");
    let [line] = trace.lines() else {
        panic!("one line was expected: {:?}", texts(&trace));
    };
    let record = line.record();
    assert_eq!(record.time, Some(1_000));
    assert_eq!(record.message.as_deref(), Some("order placed"));
    assert_eq!(record.service.as_deref(), Some("orders"));
    assert_eq!(record.span_id.as_deref(), Some(ORDERS));
    assert!(
        record
            .fields
            .contains(&("order".to_owned(), Value::from(1017)))
    );
}

#[test]
#[ignore = "needs a Loki of your own: LOKI_URL"]
#[allow(clippy::print_stderr, reason = "nothing is tested then")]
fn your_loki_finds_the_lines_that_are_in_the_files_in_the_same_order() {
    let Ok(url) = env::var("LOKI_URL") else {
        eprintln!("skipped, because LOKI_URL is not set");
        return;
    };
    let shop = Shop::new();
    // Loki refuses lines that are older than a week.
    let minute = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:")
        .to_string();
    for file in fs::read_dir(shop.path()).expect("readable") {
        let path = file.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("text");
        fs::write(&path, text.replace("2026-11-29T16:00:", &minute)).expect("written");
    }
    let run = format!("{}-{minute}", std::process::id());
    let target = Loki::new(url.as_str()).and_then(|loki| loki.with_label("run", &run));
    shop.ship(target.expect("a valid target").into());
    let server = server(ServerKind::Loki, &url).with_selector(format!("{{run=\"{run}\"}}"));
    let expected = shop.trace();
    let trace = found_on(&server, TRACE, expected.lines().len());
    assert_eq!(texts(&trace), texts(&expected));
    assert_eq!(meanings(&trace), meanings(&expected));
}
