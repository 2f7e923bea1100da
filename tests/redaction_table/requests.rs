//! Requests that are served and sent: their access lines, and their spans.

use super::{
    all_rules,
    case::{Case, component, form, table},
    exported::{provider, take_texts},
    faults::Faults,
    support::{Line, Lines},
};
use http::{Request, Response};
use opentelemetry_sdk::trace::InMemorySpanExporter;
use serde_json::Value;
use std::{
    convert::Infallible,
    pin::pin,
    task::{Context, Poll, Waker},
};
use tower::{ServiceExt as _, service_fn};
use tower_layer::Layer as _;
use tracing_stamp::{
    http::{ClientLayer, ServerLayer},
    setup::setup,
};

type Body = http_body_util::Empty<&'static [u8]>;

/// Runs a future that waits for nothing.
fn run<T>(work: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(work).poll(&mut context) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

async fn respond(_: Request<impl Sized>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::new()))
}

fn serve(url: &str) {
    let layer = ServerLayer::new().with_access_lines(true);
    let request = Request::get(url).body(Body::new()).expect("a valid URL");
    let response = run(layer.layer(service_fn(respond)).oneshot(request));
    drop(response.expect("it is infallible"));
}

fn send(url: &str) {
    let request = Request::get(url).body(Body::new()).expect("a valid URL");
    let response = run(ClientLayer::new()
        .layer(service_fn(respond))
        .oneshot(request));
    drop(response.expect("it is infallible"));
}

/// Returns a URL of a case, unless it cannot have a URL of this kind.
type Url = fn(&Case) -> Option<String>;

/// The places of a URL in which a text can be.
const PLACES: [(&str, Url); 5] = [
    ("parameter", |case| {
        let (key, text) = (component(&case.key), component(&case.text));
        Some(format!("/a?n=1&{key}={text}&page=2"))
    }),
    ("first parameter", |case| {
        let (key, text) = (component(&case.key), component(&case.text));
        Some(format!("/a?{key}={text}"))
    }),
    ("parameter of a form", |case| {
        let (key, text) = (form(&case.key), form(&case.text));
        Some(format!("/a?n=1&{key}={text}&page=2"))
    }),
    ("query", |case| {
        let (_, query) = case.text.split_once('?')?;
        let is_request = case.is_secret() && case.text.starts_with("GET ");
        is_request.then(|| format!("/a?{}", query.trim_end_matches(" 200")))
    }),
    ("path", |case| {
        Some(format!("/a/{}", component(&case.sentence())))
    }),
];

const VARYING: [&str; 3] = ["timestamp", "trace_id", "span_id"];

/// Takes the texts of all lines, without times and ids, since these may have any digits.
fn take_values(lines: &Lines) -> Vec<String> {
    let text = lines.text();
    lines.clear();
    let values = text.lines().flat_map(|line| Line::parse(line).0);
    let values = values.filter_map(|(key, value)| match value {
        Value::String(text) if !VARYING.contains(&key.as_str()) => Some(text),
        _ => None,
    });
    values.collect()
}

#[test]
fn no_secret_is_left_of_a_url_on_access_lines_and_spans_and_no_look_alike_is_harmed() {
    let (exporter, lines) = (InMemorySpanExporter::default(), Lines::default());
    let (dispatch, guard) = setup()
        .with_filter("trace")
        .with_tracer_provider(provider(&exporter))
        .with_redaction(all_rules())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone())
        .build()
        .expect("the set-up is valid");
    let mut faults = Faults::default();
    tracing::dispatcher::with_default(&dispatch, || {
        for (place, url) in PLACES {
            for case in table() {
                let Some(url) = url(case) else {
                    continue;
                };
                serve(&url);
                for (out, texts) in [
                    ("access line", take_values(&lines)),
                    ("span of a server", take_texts(&exporter)),
                ] {
                    let raw = texts.join("\n");
                    let place = format!("{place}, {out}");
                    faults.add(case, &place, case.fault(&raw, &texts), &raw);
                }
                send(&format!("https://shop.example{url}"));
                let texts = take_texts(&exporter);
                let raw = texts.join("\n");
                let place = format!("{place}, span of a client");
                faults.add(case, &place, case.fault(&raw, &texts), &raw);
            }
        }
    });
    drop(guard);
    faults.assert_none(3 * (PLACES.len() - 1) * table().len());
}
