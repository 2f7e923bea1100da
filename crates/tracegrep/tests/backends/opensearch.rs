use crate::{
    servers::Server,
    shop::{Shop, found, found_on, meanings, server, texts},
    support::TRACE,
};
use serde_json::json;
use tracegrep::{Search, ServerKind};
use traceship::{Elasticsearch, Target};

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn opensearch_finds_the_lines_that_are_in_the_files_in_the_same_order() {
    let opensearch = Server::start("opensearch.sh", &["start"]);
    let url = opensearch.address("OPENSEARCH_URL");
    let target = Elasticsearch::new(url.as_str(), "logs-shop").expect("a valid target");
    let template = target.for_opensearch().index_template();
    ureq::put(format!("{url}/_index_template/shop"))
        .header("content-type", "application/json")
        .send(template)
        .expect("the template is accepted");
    // The other index has the types that OpenSearch itself gives to fields.
    for index in ["logs-shop", "plain"] {
        let shop = Shop::new();
        let target = Target::named(&format!("opensearch={url}/{index}"));
        shop.ship(target.expect("a valid target"));
        let expected = shop.trace();
        let server = server(ServerKind::OpenSearch, &format!("{url}/{index}"));
        for id in [
            TRACE,
            "4bf92f35",
            "4bf92f3577b34da6a3",
            "11803532876627986230",
        ] {
            let trace = found_on(&server, id, expected.lines().len());
            assert_eq!(meanings(&trace), meanings(&expected), "{index} {id}");
            assert_eq!(texts(&trace), texts(&expected), "{index} {id}");
        }
        let start = expected.lines()[1].record().time.expect("a time");
        let end = expected.lines()[4].record().time.expect("a time");
        let search = Search::new().with_since(start).with_until(end);
        let part = found(search.with_server(server), TRACE).expect("lines");
        assert_eq!(texts(&part), texts(&expected)[1..4]);
    }
    let all = server(ServerKind::OpenSearch, &url);
    let shop = Shop::new();
    let both = Search::new().with_path(shop.path()).with_server(all);
    let both = found(both, TRACE).expect("lines");
    let expected = shop.trace();
    assert_eq!(
        both.lines().len(),
        expected.lines().len() * 2,
        "once for each index"
    );
}

#[test]
#[ignore = "needs a real OpenSearch: tests/servers/opensearch.sh install"]
fn opensearch_finds_an_id_in_each_field_with_text_also_as_a_part_of_a_word() {
    let opensearch = Server::start("opensearch.sh", &["start"]);
    let url = opensearch.address("OPENSEARCH_URL");
    let store = |index: &str, document: serde_json::Value| {
        ureq::post(format!("{url}/{index}/_doc?refresh=true"))
            .header("content-type", "application/json")
            .send(document.to_string())
            .expect("the document is accepted");
    };
    for (index, field) in ["MESSAGE", "raw", "kubernetes.log", "Body"]
        .iter()
        .enumerate()
    {
        store(
            &format!("fields-{index}"),
            json!({*field: format!("id={TRACE}"), "n": 7}),
        );
    }
    for text in [format!("trace_{TRACE}"), format!("0x{TRACE}")] {
        store("parts", json!({"message": text, "n": 7}));
    }
    for (index, count) in [("fields-*", 4), ("parts", 2)] {
        let server = server(ServerKind::OpenSearch, &format!("{url}/{index}"));
        assert_eq!(
            found_on(&server, TRACE, count).lines().len(),
            count,
            "{index}"
        );
    }
    let line = format!("2026-11-29T16:00:00Z stdout F INFO id={TRACE} placed");
    let document = json!({
        "@timestamp": "2026-11-29T16:00:00Z",
        "agent": {"type": "filebeat"},
        "log": {"file": {"path": "/var/log/orders.log"}},
        "message": line,
    });
    store("filebeat", document);
    let server = server(ServerKind::OpenSearch, &format!("{url}/filebeat"));
    let trace = found_on(&server, TRACE, 1);
    assert_eq!(texts(&trace), [format!("INFO id={TRACE} placed")]);
}
