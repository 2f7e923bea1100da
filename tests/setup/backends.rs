//! A service that is started by `init` exports its spans to real backends, which find them by the trace id on its lines.

use super::{
    children::{ChildOutput, run},
    servers::{Server, get},
};
use serde_json::{Value, json};

fn service(variables: &[(&str, &str)]) -> (ChildOutput, String) {
    let mut all = vec![
        ("OTEL_SERVICE_NAME", "orders"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test%20bed",
        ),
    ];
    all.extend_from_slice(variables);
    let output = run("service", &all);
    assert_eq!(output.stderr, "");
    let trace = output.with_message("cart received").get("trace_id");
    let trace = trace.as_str().expect("a string").to_owned();
    (output, trace)
}

/// The value of a tag, in Jaeger's JSON.
fn tag<'v>(tags: &'v Value, key: &str) -> &'v Value {
    let found = tags
        .as_array()
        .and_then(|tags| tags.iter().find(|tag| tag["key"] == key));
    found.map_or(&Value::Null, |tag| &tag["value"])
}

/// Checks that Jaeger has both spans of the trace, with the ids on the lines.
fn assert_in_jaeger(output: &ChildOutput, trace: &str, jaeger: &Server) {
    let url = format!("{}/api/traces/{trace}", jaeger.address("JAEGER_QUERY"));
    let response = get(&url, |response| {
        response["data"][0]["spans"]
            .as_array()
            .is_some_and(|spans| spans.len() == 2)
    });
    let trace = &response["data"][0];
    let named = |name: &str| {
        let spans = trace["spans"].as_array().expect("a list");
        spans
            .iter()
            .find(|span| span["operationName"] == name)
            .expect("the span is in the backend")
    };
    let (checkout, charge) = (named("checkout"), named("charge"));
    assert_eq!(
        &checkout["spanID"],
        output.with_message("cart received").get("span_id")
    );
    assert_eq!(
        &charge["spanID"],
        output.with_message("card declined").get("span_id")
    );
    assert_eq!(checkout["references"], json!([]));
    assert_eq!(charge["references"][0]["spanID"], checkout["spanID"]);
    assert_eq!(tag(&checkout["tags"], "order"), 1017);
    assert_eq!(tag(&charge["tags"], "cents"), 129_900);
    assert_eq!(tag(&charge["tags"], "otel.status_code"), "ERROR");
    assert_eq!(tag(&checkout["tags"], "otel.status_code"), &Value::Null);
    // Of the events, only the error is copied into its span.
    assert_eq!(charge["logs"].as_array().map(Vec::len), Some(1));
    let process = &trace["processes"][checkout["processID"].as_str().expect("a string")];
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
fn spans_arrive_in_jaeger_through_otlp_over_http() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_HTTP");
    let traces_endpoint = format!("{endpoint}/v1/traces");
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
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &traces_endpoint),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ],
    ] {
        let (output, trace) = service(variables);
        assert_in_jaeger(&output, &trace, &jaeger);
    }
}

#[cfg(feature = "otlp-grpc")]
#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_arrive_in_jaeger_through_otlp_over_grpc() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let endpoint = jaeger.address("JAEGER_OTLP_GRPC");
    for compression in ["none", "gzip"] {
        let (output, trace) = service(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
        ]);
        assert_in_jaeger(&output, &trace, &jaeger);
    }
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn spans_arrive_in_jaeger_through_a_collector() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let collector = Server::start(
        "jaeger.sh",
        &["start-collector", &jaeger.address("JAEGER_OTLP_HTTP")],
    );
    let (output, trace) = service(&[(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        &collector.address("COLLECTOR_OTLP_HTTP"),
    )]);
    assert_in_jaeger(&output, &trace, &jaeger);
}

#[cfg(feature = "zipkin")]
#[test]
#[ignore = "needs a real Zipkin: tests/servers/zipkin.sh install"]
fn spans_arrive_in_zipkin() {
    let zipkin = Server::start("zipkin.sh", &["start"]);
    let address = zipkin.address("ZIPKIN");
    let (output, trace) = service(&[
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
            .expect("the span is in the backend")
    };
    let (checkout, charge) = (named("checkout"), named("charge"));
    assert_eq!(
        &checkout["id"],
        output.with_message("cart received").get("span_id")
    );
    assert_eq!(charge["parentId"], checkout["id"]);
    assert_eq!(checkout["tags"]["order"], "1017");
    assert_eq!(charge["tags"]["otel.status_code"], "ERROR");
    assert_eq!(checkout["localEndpoint"]["serviceName"], "orders");
}
