//! A service that was started with nothing but `init` has its spans in real backends, by the trace id on its lines.

use super::{
    children::{Said, run},
    servers::{Server, get},
};
use serde_json::{Value, json};

fn service(variables: &[(&str, &str)]) -> (Said, String) {
    let mut all = vec![
        ("OTEL_SERVICE_NAME", "orders"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test%20bed",
        ),
    ];
    all.extend_from_slice(variables);
    let said = run("service", &all);
    assert_eq!(said.err, "");
    let trace = said.with_message("cart received").get("trace_id");
    let trace = trace.as_str().expect("text").to_owned();
    (said, trace)
}

/// The value of a tag, in Jaeger's JSON.
fn tag<'v>(tags: &'v Value, key: &str) -> &'v Value {
    let found = tags
        .as_array()
        .and_then(|tags| tags.iter().find(|tag| tag["key"] == key));
    found.map_or(&Value::Null, |tag| &tag["value"])
}

/// Both spans of the trace are in Jaeger, as the lines have them.
fn is_in_jaeger(said: &Said, trace: &str, jaeger: &Server) {
    let url = format!("{}/api/traces/{trace}", jaeger.address("JAEGER_QUERY"));
    let answer = get(&url, |answer| {
        answer["data"][0]["spans"]
            .as_array()
            .is_some_and(|spans| spans.len() == 2)
    });
    let trace = &answer["data"][0];
    let named = |name: &str| {
        let spans = trace["spans"].as_array().expect("a list");
        spans
            .iter()
            .find(|span| span["operationName"] == name)
            .expect("it is there")
    };
    let (checkout, charge) = (named("checkout"), named("charge"));
    assert_eq!(
        &checkout["spanID"],
        said.with_message("cart received").get("span_id")
    );
    assert_eq!(
        &charge["spanID"],
        said.with_message("card declined").get("span_id")
    );
    assert_eq!(checkout["references"], json!([]));
    assert_eq!(charge["references"][0]["spanID"], checkout["spanID"]);
    assert_eq!(tag(&checkout["tags"], "order"), 1017);
    assert_eq!(tag(&charge["tags"], "cents"), 129_900);
    assert_eq!(tag(&charge["tags"], "otel.status_code"), "ERROR");
    assert_eq!(tag(&checkout["tags"], "otel.status_code"), &Value::Null);
    // The error is the one event that was copied.
    assert_eq!(charge["logs"].as_array().map(Vec::len), Some(1));
    let process = &trace["processes"][checkout["processID"].as_str().expect("text")];
    assert_eq!(process["serviceName"], "orders");
    assert_eq!(
        tag(&process["tags"], "deployment.environment.name"),
        "test bed"
    );
    assert_eq!(tag(&process["tags"], "telemetry.sdk.language"), "rust");
    for key in [
        "service.instance.id",
        "host.name",
        "process.pid",
        "process.executable.name",
    ] {
        assert!(!tag(&process["tags"], key).is_null(), "{key} in {process}");
    }
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_are_in_jaeger_over_otlp_and_http() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_HTTP");
    let of_traces = format!("{endpoint}/v1/traces");
    for variables in [
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)][..],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("{endpoint}/")),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ],
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &of_traces),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ],
    ] {
        let (said, trace) = service(variables);
        is_in_jaeger(&said, &trace, &jaeger);
    }
}

#[cfg(feature = "otlp-grpc")]
#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_are_in_jaeger_over_otlp_and_grpc() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_GRPC");
    for compression in ["none", "gzip"] {
        let (said, trace) = service(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
        ]);
        is_in_jaeger(&said, &trace, &jaeger);
    }
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_are_in_jaeger_behind_a_collector() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let collector = Server::start(
        "jaeger.sh",
        &["start-collector", &jaeger.address("JAEGER_OTLP_HTTP")],
    );
    let (said, trace) = service(&[(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        &collector.address("COLLECTOR_OTLP_HTTP"),
    )]);
    is_in_jaeger(&said, &trace, &jaeger);
}

#[cfg(feature = "zipkin")]
#[test]
#[ignore = "needs a real Zipkin: tests/servers/zipkin.sh install"]
fn spans_are_in_zipkin() {
    let zipkin = Server::start("zipkin.sh", &["start"]);
    let address = zipkin.address("ZIPKIN");
    let (said, trace) = service(&[
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        (
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
            &format!("{address}/api/v2/spans"),
        ),
    ]);
    let url = format!("{address}/api/v2/trace/{trace}");
    let spans = get(&url, |spans| {
        spans.as_array().is_some_and(|spans| spans.len() == 2)
    });
    let named = |name: &str| {
        let spans = spans.as_array().expect("a list");
        spans
            .iter()
            .find(|span| span["name"] == name)
            .expect("it is there")
    };
    let (checkout, charge) = (named("checkout"), named("charge"));
    assert_eq!(
        &checkout["id"],
        said.with_message("cart received").get("span_id")
    );
    assert_eq!(charge["parentId"], checkout["id"]);
    assert_eq!(checkout["tags"]["order"], "1017");
    assert_eq!(charge["tags"]["otel.status_code"], "ERROR");
    assert_eq!(checkout["localEndpoint"]["serviceName"], "orders");
}
