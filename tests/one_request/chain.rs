//! One request through three services, among others that run at the same time.

use super::{
    service::{KEY, NAME, OUTLASTS, Service, TOKEN},
    support::Line,
};
use axum::body::Body;
use http::Request;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};
use tracing::Level;
use tracing_stamp::trace_level::Key;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The messages of a request at DEBUG, in order, from each service.
const AT_DEBUG: [&str; 4] = [
    "debug of tracing",
    "debug of log",
    "debug after the next service",
    "served",
];

type Headers = Vec<(&'static str, String)>;

fn key() -> Key {
    Key::new(KEY).expect("it is long enough")
}

fn token(level: Level, seconds: u64) -> Headers {
    let expires = SystemTime::now() + Duration::from_secs(seconds);
    vec![(TOKEN, key().sign(level, expires))]
}

/// The requests that the services must treat like any other, by name.
fn refused() -> Vec<(&'static str, Headers)> {
    let valid = token(Level::DEBUG, 60).remove(0).1;
    let forged = Key::new(KEY.to_uppercase()).expect("it is long enough");
    let soon = SystemTime::now() + Duration::from_secs(60);
    let before = SystemTime::now() - Duration::from_secs(1);
    vec![
        ("plain", Vec::new()),
        ("forged", vec![(TOKEN, forged.sign(Level::DEBUG, soon))]),
        ("raised", vec![(TOKEN, valid.replace("debug", "trace"))]),
        ("expired", vec![(TOKEN, key().sign(Level::DEBUG, before))]),
        ("too long", token(Level::DEBUG, 25 * 60 * 60)),
        ("malformed", vec![(TOKEN, "debug".to_owned())]),
        ("twice", vec![(TOKEN, valid.clone()), (TOKEN, valid)]),
        ("unknown", vec![("baggage", "log.level=loud".to_owned())]),
    ]
}

/// Sends requests through three services at once, and returns the lines of each request by service. The request named `slow` ends after all
/// others.
fn send(
    is_public: bool,
    variables: &[(&str, &str)],
    slow: Headers,
    others: Vec<(&'static str, Headers)>,
) -> BTreeMap<String, [Vec<Line>; 3]> {
    let third = Service::start(None, false, variables);
    let second = Service::start(Some(third.address), false, variables);
    let first = Service::start(Some(second.address), is_public, variables);

    let others_number = others.len();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let url = format!("http://{}/", first.address);
        let send = |name: &str, headers: Headers, outlasts: bool| {
            let mut request = Request::get(&url).header(NAME, name);
            if outlasts {
                request = request.header(OUTLASTS, others_number);
            }
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let request = request.body(Body::empty()).expect("a valid request");
            tokio::spawn(client.request(request))
        };
        let slow = send("slow", slow, true);
        let others: Vec<_> = others
            .into_iter()
            .map(|(name, headers)| send(name, headers, false))
            .collect();
        for sent in others.into_iter().chain([slow]) {
            let response = sent.await.expect("no panic").expect("a response");
            assert_eq!(response.status(), 200);
        }
    });

    let mut lines = BTreeMap::<String, [Vec<Line>; 3]>::new();
    let mut verbose_traces = BTreeSet::new();
    for (at, service) in [first, second, third].into_iter().enumerate() {
        for line in service.end() {
            if line.get("level") != "INFO" {
                verbose_traces.insert(line.get("trace_id").to_string());
            }
            // Lines of the HTTP client have another target.
            if line.get("target") != "one_request::service" {
                continue;
            }
            let name = line.get("name").as_str().expect("a name").to_owned();
            lines.entry(name).or_default()[at].push(line);
        }
    }
    assert!(verbose_traces.len() <= 1, "{verbose_traces:?}");
    lines
}

fn messages(lines: &[Line]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line.get("message").as_str().expect("text"))
        .collect()
}

/// Checks that a request has these messages in each service, in one trace, and returns the trace's id.
#[track_caller]
fn assert_messages(name: &str, services: &[Vec<Line>; 3], expected: &[&str]) -> String {
    for lines in services {
        assert_eq!(messages(lines), expected, "{name}");
    }
    let traces: BTreeSet<_> = services
        .iter()
        .flatten()
        .map(|line| line.ids().expect("the line has ids").0)
        .collect();
    assert_eq!(traces.len(), 1, "{name}");
    traces.into_iter().next().expect("one trace")
}

#[track_caller]
fn assert_only_one_is_verbose(
    is_public: bool,
    variables: &[(&str, &str)],
    slow: Headers,
) -> String {
    let mut others = refused();
    if is_public {
        others.push(("baggage", vec![("baggage", "log.level=debug".to_owned())]));
    }
    let lines = send(is_public, variables, slow, others.clone());
    assert_eq!(lines.len(), others.len() + 1);
    for (name, services) in &lines {
        if name != "slow" {
            for lines in services {
                assert_eq!(messages(lines), ["served"], "{name}");
            }
        }
    }
    assert_messages("slow", &lines["slow"], &AT_DEBUG)
}

#[test]
fn a_token_brings_the_debug_lines_of_one_request_from_all_services_and_of_no_other() {
    assert_only_one_is_verbose(false, &[], token(Level::DEBUG, 60));
}

#[test]
fn a_public_endpoint_accepts_a_token_and_ignores_baggage() {
    assert_only_one_is_verbose(true, &[], token(Level::DEBUG, 60));
}

#[test]
fn the_baggage_of_a_trusted_caller_sets_the_level_of_its_trace() {
    let mut headers = vec![("baggage", "log.level=DEBUG,customer=1017".to_owned())];
    headers.push(("traceparent", TRACEPARENT.to_owned()));
    let trace = assert_only_one_is_verbose(false, &[], headers);
    assert_eq!(trace, TRACE);
}

#[test]
fn a_trace_that_nothing_records_can_have_a_level() {
    let mut headers = token(Level::DEBUG, 60);
    headers.push(("traceparent", TRACEPARENT.to_owned()));
    let disabled = [("OTEL_SDK_DISABLED", "true")];
    let lines = send(false, &disabled, headers, vec![("plain", Vec::new())]);
    let trace = assert_messages("slow", &lines["slow"], &AT_DEBUG);
    assert_eq!(trace, TRACE);
    for service in &lines["plain"] {
        assert_eq!(messages(service), ["served"]);
    }
}

#[test]
fn a_token_sets_the_level_that_it_names() {
    let lines = send(true, &[], token(Level::TRACE, 60), Vec::new());
    let expected = [
        "debug of tracing",
        "debug of log",
        "trace of tracing",
        "debug after the next service",
        "served",
    ];
    assert_messages("slow", &lines["slow"], &expected);
}

#[test]
fn without_a_key_no_token_is_valid() {
    let without_key = [("LOG_LEVEL_KEY", "")];
    let lines = send(true, &without_key, token(Level::DEBUG, 60), Vec::new());
    for service in &lines["slow"] {
        assert_eq!(messages(service), ["served"]);
    }
}
