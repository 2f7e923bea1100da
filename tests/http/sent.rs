//! What is sent, and what its span says.

use super::{TRACE, attribute, captured, serve};
use axum::{
    Router,
    body::Body,
    extract::Request,
    routing::{any, get},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use reqwest_middleware::{ClientBuilder, Middleware, Next};
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};
use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};
use tower::ServiceExt as _;
use tracing::{Instrument as _, info_span};
use tracing_stamp::http::{
    ClientLayer,
    reqwest::{SendTraced as _, TraceMiddleware, stay_within},
};

/// What a server was sent.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<HeaderMap>>>);

impl Sent {
    fn router(&self) -> Router {
        let sent = self.clone();
        let answer = move |request: Request| {
            let path = request.uri().path().to_owned();
            sent.0
                .lock()
                .expect("no panic")
                .push(request.headers().clone());
            let tries = sent.0.lock().expect("no panic").len();
            async move {
                match path.as_str() {
                    "/missing" => StatusCode::NOT_FOUND,
                    "/busy" if tries < 3 => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::OK,
                }
            }
        };
        Router::new().fallback(any(answer))
    }

    fn headers(&self) -> Vec<HeaderMap> {
        self.0.lock().expect("no panic").clone()
    }

    fn parents(&self) -> Vec<Option<String>> {
        let parent = |headers: &HeaderMap| {
            headers
                .get("traceparent")
                .map(|value| value.to_str().expect("text").to_owned())
        };
        self.headers().iter().map(parent).collect()
    }
}

fn header_of(span: &SpanData) -> Option<String> {
    let context = &span.span_context;
    Some(format!(
        "00-{}-{}-03",
        context.trace_id(),
        context.span_id()
    ))
}

fn hyper_client() -> impl tower::Service<
    http::Request<Body>,
    Response = http::Response<impl http_body::Body<Error: std::fmt::Debug>>,
    Error: std::fmt::Debug,
> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    tower_layer::Layer::layer(&ClientLayer::new(), client)
}

fn post(address: SocketAddr, path: &str) -> http::Request<Body> {
    http::Request::post(format!("http://user:pass@{address}{path}"))
        .body(Body::empty())
        .expect("a request")
}

#[test]
fn the_outgoing_parent_id_equals_the_client_spans_id() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        let call = async {
            let answer = hyper_client()
                .oneshot(post(address, "/charges?sig=1"))
                .await
                .expect("an answer");
            answer.into_body().collect().await.expect("whole");
        };
        call.instrument(info_span!("checkout")).await;
    });
    let (client, checkout) = (seen.span("POST"), seen.span("checkout"));
    assert_eq!(sent.parents(), [header_of(client)]);
    assert_eq!(client.parent_span_id, checkout.span_context.span_id());
    assert_eq!(client.span_kind, SpanKind::Client);
    assert_eq!(
        attribute(client, "server.address").as_deref(),
        Some("127.0.0.1")
    );
    let url = attribute(client, "url.full").expect("it is there");
    assert!(
        url.starts_with("http://REDACTED:REDACTED@127.0.0.1:")
            && url.ends_with("/charges?sig=REDACTED"),
        "{url}"
    );
    assert!(attribute(client, "server.port").is_some());
}

#[test]
fn reqwest_sends_the_same_by_helper_and_by_middleware() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        let client = reqwest::Client::new();
        client
            .get(format!("http://{address}/one"))
            .send_traced()
            .await
            .expect("an answer");
        let client = ClientBuilder::new(client)
            .with(TraceMiddleware::default())
            .build();
        client
            .delete(format!("http://{address}/two"))
            .send()
            .await
            .expect("an answer");
    });
    assert_eq!(
        sent.parents(),
        [header_of(seen.span("GET")), header_of(seen.span("DELETE"))]
    );
    assert_eq!(seen.span("GET").span_kind, SpanKind::Client);
    assert_eq!(
        attribute(seen.span("GET"), "http.response.status_code").as_deref(),
        Some("200")
    );
}

#[test]
fn a_refusal_is_an_error_of_the_client() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        hyper_client()
            .oneshot(post(address, "/missing"))
            .await
            .expect("an answer");
        reqwest::Client::new()
            .get(format!("http://{address}/missing"))
            .send_traced()
            .await
            .expect("an answer");
    });
    for name in ["POST", "GET"] {
        assert_eq!(seen.span(name).status, Status::error(""), "{name}");
        assert_eq!(
            attribute(seen.span(name), "error.type").as_deref(),
            Some("404"),
            "{name}"
        );
    }
}

#[test]
fn an_answer_that_does_not_come_is_named_by_its_error() {
    let ((), seen) = captured(async {
        let nobody: SocketAddr = ([127, 0, 0, 1], 1).into();
        assert!(hyper_client().oneshot(post(nobody, "/")).await.is_err());
        assert!(
            reqwest::Client::new()
                .get("http://127.0.0.1:1/")
                .send_traced()
                .await
                .is_err()
        );
    });
    for (name, error) in [("POST", "::Error"), ("GET", "reqwest::error::Error")] {
        let found = attribute(seen.span(name), "error.type").unwrap_or_default();
        assert!(found.ends_with(error), "{found}");
        assert_eq!(seen.span(name).status, Status::error(""));
    }
}

#[test]
fn a_request_that_the_caller_gives_up_is_no_error() {
    let ((), seen) = captured(async {
        let address = serve(Router::new().route("/", get(std::future::pending::<()>))).await;
        let request = reqwest::Client::new()
            .get(format!("http://{address}/"))
            .send_traced();
        let _ = tokio::time::timeout(Duration::from_millis(20), request).await;
    });
    assert_eq!(seen.span("GET").status, Status::Unset);
    assert_eq!(attribute(seen.span("GET"), "error.type"), None);
}

/// Says when it is dropped, as a body and as whatever else.
struct Said(&'static str);

impl Drop for Said {
    fn drop(&mut self) {
        tracing::info!("{} is dropped", self.0);
    }
}

impl http_body::Body for Said {
    type Data = axum::body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Infallible>>> {
        Poll::Pending
    }
}

/// A middleware behind which nothing comes.
struct Hangs;

#[async_trait::async_trait]
impl Middleware for Hangs {
    async fn handle(
        &self,
        _: reqwest::Request,
        _: &mut http::Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let _said = Said("what waits");
        std::future::pending().await
    }
}

#[test]
fn a_request_that_is_given_up_is_taken_down_within_its_span() {
    let ((), seen) = captured(async {
        let client = reqwest::Client::new();
        let body = reqwest::Body::wrap(Said("what was not sent"));
        drop(client.post("http://orders/").body(body).send_traced());
        let client = ClientBuilder::new(client)
            .with(TraceMiddleware::default())
            .with(Hangs)
            .build();
        let waiting = client.get("http://orders/").send();
        let _ = tokio::time::timeout(Duration::from_millis(5), waiting).await;
    });
    for (message, name) in [
        ("what was not sent is dropped", "POST"),
        ("what waits is dropped", "GET"),
    ] {
        let own = seen.span(name).span_context.span_id();
        assert_eq!(seen.line(message).span_id(), Some(own), "{message}");
    }
}

#[test]
fn each_retry_has_its_span_and_its_header() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        let retry = ExponentialBackoff::builder()
            .retry_bounds(Duration::from_millis(1), Duration::from_millis(2))
            .build_with_max_retries(5);
        let client = ClientBuilder::new(reqwest::Client::new())
            .with(RetryTransientMiddleware::new_with_policy(retry))
            .with(TraceMiddleware::default())
            .build();
        let answer = client
            .get(format!("http://{address}/busy"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
    });
    let sent_by: Vec<_> = seen.spans().iter().map(header_of).collect();
    assert_eq!(sent.parents(), sent_by);
    let counts: Vec<_> = seen
        .spans()
        .iter()
        .map(|span| attribute(span, "http.request.resend_count"))
        .collect();
    assert_eq!(counts, [None, Some("1".to_owned()), Some("2".to_owned())]);
}

#[test]
fn another_request_with_the_same_extensions_was_not_sent_before() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        let client = ClientBuilder::new(reqwest::Client::new())
            .with(TraceMiddleware::default())
            .build();
        let mut extensions = http::Extensions::new();
        for (method, path) in [
            (Method::GET, "a"),
            (Method::GET, "a"),
            (Method::GET, "b"),
            (Method::HEAD, "b"),
            (Method::GET, "a?page=2"),
            (Method::GET, "a?page=2"),
        ] {
            let url = format!("http://{address}/{path}");
            let request = client.request(method, url).build().expect("right");
            let answer = client.execute_with_extensions(request, &mut extensions);
            answer.await.expect("an answer");
        }
    });
    let spans = seen.spans().iter();
    let counts: Vec<_> = spans
        .map(|span| attribute(span, "http.request.resend_count"))
        .collect();
    let once = Some("1".to_owned());
    assert_eq!(counts, [None, once.clone(), None, None, None, once]);
}

#[test]
fn headers_go_to_allowed_hosts_alone() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        for (hosts, is_sent) in [
            (vec!["127.0.0.1"], true),
            (vec!["*.internal", "127.0.0.1"], true),
            (vec!["orders.internal"], false),
            (vec!["*"], false),
            (vec![], false),
        ] {
            let ours = ClientLayer::new().with_allowed_hosts(hosts.clone());
            reqwest::Client::new()
                .get(format!("http://{address}/"))
                .send_traced_by(&ours)
                .await
                .expect("an answer");
            let last = sent.parents().pop().flatten();
            assert_eq!(last.is_some(), is_sent, "{hosts:?}");
            ClientBuilder::new(reqwest::Client::new())
                .with(TraceMiddleware::new(ours))
                .build()
                .get(format!("http://{address}/"))
                .send()
                .await
                .expect("an answer");
            let last = sent.parents().pop().flatten();
            assert_eq!(last.is_some(), is_sent, "{hosts:?}, by the middleware");
        }
    });
    assert_eq!(seen.spans().len(), 10, "each has a span");
}

#[test]
fn redirects_can_be_kept_within_the_allowed_hosts() {
    let (here, there) = (Sent::default(), Sent::default());
    let ((), _) = captured(async {
        let other = serve(there.router()).await;
        let elsewhere = format!("http://localhost:{}/", other.port());
        let redirect = move || {
            let elsewhere = elsewhere.clone();
            async move { axum::response::Redirect::temporary(&elsewhere) }
        };
        let router = here.router().route("/redirect", get(redirect));
        let address = serve(router).await;
        let client = reqwest::Client::builder()
            .redirect(stay_within(["127.0.0.1"]))
            .build()
            .expect("a client");
        let answer = client
            .get(format!("http://{address}/redirect"))
            .send_traced()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(there.headers().len(), 0);
        // As reqwest does it by itself, the headers go along.
        let answer = reqwest::Client::new()
            .get(format!("http://{address}/redirect"))
            .send_traced()
            .await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        assert!(there.parents()[0].is_some());
    });
}

#[test]
fn ten_redirects_are_followed_and_no_more() {
    let ((), _) = captured(async {
        let next = |axum::extract::Path(left): axum::extract::Path<u32>| async move {
            match left {
                0 => Ok("there"),
                left => Err(axum::response::Redirect::temporary(&format!(
                    "/{}",
                    left - 1
                ))),
            }
        };
        let address = serve(axum::Router::new().route("/{left}", get(next))).await;
        let client = reqwest::Client::builder()
            .redirect(stay_within(["127.0.0.1"]))
            .build()
            .expect("a client");
        let ask = |left: u32| client.get(format!("http://{address}/{left}")).send_traced();
        let answer = ask(10).await.expect("ten are right");
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(ask(11).await.expect_err("eleven are not").is_redirect());
    });
}

#[test]
fn a_proxy_that_copies_headers_sends_no_foreign_tracestate() {
    let sent = Sent::default();
    let ((), _) = captured(async {
        let address = serve(sent.router()).await;
        let mut request = post(address, "/");
        request
            .headers_mut()
            .insert("traceparent", HeaderValue::from_static(super::SAMPLED));
        request
            .headers_mut()
            .insert("tracestate", HeaderValue::from_static("foo=1"));
        hyper_client().oneshot(request).await.expect("an answer");
    });
    assert!(
        !sent.parents()[0]
            .as_ref()
            .expect("it is sent")
            .contains(TRACE)
    );
    assert!(!sent.headers()[0].contains_key("tracestate"));
}

#[test]
fn without_a_trace_nothing_is_sent_and_nothing_is_removed() {
    let sent = Sent::default();
    // Outside of any subscriber there are no spans.
    super::filtered::block_on(async {
        let address = serve(sent.router()).await;
        let mut request = post(address, "/");
        request
            .headers_mut()
            .insert("traceparent", HeaderValue::from_static(super::SAMPLED));
        hyper_client().oneshot(request).await.expect("an answer");
        reqwest::Client::new()
            .get(format!("http://{address}/"))
            .send_traced()
            .await
            .expect("an answer");
    });
    assert_eq!(sent.parents(), [Some(super::SAMPLED.to_owned()), None]);
}

#[test]
fn an_outer_redirect_or_retry_layer_gives_each_attempt_its_span() {
    let tries = AtomicUsize::new(0);
    let parents = Mutex::new(Vec::new());
    let flaky = tower::service_fn(|request: http::Request<String>| {
        parents
            .lock()
            .expect("no panic")
            .push(request.headers()["traceparent"].clone());
        let tries = tries.fetch_add(1, Relaxed);
        async move {
            let status = if tries == 0 { 503 } else { 200 };
            http::Response::builder().status(status).body(String::new())
        }
    });
    let ((), seen) = captured(async {
        let mut client = tower_layer::Layer::layer(&ClientLayer::new(), flaky);
        for _ in 0..2 {
            let request = http::Request::get("http://orders/")
                .body(String::new())
                .expect("a request");
            tower::Service::call(&mut client, request)
                .await
                .expect("an answer");
        }
    });
    let sent: Vec<_> = seen
        .spans()
        .iter()
        .map(|span| header_of(span).expect("some"))
        .collect();
    assert_eq!(*parents.lock().expect("no panic"), sent);
    assert!(
        seen.spans()
            .iter()
            .all(|span| span.parent_span_id == SpanId::INVALID)
    );
}

#[test]
fn with_a_parent_set_late_line_exported_span_and_outgoing_header_carry_one_trace_id() {
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let (sent, seen) = captured(async {
        let mut caller = HeaderMap::new();
        caller.insert("traceparent", HeaderValue::from_static(super::SAMPLED));
        let span = info_span!("handler");
        // Lines, before the parent is known: outside of the span, and on its behalf.
        tracing::info!("it begins");
        tracing::info!(parent: &span, "it has a span");
        span.set_parent(tracing_stamp::http::extract(&caller))
            .expect("logging has not started the span");
        span.in_scope(|| {
            tracing::info!("it is served");
            let mut sent = HeaderMap::new();
            tracing_stamp::http::inject(&mut sent);
            sent
        })
    });
    let span = seen.span("handler");
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    let line = seen.line("it is served");
    assert_eq!(line.trace_id(), Some(span.span_context.trace_id()));
    assert_eq!(line.span_id(), Some(span.span_context.span_id()));
    let header = sent["traceparent"].to_str().expect("text");
    assert_eq!(
        header,
        format!("00-{TRACE}-{}-01", span.span_context.span_id())
    );
}
