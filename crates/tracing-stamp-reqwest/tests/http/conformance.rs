//! A service for the W3C's conformance tests of Trace Context, with the layers of this crate and real connections. The body of a request
//! lists the addresses to call, and the service calls them.
//!
//! The cases below are those of the W3C's harness, rewritten in Rust, with headers sent as bytes. The harness itself needs a checkout of
//! `github.com/w3c/trace-context`, named by `W3C_TRACE_CONTEXT`, and Python with `aiohttp`.

use super::serve;
use axum::{
    Json, Router,
    extract::Request,
    http::HeaderMap,
    routing::{any, post},
};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::Deserialize;
use serde_json::Value;
use std::{
    env,
    net::SocketAddr,
    process::Command,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tracing::{Dispatch, instrument::WithSubscriber as _};
use tracing_stamp::http::ServerLayer;
use tracing_stamp_reqwest::SendTraced as _;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

#[derive(Deserialize)]
struct Call {
    url: String,
    arguments: Value,
}

fn service() -> Router {
    let call_all = |Json(calls): Json<Vec<Call>>| async move {
        let client = reqwest::Client::new();
        for call in calls {
            let request = client.post(call.url).json(&call.arguments);
            request.send_traced().await.expect("the harness responds");
        }
        Json(Value::Null)
    };
    Router::new()
        .route("/test", post(call_all))
        .layer(ServerLayer::new())
}

/// Returns a dispatcher that records spans. Each task sets it, so that there is no global subscriber.
fn dispatch() -> Dispatch {
    let provider = SdkTracerProvider::builder().build();
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    Dispatch::new(Registry::default().with(spans))
}

/// Sends headers unchanged, and returns the headers of each call that the service makes.
async fn calls_of(service: SocketAddr, headers: &[(&str, &str)], calls: usize) -> Vec<HeaderMap> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to_record = Arc::clone(&seen);
    let harness = serve(Router::new().fallback(any(move |request: Request| {
        to_record
            .lock()
            .expect("no thread panics")
            .push(request.headers().clone());
        async {}
    })))
    .await;
    let call = serde_json::json!({ "url": format!("http://{harness}/"), "arguments": [] });
    let body = serde_json::to_string(&vec![call; calls]).expect("JSON");
    let mut request = format!(
        "POST /test HTTP/1.1\r\nhost: {service}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(service)
        .await
        .expect("a client connects");
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .await
        .expect("it is sent");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("a response");
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let seen = std::mem::take(&mut *seen.lock().expect("no thread panics"));
    assert_eq!(seen.len(), calls);
    seen
}

const TRACE: &str = "12345678901234567890123456789012";
const OK: &str = "00-12345678901234567890123456789012-1234567890123456-00";

/// Returns whether the service continued the trace, and the `tracestate` that it sent.
async fn case(service: SocketAddr, headers: &[(&str, &str)]) -> (bool, String) {
    let sent = calls_of(service, headers, 1).await.remove(0);
    let parents: Vec<_> = sent.get_all("traceparent").iter().collect();
    let [parent] = parents.as_slice() else {
        panic!("{parents:?}")
    };
    let parent = parent.to_str().expect("ASCII");
    let ids = tracing_stamp::TraceContext::from_traceparent(parent).expect("a valid traceparent");
    assert_ne!(ids.span_id().to_string(), "1234567890123456");
    let lists: Vec<_> = sent
        .get_all("tracestate")
        .iter()
        .map(|list| list.to_str().expect("ASCII"))
        .collect();
    assert!(lists.len() < 2 && !lists.contains(&""), "{lists:?}");
    (ids.trace_id().to_string() == TRACE, lists.join(","))
}

fn on_runtime(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let dispatch = dispatch();
    tracing::dispatcher::with_default(&dispatch, || {
        runtime
            .expect("the runtime starts")
            .block_on(work.with_subscriber(dispatch.clone()));
    });
}

use std::future::Future;

#[test]
fn only_a_valid_traceparent_is_continued() {
    let long = format!("{OK}.");
    let more = format!("{OK}-what-the-future-will-be-like");
    on_runtime(async {
        let service = serve(service()).await;
        for (headers, continues) in [
            (vec![], false),
            (vec![("traceparent", OK)], true),
            (vec![("TraceParent", OK)], true),
            (vec![("TRACEPARENT", OK)], true),
            (vec![("trace-parent", OK)], false),
            (vec![("trace.parent", OK)], false),
            (vec![("traceparent", OK), ("traceparent", OK)], false),
            (vec![("traceparent", OK), ("traceparent", "\u{fc}")], false),
            (
                vec![(
                    "traceparent",
                    "\t 00-12345678901234567890123456789012-1234567890123456-01 \t",
                )],
                true,
            ),
            (vec![("traceparent", &long)], false),
            (vec![("traceparent", &more)], false),
            (
                vec![(
                    "traceparent",
                    "cc-12345678901234567890123456789012-1234567890123456-01",
                )],
                true,
            ),
            (
                vec![(
                    "traceparent",
                    "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
                )],
                true,
            ),
            (
                vec![(
                    "traceparent",
                    "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "ff-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    ".0-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "0.-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "000-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "0000-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "0-12345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-00000000000000000000000000000000-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-.2345678901234567890123456789012-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-1234567890123456789012345678901.-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-123456789012345678901234567890123-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-1234567890123456789012345678901-1234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-0000000000000000-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-.234567890123456-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-12345678901234567-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-123456789012345-01",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-1234567890123456-.0",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-1234567890123456-0.",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-1234567890123456-001",
                )],
                false,
            ),
            (
                vec![(
                    "traceparent",
                    "00-12345678901234567890123456789012-1234567890123456-1",
                )],
                false,
            ),
        ] {
            let (continued, list) = case(service, &headers).await;
            assert_eq!((continued, list.as_str()), (continues, ""), "{headers:?}");
        }
    });
}

#[test]
fn only_a_valid_tracestate_is_sent_on() {
    let full: Vec<String> = (0..32).map(|n| format!("bar{n:02}={n:02}")).collect();
    let full = full.join(",");
    let key = format!("{}=1", "z".repeat(256));
    let vendor = format!("{}@{}=1", "t".repeat(241), "v".repeat(14));
    let too_long = format!("{}=1", "z".repeat(257));
    let values: String = (' '..='~').filter(|c| *c != ',' && *c != '=').collect();
    let values = format!("a-z0-9_*/=@-foo={values}").replacen("=@", "@", 1);
    on_runtime(async {
        let service = serve(service()).await;
        assert_eq!(
            case(service, &[("tracestate", "foo=1")]).await,
            (false, String::new())
        );
        for (lines, sent) in [
            (vec!["foo=1,bar=2"], "foo=1,bar=2"),
            (vec![""], ""),
            (vec!["foo=1", ""], "foo=1"),
            (vec!["", "foo=1"], "foo=1"),
            (
                vec!["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
                "foo=1,bar=2,rojo=1,congo=2,baz=3",
            ),
            (vec!["foo=1,foo=1"], "foo=1,foo=1"),
            (vec!["foo=1", "foo=2"], "foo=1,foo=2"),
            (vec![&values], &values),
            (vec!["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
            (
                vec!["foo=1\t \t,\t \tbar=2,\t \tbaz=3"],
                "foo=1,bar=2,baz=3",
            ),
            (vec!["\t foo=1 \t"], "foo=1"),
            (vec!["foo =1"], ""),
            (vec!["FOO=1"], ""),
            (vec!["foo.bar=1"], ""),
            (vec!["foo@=1,bar=2"], "foo@=1,bar=2"),
            (vec!["foo@@bar=1,bar=2"], "foo@@bar=1,bar=2"),
            (vec!["foo@bar@baz=1,bar=2"], "foo@bar@baz=1,bar=2"),
            (vec!["@foo=1,bar=2"], ""),
            (vec![&full], &full),
            (vec![&full, "bar32=32"], ""),
            (vec![&key], &key),
            (vec![&vendor], &vendor),
            (vec!["foo=1", &too_long], ""),
            (vec!["foo=bar=baz"], ""),
            (vec!["foo=,bar=3"], ""),
            (vec!["0a=1"], "0a=1"),
        ] {
            let mut headers = vec![("traceparent", OK)];
            headers.extend(lines.iter().map(|line| ("TraceState", *line)));
            let (continued, list) = case(service, &headers).await;
            assert_eq!((continued, list.as_str()), (true, sent), "{lines:?}");
        }
    });
}

#[test]
fn each_of_several_calls_has_a_parent_of_its_own() {
    on_runtime(async {
        let service = serve(service()).await;
        for headers in [
            vec![("traceparent", OK)],
            vec![],
            vec![(
                "traceparent",
                "00-00000000000000000000000000000000-1234567890123456-01",
            )],
        ] {
            let sent = calls_of(service, &headers, 3).await;
            let ids = |range: std::ops::Range<usize>| {
                let part = |headers: &HeaderMap| {
                    headers["traceparent"].to_str().expect("ASCII")[range.clone()].to_owned()
                };
                sent.iter()
                    .map(part)
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!((ids(3..35).len(), ids(36..52).len()), (1, 3), "{headers:?}");
        }
    });
}

#[test]
fn the_random_flag_is_passed_on() {
    on_runtime(async {
        let service = serve(service()).await;
        for (received, sent) in [("02", "03"), ("03", "03"), ("00", "01"), ("01", "01")] {
            let headers = [(
                "traceparent",
                &*format!("00-{TRACE}-1234567890123456-{received}"),
            )];
            let headers = calls_of(service, &headers, 1).await.remove(0);
            // The parent-based sampler does not sample a trace that the caller has not sampled.
            let sampled = if received.ends_with(['1', '3']) {
                sent
            } else {
                received
            };
            assert!(
                headers["traceparent"]
                    .to_str()
                    .expect("ASCII")
                    .ends_with(sampled),
                "{received}: {headers:?}"
            );
        }
    });
}

#[test]
#[ignore = "needs a checkout of github.com/w3c/trace-context, and Python with aiohttp: see the module"]
fn the_w3cs_own_harness_passes() {
    let checkout = env::var("W3C_TRACE_CONTEXT")
        .expect("W3C_TRACE_CONTEXT names a checkout of w3c/trace-context");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    tracing::dispatcher::set_global_default(dispatch()).expect("no other subscriber is installed");
    let address = runtime.block_on(serve(service()));
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port is free");
    let output = Command::new("python3")
        .arg("test.py")
        .arg(format!("http://{address}/test"))
        .current_dir(std::path::Path::new(&checkout).join("test"))
        .envs([
            ("STRICT_LEVEL", "2"),
            ("SPEC_LEVEL", "2"),
            ("HARNESS_PORT", &free.port().to_string()),
        ])
        .output()
        .expect("python3");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.contains("Ran 41 tests") && !stderr.contains("skipped"),
        "{stderr}"
    );
}
