//! The trace that tracegrep rebuilds from the log files of the three services of `examples/shop` is the one that these services export.
//!
//! All of them export to a stand-in for a collector.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue says why and fails"
)]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/setup/servers.rs"]
mod servers;
mod shop;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use servers::{Server, get};
use shop::{Failure, Shop};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::net::TcpListener;
use tracegrep::{Evidence, Outcome, Search, Span, Timing, Trace, Tree, export};

/// The order that the card of `payments` does not cover.
const FAILING_ORDER: u32 = 8;

/// A thread can be interrupted between the moment at which the exporter takes a time and the one at which the line does. So each span has this
/// many chances to have both within a millisecond.
const REQUESTS: usize = 8;

/// A span as it was exported.
#[derive(Clone, Debug)]
struct Exported {
    trace: String,
    id: String,
    parent: Option<String>,
    name: String,
    service: String,
    start: i64,
    end: i64,
}

/// All spans that the services have exported.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Exported>>>);

impl Collector {
    async fn start(self) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let router = Router::new()
            .route("/v1/traces", post(Self::receive))
            .with_state(self);
        tokio::spawn(async { axum::serve(listener, router).await });
        address
    }

    async fn receive(State(collector): State<Self>, Json(request): Json<Value>) -> Json<Value> {
        let mut spans = collector.0.lock().unwrap_or_else(PoisonError::into_inner);
        for resource in list(&request["resourceSpans"]) {
            let attributes = list(&resource["resource"]["attributes"]).iter();
            let service = attributes
                .filter(|attribute| attribute["key"] == "service.name")
                .map(|attribute| text(&attribute["value"]["stringValue"]))
                .next()
                .expect("each service has a name");
            let scopes = list(&resource["scopeSpans"]).iter();
            for span in scopes.flat_map(|scope| list(&scope["spans"])) {
                spans.push(Exported {
                    trace: text(&span["traceId"]),
                    id: text(&span["spanId"]),
                    parent: Some(text(&span["parentSpanId"])).filter(|id| !id.is_empty()),
                    name: text(&span["name"]),
                    service: service.clone(),
                    start: nanos(&span["startTimeUnixNano"]),
                    end: nanos(&span["endTimeUnixNano"]),
                });
            }
        }
        Json(json!({}))
    }

    fn of_trace(&self, trace: &str) -> Vec<Exported> {
        let spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_trace = spans.iter().filter(|span| span.trace == trace);
        of_trace.cloned().collect()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn nanos(value: &Value) -> i64 {
    let nanos = value.as_str().expect("64 bits are a string in JSON");
    nanos.parse().expect("a number")
}

#[test]
fn a_service() {
    shop::serve();
}

/// The traces of failing requests: what was exported, and what tracegrep finds in the files.
fn failing_requests(variables: &[(&str, &str)]) -> Vec<(Vec<Exported>, Trace)> {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let collector = Collector::default();
    let endpoint = runtime.block_on(collector.clone().start());
    let mut all = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{endpoint}")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json".to_owned()),
    ];
    all.extend(
        variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    let shop = Shop::start(folder.path(), &all);
    let traces: Vec<String> = runtime.block_on(async {
        let client = reqwest::Client::new();
        let url = format!("http://{}/checkout/{FAILING_ORDER}", shop.gateway());
        let mut traces = Vec::new();
        for _ in 0..REQUESTS {
            let response = client.post(&url).send().await.expect("a response");
            assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
            let header = response.headers()["traceresponse"].to_str().expect("ASCII");
            traces.push(header.split('-').nth(1).expect("a trace id").to_owned());
            response.bytes().await.expect("the body is complete");
        }
        traces
    });
    // Each service exports its last spans when it ends.
    shop.stop();
    runtime.shutdown_timeout(Duration::from_secs(1));
    let of = |trace: &String| {
        let search = Search::new().with_path(folder.path());
        let found = search.find(&trace.parse().expect("an id"));
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        let Outcome::Trace(found) = found.outcome else {
            panic!("no trace {trace} in the files");
        };
        (collector.of_trace(trace), found)
    };
    traces.iter().map(of).collect()
}

/// All spans of a tree, with the id of the span that each is drawn below.
fn drawn<'t>(tree: &'t Tree<'_>) -> BTreeMap<String, (Option<String>, &'t Span)> {
    let mut pending: Vec<_> = tree.roots().map(|root| (None, root)).collect();
    let mut drawn = BTreeMap::new();
    while let Some((parent, span)) = pending.pop() {
        let id = span.id().to_owned();
        pending.extend(tree.children(span).map(|child| (Some(id.clone()), child)));
        drawn.insert(id, (parent, span));
    }
    drawn
}

/// The id of each drawn span, with that of the span above it.
fn shape<'d>(
    drawn: &'d BTreeMap<String, (Option<String>, &Span)>,
) -> BTreeMap<&'d str, Option<&'d str>> {
    let drawn = drawn.iter();
    drawn
        .map(|(id, (parent, _))| (&**id, parent.as_deref()))
        .collect()
}

fn parents(exported: &[Exported]) -> BTreeMap<&str, Option<&str>> {
    let parents = exported.iter();
    parents
        .map(|span| (&*span.id, span.parent.as_deref()))
        .collect()
}

/// The failing request is this chain, from the gateway down.
fn assert_is_the_request(exported: &[Exported]) {
    let mut names = Vec::new();
    let mut parent = None;
    while let Some(span) = exported.iter().find(|span| span.parent == parent) {
        names.push(format!("{} {}", span.service, span.name));
        parent = Some(span.id.clone());
    }
    assert_eq!(
        names,
        [
            "gateway POST /checkout/{order}",
            "gateway POST",
            "orders POST /orders/{order}",
            "orders POST",
            "payments POST /charges/{cents}",
        ]
    );
    assert_eq!(exported.len(), names.len(), "{exported:#?}");
}

/// How far the times of each span are from the exported ones, in nanoseconds, once for each request.
#[derive(Default)]
struct Differences(BTreeMap<String, Vec<i64>>);

impl Differences {
    fn add(&mut self, exported: &Exported, start: i64, duration: i64) {
        let of_start = (start - exported.start).abs();
        let of_duration = (duration - (exported.end - exported.start)).abs();
        let name = format!("{} {}", exported.service, exported.name);
        let of_span = self.0.entry(name).or_default();
        of_span.push(of_start.max(of_duration));
    }

    fn assert_within_a_millisecond(&self) {
        for (name, differences) in &self.0 {
            let least = differences.iter().min().expect("one for each request");
            assert!(*least <= 1_000_000, "{name}: {differences:?} ns");
        }
    }
}

#[test]
fn with_closing_lines_the_tree_is_the_one_that_was_exported() {
    let mut differences = Differences::default();
    for (exported, trace) in failing_requests(&[("LOG_SPAN_EVENTS", "close")]) {
        assert_is_the_request(&exported);
        let tree = Tree::with_raw_times(&trace);
        let drawn = drawn(&tree);
        assert_eq!(shape(&drawn), parents(&exported));
        for span in &exported {
            let (parent, found) = &drawn[&span.id];
            assert_eq!(found.name(), Some(&*span.name));
            assert_eq!(found.service(), Some(&*span.service));
            assert_eq!(found.timing(), Timing::Exact, "{}", span.name);
            let evidence = match parent {
                Some(_) => Evidence::ClosingLine,
                None => Evidence::Unknown,
            };
            assert_eq!(found.evidence(), evidence, "{}", span.name);
            let start = found.start().expect("it has a start");
            let duration = found.duration().expect("it has a duration");
            let duration = i64::try_from(duration.as_nanos()).expect("it is short");
            differences.add(span, start, duration);
        }
    }
    differences.assert_within_a_millisecond();
}

#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn in_jaeger_the_trace_that_is_rebuilt_from_the_files_is_the_one_that_was_exported() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let mut differences = Differences::default();
    for (exported, trace) in failing_requests(&[("LOG_SPAN_EVENTS", "close")]) {
        let collector = export::Collector::new(&jaeger.address("JAEGER_OTLP_HTTP"));
        let sent = collector.expect("a valid address").send(&Tree::of(&trace));
        sent.expect("Jaeger takes all spans");
        let query = jaeger.address("JAEGER_QUERY");
        let response = get(&format!("{query}/api/traces/{}", trace.id()), |response| {
            list(&response["data"][0]["spans"]).len() >= exported.len()
        });
        let found = &response["data"][0];
        let spans = list(&found["spans"]);
        assert_eq!(spans.len(), exported.len());
        for span in &exported {
            let of_jaeger = spans.iter().find(|it| it["spanID"] == *span.id);
            let of_jaeger = of_jaeger.expect("Jaeger has each span");
            assert_eq!(of_jaeger["operationName"], *span.name);
            let process = &found["processes"][text(&of_jaeger["processID"])];
            assert_eq!(process["serviceName"], *span.service);
            let parent = &of_jaeger["references"][0]["spanID"];
            assert_eq!(parent.as_str(), span.parent.as_deref());
            let micros = |name: &str| of_jaeger[name].as_i64().expect("microseconds");
            differences.add(
                span,
                micros("startTime") * 1_000,
                micros("duration") * 1_000,
            );
        }
    }
    differences.assert_within_a_millisecond();
}

#[test]
fn with_the_id_of_the_parent_on_each_line_the_tree_has_the_same_shape() {
    for (exported, trace) in failing_requests(&[("LOG_PARENT_SPAN_ID", "true")]) {
        assert_is_the_request(&exported);
        let tree = Tree::with_raw_times(&trace);
        let drawn = drawn(&tree);
        assert_eq!(shape(&drawn), parents(&exported), "{:#?}", trace.lines());
        for span in &exported {
            let (_, found) = &drawn[&span.id];
            // No line is logged within the spans of clients, so these are known from the lines of the services that they call.
            let is_client = span.name == "POST";
            assert_eq!(found.timing() == Timing::Missing, is_client);
            let evidence = match &span.parent {
                None => Evidence::Unknown,
                Some(_) if is_client => Evidence::Containment,
                Some(_) => Evidence::ParentId,
            };
            assert_eq!(found.evidence(), evidence, "{}", span.name);
        }
    }
}
