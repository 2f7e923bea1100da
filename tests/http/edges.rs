//! Regressions: each of these cases was wrong once.

use super::{CALLER, SAMPLED, TRACE, attribute, captured, request, respond, serve, server_layer};
use axum::{
    Router,
    body::Body,
    routing::{any, get},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use tracing::{Dispatch, Instrument as _, info, info_span};
use tracing_stamp::http::*;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

fn provider() -> (SdkTracerProvider, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    (
        SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build(),
        exporter,
    )
}

fn unique(span: &SpanData) {
    let mut seen = BTreeMap::new();
    for kv in &span.attributes {
        *seen.entry(kv.key.as_str().to_owned()).or_insert(0) += 1;
    }
    let twice: Vec<_> = seen.into_iter().filter(|(_, n)| *n > 1).collect();
    assert!(
        twice.is_empty(),
        "duplicate attribute keys {twice:?} on {}",
        span.name
    );
}

#[test]
fn behind_reload_the_callers_trace_is_continued() {
    let (provider, exporter) = provider();
    let (layer, _h) = tracing_subscriber::reload::Layer::new(
        tracing_opentelemetry::layer().with_tracer(provider.tracer("t")),
    );
    let dispatch = Dispatch::new(Registry::default().with(layer));
    let app = Router::new()
        .route(
            "/orders/{order}",
            get(|| async {
                let mut headers = HeaderMap::new();
                inject(&mut headers);
                format!("{:?}", headers.get("traceparent"))
            }),
        )
        .layer(server_layer());
    let sent = tracing::dispatcher::with_default(&dispatch, || {
        super::block_on(respond(
            &app,
            request(&[("traceparent", SAMPLED), ("baggage", "a=1")]),
        ))
    });
    let sent = String::from_utf8(sent.into_body()).expect("valid UTF-8");
    let span = exporter
        .get_finished_spans()
        .expect("the exporter is running")
        .remove(0);
    assert_eq!(
        span.span_context.trace_id().to_string(),
        TRACE,
        "the exported span is in the caller's trace; sent on: {sent}"
    );
}

#[test]
fn a_public_endpoint_links_to_the_callers_trace_behind_reload_or_with_activation_off() {
    type Boxed = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;
    let (provider, exporter) = provider();
    let otel = || tracing_opentelemetry::layer().with_tracer(provider.tracer("t"));
    let (behind_reload, _handle) = tracing_subscriber::reload::Layer::new(otel());
    let inactive = otel().with_context_activation(false);
    for layer in [Box::new(behind_reload) as Boxed, Box::new(inactive)] {
        let dispatch = Dispatch::new(Registry::default().with(layer));
        let app = Router::new()
            .route("/orders/{order}", get(|| async { "x" }))
            .layer(server_layer().with_public_endpoint(true));
        tracing::dispatcher::with_default(&dispatch, || {
            super::block_on(respond(&app, request(&[("traceparent", SAMPLED)])))
        });
    }
    let spans = exporter
        .get_finished_spans()
        .expect("the exporter is running");
    assert_eq!(spans.len(), 2);
    for span in spans {
        assert_ne!(span.span_context.trace_id().to_string(), TRACE);
        let links = span.links.iter().map(|link| &link.span_context);
        let links: Vec<_> = links.map(|caller| caller.trace_id().to_string()).collect();
        assert_eq!(links, [TRACE]);
    }
}

#[test]
fn a_proxy_at_a_public_endpoint_does_not_forward_the_callers_trace_or_baggage() {
    let sent = Arc::new(Mutex::new(HeaderMap::new()));
    let to_record = sent.clone();
    let upstream = tower::service_fn(move |request: Request<Body>| {
        *to_record.lock().expect("no thread panics") = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let client = ClientLayer::new().layer(upstream);
    // The usual reverse proxy of axum: it sends the incoming request, with all its headers, to another address.
    let proxy = Router::new()
        .fallback(move |mut request: Request<Body>| {
            let client = client.clone();
            async move {
                *request.uri_mut() = "http://internal/".parse().expect("a valid value");
                client.oneshot(request).await.expect("a response")
            }
        })
        .layer(server_layer().with_public_endpoint(true));
    let (_, _) = captured(respond(
        &proxy,
        request(&[
            ("traceparent", SAMPLED),
            ("tracestate", "a=1"),
            ("baggage", "user=admin"),
        ]),
    ));
    let sent = sent.lock().expect("no thread panics");
    assert!(!sent["traceparent"].to_str().expect("ASCII").contains(TRACE));
    assert!(!sent.contains_key("tracestate"));
    assert_eq!(
        sent.get("baggage"),
        None,
        "baggage of an untrusted caller is forwarded"
    );
}

#[test]
fn a_host_that_is_not_allowed_gets_no_copied_trace_headers() {
    let sent = Arc::new(Mutex::new(HeaderMap::new()));
    let to_record = sent.clone();
    let upstream = tower::service_fn(move |request: Request<Body>| {
        *to_record.lock().expect("no thread panics") = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let client = ClientLayer::new()
        .with_allowed_hosts(["*.internal"])
        .layer(upstream);
    let (_, _) = captured(async {
        let request = Request::get("http://elsewhere.example/")
            .header("traceparent", SAMPLED)
            .header("baggage", "user=1")
            .body(Body::empty())
            .expect("a valid request");
        client.oneshot(request).await.expect("a response");
    });
    let sent = sent.lock().expect("no thread panics");
    assert_eq!(
        (sent.get("traceparent"), sent.get("baggage")),
        (None, None),
        "a host that is not allowed gets trace headers"
    );
}

pub(super) fn grpc_request(uri: &str) -> Request<Body> {
    Request::post(uri)
        .header("content-type", "application/grpc")
        .body(Body::empty())
        .expect("a valid request")
}

#[test]
fn a_grpc_call_with_an_http_503_response_is_an_error_of_the_client() {
    let upstream = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(
            Response::builder()
                .status(503)
                .header("content-type", "text/html")
                .body(Body::from("no upstream"))
                .expect("a valid request"),
        )
    });
    let client = ClientLayer::new().layer(upstream);
    let ((), seen) = captured(async {
        let response = client
            .oneshot(grpc_request("http://orders/a.B/C"))
            .await
            .expect("a response");
        response.into_body().collect().await.expect("no error");
    });
    let span = seen.span("a.B/C");
    assert_eq!(span.status, Status::error(""));
    assert!(attribute(span, "error.type").is_some());
}

#[test]
fn a_body_that_ends_without_a_grpc_status_is_an_error_of_the_client() {
    let upstream = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(
            Response::builder()
                .header("content-type", "application/grpc")
                .body(Body::from("xxxxx"))
                .expect("a valid request"),
        )
    });
    let client = ClientLayer::new().layer(upstream);
    let ((), seen) = captured(async {
        let response = client
            .oneshot(grpc_request("http://orders/a.B/C"))
            .await
            .expect("a response");
        response.into_body().collect().await.expect("no error");
    });
    let span = seen.span("a.B/C");
    assert_eq!(span.status, Status::error(""), "{:?}", span.attributes);
}
fn stream() -> Body {
    Body::from_stream(tokio_stream::iter([Ok::<_, Infallible>(
        Bytes::from_static(b"x"),
    )]))
}

#[test]
fn a_status_without_content_and_a_dropped_stream_is_not_an_error() {
    for (path, status) in [("/204", 204u16), ("/304", 304)] {
        let app = Router::new()
            .route("/204", get(|| async { (StatusCode::NO_CONTENT, stream()) }))
            .route(
                "/304",
                get(|| async { (StatusCode::NOT_MODIFIED, stream()) }),
            )
            .layer(server_layer().with_access_lines(true));
        let ((), seen) = captured(async {
            let address = serve(app).await;
            let response = ::reqwest::get(format!("http://{address}{path}"))
                .await
                .expect("no error");
            assert_eq!(response.status().as_u16(), status);
            response.bytes().await.expect("no error");
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
        let span = seen.span(&format!("GET {path}"));
        assert_eq!(
            (attribute(span, "error.type"), span.status.clone()),
            (None, Status::Unset),
            "{path}"
        );
    }
}

#[test]
fn an_empty_stream_with_status_304_is_not_an_error() {
    let app = Router::new()
        .route(
            "/304",
            get(|| async {
                (
                    StatusCode::NOT_MODIFIED,
                    Body::from_stream(tokio_stream::iter(Vec::<Result<Bytes, Infallible>>::new())),
                )
            }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        let address = serve(app).await;
        ::reqwest::get(format!("http://{address}/304"))
            .await
            .expect("no error")
            .bytes()
            .await
            .expect("no error");
        tokio::time::sleep(Duration::from_millis(20)).await;
    });
    assert_eq!(attribute(seen.span("GET /304"), "error.type"), None);
}

#[test]
fn a_panic_of_a_handler_is_not_recorded_as_cancelled() {
    let app = Router::new()
        .route(
            "/p",
            get(|| async {
                if true {
                    panic!("boom")
                }
            }),
        )
        .layer(server_layer().with_access_lines(true));
    let ((), seen) = captured(async {
        let task = tokio::spawn(
            app.oneshot(
                Request::get("/p")
                    .body(Body::empty())
                    .expect("a valid request"),
            ),
        );
        assert!(task.await.is_err());
    });
    assert_ne!(
        attribute(seen.span("GET /p"), "error.type").as_deref(),
        Some("cancelled")
    );
}

#[test]
fn a_service_that_panics_before_it_returns_a_future_has_an_access_line_and_an_error_status() {
    use tower::Service as _;
    fn panics(_: Request<Body>) -> std::future::Ready<Result<Response<Body>, Infallible>> {
        panic!("boom")
    }
    let server = server_layer().with_access_lines(true);
    let ((), seen) = captured(async {
        for request in [request(&[]), grpc_request("http://orders/a.B/C")] {
            let mut server = server.layer(tower::service_fn(panics));
            assert!(
                tokio::spawn(async move { server.call(request).await })
                    .await
                    .is_err()
            );
        }
        let mut client = ClientLayer::new().layer(tower::service_fn(panics));
        let request = Request::post("http://orders/").body(Body::empty());
        let request = request.expect("no error");
        assert!(
            tokio::spawn(async move { client.call(request).await })
                .await
                .is_err()
        );
    });
    for name in ["GET", "grpc", "POST"] {
        let span = seen.span(name);
        assert_eq!(span.status, Status::error(""), "{name}");
        assert_eq!(attribute(span, "error.type").as_deref(), Some("panic"));
    }
    let lines = seen.lines().iter();
    let lines = lines.filter(|line| line.message() == "request finished");
    let logged: Vec<_> = lines
        .map(|line| (line.get("error.type").cloned(), line.span_id()))
        .collect();
    let of = |name| {
        let id = seen.span(name).span_context.span_id();
        (Some("panic".into()), Some(id))
    };
    assert_eq!(logged, [of("GET"), of("grpc")]);
}

fn full() -> HeaderMap {
    let mut map = HeaderMap::new();
    let mut n = 0;
    while map
        .try_insert(
            HeaderName::try_from(format!("x-{n}")).expect("a valid name"),
            HeaderValue::from_static(""),
        )
        .is_ok()
    {
        n += 1
    }
    map
}

#[test]
fn a_full_header_map_does_not_panic_the_server() {
    let service = tower::service_fn(|_: Request<Body>| async {
        let mut r = Response::new(Body::empty());
        *r.headers_mut() = full();
        Ok::<_, Infallible>(r)
    });
    let server = server_layer().layer(service);
    captured(async {
        server
            .oneshot(
                Request::get("/")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error");
    });
}

#[test]
fn a_full_header_map_does_not_panic_the_client() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let client = ClientLayer::new().layer(service);
    captured(async {
        let mut r = Request::get("http://a/")
            .body(Body::empty())
            .expect("a valid request");
        *r.headers_mut() = full();
        client.oneshot(r).await.expect("a response");
    });
}
struct Vast;
impl bytes::Buf for Vast {
    fn remaining(&self) -> usize {
        usize::MAX
    }
    fn chunk(&self) -> &[u8] {
        b"x"
    }
    fn advance(&mut self, _: usize) {}
}
struct VastBody(u8);
impl http_body::Body for VastBody {
    type Data = Vast;
    type Error = Infallible;
    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Vast>, Infallible>>> {
        if self.0 == 0 {
            return std::task::Poll::Ready(None);
        }
        self.0 -= 1;
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Vast))))
    }
}

#[test]
fn the_byte_count_of_a_body_does_not_overflow() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(VastBody(2)))
    });
    let server = server_layer().layer(service);
    captured(async {
        let mut body = server
            .oneshot(
                Request::get("/")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error")
            .into_body();
        while body.frame().await.is_some() {}
    });
}

#[test]
fn the_path_in_a_nested_router_is_complete() {
    let inner = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(server_layer());
    let app = Router::new().nest("/api", inner);
    let (_, seen) = captured(respond(
        &app,
        Request::get("/api/orders/7")
            .body(Body::empty())
            .expect("a valid request"),
    ));
    let span = &seen.spans()[0];
    assert_eq!(
        (span.name.as_ref(), attribute(span, "url.path").as_deref()),
        ("GET /api/orders/{order}", Some("/api/orders/7"))
    );
}

#[test]
fn a_host_with_a_trailing_dot_is_allowed() {
    let sent = Arc::new(Mutex::new(HeaderMap::new()));
    let to_record = sent.clone();
    let upstream = tower::service_fn(move |request: Request<Body>| {
        *to_record.lock().expect("no thread panics") = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let client = ClientLayer::new()
        .with_allowed_hosts(["orders.internal."])
        .layer(upstream);
    captured(async {
        client
            .oneshot(
                Request::get("http://orders.internal./")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error");
    });
    assert!(
        sent.lock()
            .expect("no thread panics")
            .contains_key("traceparent")
    );
}
#[test]
fn a_nested_server_layer_is_a_child_of_the_outer_one() {
    let app = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(server_layer())
        .layer(server_layer());
    let (_, seen) = captured(respond(&app, request(&[("traceparent", SAMPLED)])));
    let parents: Vec<_> = seen
        .spans()
        .iter()
        .map(|s| s.parent_span_id.to_string())
        .collect();
    let ids: Vec<_> = seen
        .spans()
        .iter()
        .map(|s| s.span_context.span_id().to_string())
        .collect();
    assert!(
        parents.iter().any(|p| ids.contains(p)),
        "both are children of the caller {CALLER}: {parents:?}"
    );
}

#[test]
fn an_inner_layer_continues_the_new_trace_of_a_public_endpoint() {
    let inner = Router::new()
        .route(
            "/orders/{order}",
            get(|| async {
                info!("here");
                "x"
            }),
        )
        .layer(server_layer());
    let app = Router::new()
        .merge(inner)
        .layer(server_layer().with_public_endpoint(true));
    let (_, seen) = captured(respond(&app, request(&[("traceparent", SAMPLED)])));
    assert_ne!(
        seen.line("here").trace_id().expect("no error").to_string(),
        TRACE
    );
}

#[test]
fn server_timing_has_one_trace_metric() {
    let layer = || server_layer().with_response_header(ResponseHeader::ServerTiming);
    let app = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(layer())
        .layer(layer());
    let (response, _) = captured(respond(&app, request(&[])));
    let all: Vec<_> = response.headers().get_all("server-timing").iter().collect();
    assert_eq!(all.len(), 1, "{all:?}");
}
#[allow(dead_code)]
fn futures_and_bodies_are_send() {
    fn all<T: Send + Sync + Unpin>() {}
    all::<ResponseBody<String>>();
    all::<ResponseFuture<std::future::Ready<()>>>();
    all::<ServerService<()>>();
    all::<ClientService<()>>();
    all::<ServerLayer>();
    all::<ClientLayer>();
}

#[test]
fn with_activation_off_a_caller_with_baggage_alone_does_not_replace_the_parent() {
    let (provider, exporter) = provider();
    let dispatch = Dispatch::new(
        Registry::default().with(
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("t"))
                .with_context_activation(false),
        ),
    );
    let app = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(server_layer());
    tracing::dispatcher::with_default(&dispatch, || {
        super::block_on(
            respond(&app, request(&[("baggage", "a=1")])).instrument(info_span!("outer")),
        )
    });
    let spans = exporter
        .get_finished_spans()
        .expect("the exporter is running");
    assert_eq!(
        spans[0].span_context.trace_id(),
        spans[1].span_context.trace_id()
    );
}

#[test]
fn the_link_of_a_public_endpoint_has_no_tracestate() {
    let app = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(server_layer().with_public_endpoint(true));
    let big: Vec<String> = (0..32)
        .map(|n| format!("k{n}={}", "v".repeat(250)))
        .collect();
    let (_, seen) = captured(respond(
        &app,
        request(&[("traceparent", SAMPLED), ("tracestate", &big.join(","))]),
    ));
    let state = seen
        .span("GET /orders/{order}")
        .links
        .iter()
        .next()
        .expect("no error")
        .span_context
        .trace_state()
        .header();
    assert_eq!(
        state.len(),
        0,
        "{} bytes of the caller's tracestate are exported",
        state.len()
    );
}

#[test]
fn an_undefined_status_is_an_error_of_the_client() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(
            Response::builder()
                .status(999)
                .body(Body::empty())
                .expect("a valid request"),
        )
    });
    let client = ClientLayer::new().layer(service);
    let ((), seen) = captured(async {
        client
            .oneshot(
                Request::get("http://a/")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error");
    });
    assert_eq!(seen.span("GET").status, Status::error(""));
}

#[test]
fn a_grpc_call_that_the_client_drops_is_not_an_error_of_the_server_and_names_no_span() {
    let service = tower::service_fn(|_: Request<Body>| async {
        std::future::pending::<()>().await;
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let server = server_layer().layer(service);
    let ((), seen) = captured(async {
        let _ = tokio::time::timeout(
            Duration::from_millis(5),
            server.oneshot(grpc_request("http://orders/a.B/C")),
        )
        .await;
    });
    // gRPC has not responded, so nothing says that the method exists, and a caller cannot name a span by hanging up.
    let span = seen.span("grpc");
    assert_eq!(attribute(span, "rpc.method").as_deref(), Some("_OTHER"));
    assert_eq!(
        span.status,
        Status::Unset,
        "CANCELLED is none of a server's errors"
    );
    assert_eq!(
        attribute(span, "rpc.status_code").as_deref(),
        Some("CANCELLED")
    );
}

#[test]
fn a_body_that_is_dropped_after_its_last_byte_is_complete_and_has_one_access_line() {
    // As an outer layer does that has read all bytes and does not poll for the end.
    let app = Router::new()
        .route("/", get(|| async { ([("content-length", "3")], "abc") }))
        .layer(server_layer().with_access_lines(true));
    let ((), seen) = captured(async {
        let r = app
            .oneshot(
                Request::get("/")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error");
        let mut b = r.into_body();
        b.frame().await.expect("a frame").expect("no error");
        drop(b);
    });
    assert_eq!(attribute(seen.span("GET /"), "error.type"), None);
    assert_eq!(
        seen.lines()
            .iter()
            .filter(|l| l.message() == "request finished")
            .count(),
        1
    );
}
#[test]
fn a_request_that_upgrades_has_no_error() {
    let app = Router::new()
        .route(
            "/ws",
            get(|| async {
                (
                    StatusCode::SWITCHING_PROTOCOLS,
                    [("upgrade", "x"), ("connection", "upgrade")],
                    Body::empty(),
                )
            }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        drop(
            app.oneshot(
                Request::get("/ws")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error"),
        );
    });
    assert_eq!(attribute(seen.span("GET /ws"), "error.type"), None);
}

#[test]
fn debug_output_of_a_response_has_no_secrets() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(stream()))
    });
    let server = server_layer().with_access_lines(true).layer(service);
    let (output, _) = captured(async {
        let r = server
            .oneshot(request(&[
                ("traceparent", SAMPLED),
                ("baggage", "password=hunter2"),
                ("authorization", "Bearer abc"),
            ]))
            .await
            .expect("no error");
        format!("{:?}", r)
    });
    assert!(
        !output.contains("hunter2") && !output.contains("sig=secret"),
        "{output}"
    );
}

#[test]
fn debug_output_of_a_response_without_a_span_has_no_secrets() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(stream()))
    });
    let server = server_layer().with_access_lines(true).layer(service);
    let output = super::block_on(async {
        let r = server
            .oneshot(request(&[
                ("traceparent", SAMPLED),
                ("baggage", "password=hunter2"),
                ("authorization", "Bearer abc"),
            ]))
            .await
            .expect("no error");
        format!("{:?}", r)
    });
    assert!(
        !output.contains("hunter2") && !output.contains("sig=secret"),
        "{output}"
    );
}

#[test]
fn a_public_endpoint_forwards_no_trace_headers_if_nothing_records_spans() {
    let sent = Arc::new(Mutex::new(HeaderMap::new()));
    let to_record = sent.clone();
    let upstream = tower::service_fn(move |request: Request<Body>| {
        *to_record.lock().expect("no thread panics") = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let client = ClientLayer::new().layer(upstream);
    let proxy = Router::new()
        .fallback(move |mut request: Request<Body>| {
            let client = client.clone();
            async move {
                *request.uri_mut() = "http://internal/".parse().expect("a valid value");
                client.oneshot(request).await.expect("a response")
            }
        })
        .layer(server_layer().with_public_endpoint(true));
    super::block_on(respond(
        &proxy,
        request(&[
            ("traceparent", SAMPLED),
            ("tracestate", "a=1"),
            ("baggage", "user=admin"),
        ]),
    ));
    let sent = sent.lock().expect("no thread panics");
    assert_eq!(
        (
            sent.get("traceparent"),
            sent.get("tracestate"),
            sent.get("baggage")
        ),
        (None, None, None)
    );
}

#[test]
fn an_access_line_has_no_unknown_method() {
    let app = Router::new()
        .route(
            "/orders/{order}",
            any(|| async {
                info!("here");
                "x"
            }),
        )
        .layer(server_layer().with_access_lines(true));
    let (_, seen) = captured(respond(&app, {
        let mut r = request(&[]);
        *r.method_mut() = http::Method::from_bytes(b"BREW").expect("a valid method");
        r
    }));
    assert_eq!(
        seen.line("request finished").get("http.request.method"),
        Some(&"_OTHER".into())
    );
}

#[test]
fn a_content_type_does_not_let_a_caller_name_a_span_of_an_http_server() {
    let app = Router::new()
        .route(
            "/orders/{order}",
            any(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .layer(server_layer());
    let (_, seen) = captured(async {
        respond(&app, request(&[("content-type", "application/grpc")])).await;
        respond(
            &app,
            Request::post("/any/word/i/like/4711")
                .header("content-type", "application/grpc")
                .body(Body::empty())
                .expect("a valid request"),
        )
        .await;
    });
    let all: Vec<_> = seen
        .spans()
        .iter()
        .map(|s| {
            (
                s.name.to_string(),
                s.status.clone(),
                attribute(s, "http.response.status_code"),
            )
        })
        .collect();
    assert!(!all.iter().any(|(n, ..)| n.contains("4711")));
    assert_eq!(
        all[0],
        ("grpc".to_owned(), Status::error(""), Some("500".to_owned()))
    );
    assert_eq!(all[1].1, Status::Unset, "404 is not an error of a server");
}

#[test]
fn a_host_header_does_not_allow_another_host() {
    let sent = Arc::new(Mutex::new(HeaderMap::new()));
    let to_record = sent.clone();
    // The inner service sends the request to an address of its own, as tonic's channel does.
    let upstream = tower::service_fn(move |mut request: Request<Body>| {
        *request.uri_mut() = "http://partner.example/".parse().expect("a valid value");
        *to_record.lock().expect("no thread panics") = request.headers().clone();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let client = ClientLayer::new()
        .with_allowed_hosts(["orders.internal"])
        .layer(upstream);
    captured(async {
        client
            .oneshot(
                Request::get("/")
                    .header("host", "orders.internal")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error");
    });
    assert!(
        !sent
            .lock()
            .expect("no thread panics")
            .contains_key("traceparent")
    );
}

#[test]
fn baggage_with_optional_whitespace_is_kept_if_it_fits_without_the_whitespace() {
    use opentelemetry::propagation::TextMapPropagator as _;
    use tracing_stamp::w3c::*;
    let members: Vec<String> = (0..64)
        .map(|n| format!("k{n:02}={}", "v".repeat(123)))
        .collect();
    let sent = members.join(",");
    assert!(sent.len() <= 8192, "{}", sent.len());
    let received = members.join(" , ");
    let headers = std::collections::HashMap::from([("baggage".to_owned(), received.clone())]);
    let c = BaggagePropagator::new().extract(&headers);
    let mut out = std::collections::HashMap::new();
    BaggagePropagator::new().inject_context(&c, &mut out);
    assert_eq!(out["baggage"], sent);
}

#[test]
fn attribute_keys_of_a_failed_and_dropped_response_are_unique() {
    let app = Router::new()
        .route(
            "/",
            get(|| async { (StatusCode::SERVICE_UNAVAILABLE, stream()) }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        drop(
            app.oneshot(
                Request::get("/")
                    .body(Body::empty())
                    .expect("a valid request"),
            )
            .await
            .expect("no error"),
        );
    });
    unique(seen.span("GET /"));
}

#[test]
fn attribute_keys_of_an_unimplemented_grpc_call_are_unique() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(
            Response::builder()
                .header("grpc-status", "12")
                .body(Body::empty())
                .expect("a valid request"),
        )
    });
    let server = server_layer().layer(service);
    let ((), seen) = captured(async {
        server
            .oneshot(grpc_request("http://orders/a.B/C"))
            .await
            .expect("a response");
    });
    unique(seen.span("grpc"));
}

#[test]
fn attribute_keys_of_a_plain_request_are_unique() {
    let app = Router::new()
        .route("/orders/{order}", get(|| async { "x" }))
        .layer(server_layer());
    let (_, seen) = captured(respond(&app, request(&[])));
    unique(seen.span("GET /orders/{order}"));
}

#[test]
fn a_bare_hyper_server_serves_within_the_callers_trace() {
    use hyper_util::{rt::TokioIo, service::TowerToHyperService};
    let ((), seen) = captured(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("a bound address");
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a client connects");
            let response = tower::service_fn(|_: Request<hyper::body::Incoming>| async {
                info!("served");
                Ok::<_, Infallible>(Response::new(Body::from("response")))
            });
            let service = TowerToHyperService::new(server_layer().layer(response));
            let server = hyper::server::conn::http1::Builder::new();
            server
                .serve_connection(TokioIo::new(stream), service)
                .await
                .expect("it is served");
        });
        let request = ::reqwest::Client::new().get(format!("http://{address}/"));
        let response = request.header("traceparent", SAMPLED).send().await;
        let text = response.expect("a response").text().await.expect("text");
        assert_eq!(text, "response");
    });
    let span = seen.span("GET");
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id.to_string(), CALLER);
    assert_eq!(
        seen.line("served").span_id(),
        Some(span.span_context.span_id())
    );
    assert_eq!(attribute(span, "error.type"), None);
}
