use crate::{
    servers::Server,
    shop::{Shop, found, found_on, meanings, server, texts},
    support::TRACE,
};
use serde_json::json;
use tracegrep::{Search, ServerKind};
use traceship::Target;

fn ship(shop: &Shop, target: &str) {
    shop.ship(Target::named(target).expect("a valid target"));
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn victorialogs_finds_the_lines_that_are_in_the_files_in_the_same_order() {
    let victorialogs = Server::start("victorialogs.sh", &["start"]);
    let url = victorialogs.address("VICTORIALOGS_URL");
    let shop = Shop::new();
    ship(&shop, &format!("loki={url}/insert"));
    let expected = shop.trace();
    let server = server(ServerKind::VictoriaLogs, &url);
    for id in [
        TRACE,
        "4bf92f35",
        "4bf92f3577b34da6a3",
        "11803532876627986230",
    ] {
        let trace = found_on(&server, id, expected.lines().len());
        assert_eq!(meanings(&trace), meanings(&expected), "{id}");
        assert_eq!(texts(&trace), texts(&expected), "{id}");
    }
    let start = expected.lines()[1].record().time.expect("a time");
    let end = expected.lines()[4].record().time.expect("a time");
    let search = Search::new().with_since(start).with_until(end);
    let part = found(search.with_server(server.clone()), TRACE).expect("lines");
    assert_eq!(texts(&part), texts(&expected)[1..4]);
    // Lines that the files have too are shown once.
    let both = Search::new().with_path(shop.path()).with_server(server);
    let both = found(both, TRACE).expect("lines");
    assert_eq!(texts(&both), texts(&expected));
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn lines_that_victorialogs_has_split_into_fields_mean_the_same_as_those_in_the_files() {
    for target in [
        "elasticsearch=URL/insert/elasticsearch/shop",
        "otlp=URL/insert/opentelemetry",
    ] {
        let victorialogs = Server::start("victorialogs.sh", &["start"]);
        let url = victorialogs.address("VICTORIALOGS_URL");
        let shop = Shop::new();
        ship(&shop, &target.replace("URL", &url));
        let expected = shop.trace();
        let server = server(ServerKind::VictoriaLogs, &url);
        let trace = found_on(&server, TRACE, expected.lines().len());
        // By OTLP, traceship makes times unique with digits below their precision.
        let micros = |trace| {
            let mut meanings = meanings(trace);
            for (time, ..) in &mut meanings {
                *time = time.map(|time| time / 1_000);
            }
            meanings
        };
        assert_eq!(micros(&trace), micros(&expected), "{target}");
    }
}

#[test]
#[ignore = "needs a real VictoriaLogs: tests/servers/victorialogs.sh install"]
fn victorialogs_finds_an_id_that_is_a_part_of_a_word() {
    let victorialogs = Server::start("victorialogs.sh", &["start"]);
    let url = victorialogs.address("VICTORIALOGS_URL");
    let messages = [
        format!("trace_{TRACE} placed"),
        format!("\u{1b}[0m{TRACE} placed"),
        format!("id=0x{TRACE}"),
    ];
    let row = |message| {
        let row = json!({"_time": "2026-11-29T16:00:00Z", "_msg": message});
        format!("{row}\n")
    };
    ureq::post(format!("{url}/insert/jsonline"))
        .header("content-type", "application/stream+json")
        .send(messages.each_ref().map(row).concat())
        .expect("the rows are accepted");
    let server = server(ServerKind::VictoriaLogs, &url);
    let found = found_on(&server, TRACE, messages.len());
    let mut found = texts(&found);
    found.sort();
    let mut expected = messages.to_vec();
    expected.sort();
    assert_eq!(found, expected);
}
