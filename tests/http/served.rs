//! Spans of served requests: their parents, attributes and ends.

use super::{CALLER, SAMPLED, TRACE, attribute, captured, request, respond, serve, server_layer};
use axum::{
    Router,
    body::Body,
    routing::{any, get},
};
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt as _;
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{Link, SpanKind, Status, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample};
use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use tracing::info;
use tracing_stamp::http::{ResponseHeader, ServerLayer};

fn shop(layer: ServerLayer) -> Router {
    Router::new()
        .route(
            "/orders/{order}",
            any(|| async {
                info!("order found");
                "shipped"
            }),
        )
        .route("/fails", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/refuses", get(|| async { StatusCode::NOT_FOUND }))
        .layer(layer)
}

fn get_of(path: &str) -> Request<Body> {
    Request::get(path)
        .body(Body::empty())
        .expect("a valid request")
}

#[test]
fn a_request_is_a_span_of_its_callers_trace() {
    let (_, seen) = captured(respond(
        &shop(server_layer()),
        request(&[("traceparent", SAMPLED)]),
    ));
    let span = seen.span("GET /orders/{order}");
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id.to_string(), CALLER);
    assert!(span.parent_span_is_remote);
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(span.status, Status::Unset);
    let line = seen.line("order found");
    assert_eq!(line.span_id(), Some(span.span_context.span_id()));
    assert_eq!(line.trace_id(), Some(span.span_context.trace_id()));
    seen.assert_ids_agree();
}

#[test]
fn a_servers_span_has_the_attributes_of_the_conventions() {
    let request = || {
        let mut request = request(&[("user-agent", "curl/8")]);
        request
            .extensions_mut()
            .insert(tracing_stamp::http::Peer(([192, 0, 2, 1], 40_000).into()));
        request
    };
    let (_, seen) = captured(respond(&shop(server_layer()), request()));
    let span = seen.span("GET /orders/{order}");
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/orders/{order}"),
        ("url.path", "/orders/7"),
        ("url.query", "sig=REDACTED&page=2"),
        ("url.scheme", "http"),
        ("server.address", "shop.example"),
        ("server.port", "8080"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "curl/8"),
        ("http.response.status_code", "200"),
        ("client.address", "192.0.2.1"),
        ("network.peer.address", "192.0.2.1"),
        ("network.peer.port", "40000"),
    ] {
        assert_eq!(attribute(span, key).as_deref(), Some(value), "{key}");
    }
    for key in ["error.type", "http.request.method_original"] {
        assert_eq!(attribute(span, key), None, "{key}");
    }
}

#[test]
fn a_status_is_exported_as_a_number() {
    let (_, seen) = captured(respond(&shop(server_layer()), request(&[])));
    let span = seen.span("GET /orders/{order}");
    let status = span
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == "http.response.status_code");
    assert_eq!(
        status.map(|status| &status.value),
        Some(&Value::I64(200)),
        "OpenTelemetry's layer turns an unsigned integer into a string"
    );
}

#[test]
fn a_host_is_split_into_address_and_port_in_every_form() {
    for (host, address, port) in [
        ("shop", Some("shop"), None),
        ("shop.example.:80", Some("shop.example."), Some("80")),
        ("192.0.2.1:8080", Some("192.0.2.1"), Some("8080")),
        ("[2001:db8::1]", Some("2001:db8::1"), None),
        ("[2001:db8::1]:8080", Some("2001:db8::1"), Some("8080")),
        ("my_shop:8080", Some("my_shop"), Some("8080")),
        ("guest@shop:8080", Some("shop"), Some("8080")),
        ("shop:", Some("shop"), None),
        ("shop:65536", Some("shop"), None),
        ("shop:+80", Some("shop"), Some("80")),
        ("two shops", None, None),
        ("", None, None),
    ] {
        let request = Request::get("/orders/7").header("host", host);
        let request = request.body(Body::empty()).expect("a valid request");
        let (_, seen) = captured(respond(&shop(server_layer()), request));
        let span = seen.span("GET /orders/{order}");
        let of = |key| attribute(span, key);
        assert_eq!(of("server.address").as_deref(), address, "{host:?}");
        assert_eq!(of("server.port").as_deref(), port, "{host:?}");
    }
}

#[test]
fn lines_within_a_request_have_method_route_and_path_but_no_otel_fields() {
    let (_, seen) = captured(respond(&shop(server_layer()), request(&[])));
    let line = seen.line("order found");
    assert_eq!(line.get("http.request.method"), Some(&"GET".into()));
    assert_eq!(line.get("http.route"), Some(&"/orders/{order}".into()));
    assert_eq!(line.get("url.path"), Some(&"/orders/7".into()));
    // The name under which the span is exported.
    assert_eq!(line.get("span_name"), Some(&"GET /orders/{order}".into()));
    for key in ["otel.kind", "otel.name", "url.query", "user_agent.original"] {
        assert_eq!(line.get(key), None, "{key}");
    }
}

#[test]
fn a_5xx_status_is_an_error_of_the_server_and_a_4xx_status_is_not() {
    let (_, seen) = captured(async {
        respond(&shop(server_layer()), get_of("/fails")).await;
        respond(&shop(server_layer()), get_of("/refuses")).await;
    });
    let failed = seen.span("GET /fails");
    assert_eq!(failed.status, Status::error(""));
    assert_eq!(attribute(failed, "error.type").as_deref(), Some("503"));
    let refused = seen.span("GET /refuses");
    assert_eq!(refused.status, Status::Unset);
    assert_eq!(attribute(refused, "error.type"), None);
    assert_eq!(
        attribute(refused, "http.response.status_code").as_deref(),
        Some("404")
    );
}

#[test]
fn an_unknown_method_and_an_unmatched_path_name_no_span() {
    let (_, seen) = captured(async {
        let mut odd = request(&[]);
        *odd.method_mut() = Method::from_bytes(b"BREW").expect("a valid method");
        respond(&shop(server_layer()), odd).await;
        respond(&shop(server_layer()), get_of("/nowhere/at/all")).await;
        let mut known = request(&[]);
        *known.method_mut() = Method::from_bytes(b"BREW").expect("a valid method");
        respond(&shop(server_layer().with_known_methods(["BREW"])), known).await;
    });
    let odd = seen.span("HTTP /orders/{order}");
    assert_eq!(
        attribute(odd, "http.request.method").as_deref(),
        Some("_OTHER")
    );
    assert_eq!(
        attribute(odd, "http.request.method_original").as_deref(),
        Some("BREW")
    );
    let nowhere = seen.span("GET");
    assert_eq!(attribute(nowhere, "http.route"), None);
    let known = seen.span("BREW /orders/{order}");
    assert_eq!(attribute(known, "http.request.method_original"), None);
}

#[test]
fn secret_parameters_can_be_chosen() {
    let layer = server_layer().with_secret_parameters(["page"]);
    let (_, seen) = captured(respond(&shop(layer), request(&[])));
    let query = attribute(seen.span("GET /orders/{order}"), "url.query");
    assert_eq!(query.as_deref(), Some("sig=secret&page=REDACTED"));
}

#[test]
fn a_response_names_the_servers_span_and_nothing_else_of_the_trace() {
    let headers = [
        ("traceparent", SAMPLED),
        ("tracestate", "foo=1"),
        ("baggage", "user=1"),
    ];
    for (choice, name, before) in [
        (ResponseHeader::TraceResponse, "traceresponse", ""),
        (ResponseHeader::ServerTiming, "server-timing", "trace;desc="),
    ] {
        let layer = server_layer().with_response_header(choice);
        let (response, seen) = captured(respond(&shop(layer), request(&headers)));
        let own = seen.span("GET /orders/{order}").span_context.span_id();
        assert_eq!(
            response.headers()[name],
            format!("{before}00-{TRACE}-{own}-01")
        );
        for other in ["traceparent", "tracestate", "baggage"] {
            assert!(!response.headers().contains_key(other), "{other}");
        }
    }
    let layer = server_layer().with_response_header(ResponseHeader::Off);
    let (response, _) = captured(respond(&shop(layer), request(&headers)));
    assert!(!response.headers().contains_key("traceresponse"));
    assert!(!response.headers().contains_key("server-timing"));
}

#[test]
fn the_random_flag_of_a_response_is_the_callers_or_that_of_the_ids_generated_here() {
    let flags = |layer: ServerLayer, headers: &[(&str, &str)]| {
        let (response, _) = captured(respond(&shop(layer), request(headers)));
        let header = response.headers()["traceresponse"].to_str().expect("ASCII");
        header[53..].to_owned()
    };
    for (received, sent) in [("00", "01"), ("01", "01"), ("02", "03"), ("03", "03")] {
        let caller = format!("00-{TRACE}-{CALLER}-{received}");
        let headers = [("traceparent", caller.as_str())];
        assert_eq!(flags(server_layer(), &headers), sent, "{received}");
    }
    assert_eq!(flags(server_layer(), &[]), "03");
    assert_eq!(
        flags(server_layer().with_random_trace_ids(false), &[]),
        "01"
    );
}

#[test]
fn lines_of_an_unsampled_request_have_its_ids() {
    let setup = tracing_stamp::setup().with_filter("info");
    let headers = [(
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
    )];
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_sampler(opentelemetry_sdk::trace::Sampler::ParentBased(Box::new(
            opentelemetry_sdk::trace::Sampler::AlwaysOn,
        )))
        .build();
    // `capture_with` has a provider that samples everything, so this test uses another one.
    let lines = super::filtered::lines_of(setup.with_tracer_provider(provider), || {
        super::block_on(respond(&shop(server_layer()), request(&headers)));
    });
    let line = lines
        .iter()
        .find(|line| line["message"] == "order found")
        .expect("the line is logged");
    assert_eq!(line["trace_id"], TRACE);
    assert_eq!(line["trace_flags"], "00");
    assert_ne!(line["span_id"], CALLER);
}

#[test]
fn a_public_endpoint_begins_a_new_trace_that_is_linked_to_the_callers() {
    let layer = server_layer().with_public_endpoint(true);
    let headers = [
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("tracestate", "foo=1"),
        ("baggage", "user=1"),
    ];
    let app = Router::new()
        .route(
            "/orders/{order}",
            get(|| async {
                let mut headers = http::HeaderMap::new();
                tracing_stamp::http::inject(&mut headers);
                info!("order found");
                format!("{headers:?}")
            }),
        )
        .layer(layer);
    let (response, seen) = captured(respond(&app, request(&headers)));
    let span = seen.span("GET /orders/{order}");
    assert_ne!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    let links: Vec<_> = span
        .links
        .iter()
        .map(|link| link.span_context.span_id().to_string())
        .collect();
    assert_eq!(links, [CALLER]);
    let passed_on = String::from_utf8(response.into_body()).expect("valid UTF-8");
    assert!(passed_on.contains("traceparent"), "{passed_on}");
    for theirs in ["tracestate", "baggage", TRACE, CALLER] {
        assert!(!passed_on.contains(theirs), "{theirs} in {passed_on}");
    }
    assert_eq!(
        seen.line("order found").trace_id(),
        Some(span.span_context.trace_id())
    );
}

/// Sampler that samples a span if it is linked to a sampled one.
#[derive(Clone, Debug)]
struct ByLinks;

impl ShouldSample for ByLinks {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let is_sampled = |link: &Link| link.span_context.is_sampled();
        SamplingResult {
            decision: if links.iter().any(is_sampled) {
                SamplingDecision::RecordAndSample
            } else {
                SamplingDecision::Drop
            },
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

#[test]
fn at_a_public_endpoint_a_sampler_does_not_see_the_link_to_the_caller() {
    let provider = SdkTracerProvider::builder().with_sampler(ByLinks).build();
    let setup = tracing_stamp::setup()
        .with_filter("info")
        .with_tracer_provider(provider);
    let lines = super::filtered::lines_of(setup, || {
        super::block_on(respond(
            &shop(server_layer().with_public_endpoint(true)),
            request(&[("traceparent", SAMPLED)]),
        ));
    });
    let mut lines = lines.iter();
    let found = lines.find(|line| line["message"] == "order found");
    assert_eq!(found.expect("the line is logged")["trace_flags"], "00");
}

#[test]
fn at_a_public_endpoint_a_caller_cannot_have_its_trace_sampled() {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_sampler(opentelemetry_sdk::trace::Sampler::ParentBased(Box::new(
            opentelemetry_sdk::trace::Sampler::AlwaysOff,
        )))
        .build();
    let setup = tracing_stamp::setup()
        .with_filter("info")
        .with_tracer_provider(provider);
    let headers = [("traceparent", SAMPLED)];
    let lines = super::filtered::lines_of(setup, || {
        super::block_on(respond(
            &shop(server_layer().with_public_endpoint(true)),
            request(&headers),
        ));
        super::block_on(respond(&shop(server_layer()), request(&headers)));
    });
    let flags: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "order found")
        .map(|line| line["trace_flags"].clone())
        .collect();
    assert_eq!(flags, ["00", "01"]);
}

#[test]
fn whether_an_endpoint_is_public_can_depend_on_the_request() {
    let layer = || {
        server_layer()
            .with_public_endpoint_by(|request| !request.headers.contains_key("x-internal"))
    };
    let (_, seen) = captured(async {
        respond(
            &shop(layer()),
            request(&[("traceparent", SAMPLED), ("x-internal", "1")]),
        )
        .await;
        respond(&shop(layer()), request(&[("traceparent", SAMPLED)])).await;
    });
    let continued = |span: &opentelemetry_sdk::trace::SpanData| {
        span.span_context.trace_id().to_string() == TRACE
    };
    assert_eq!(
        seen.spans().iter().map(continued).collect::<Vec<_>>(),
        [true, false]
    );
}

/// A body that logs, and ends when the test says so.
struct Slow {
    ends: oneshot::Receiver<()>,
    left: u32,
}

impl http_body::Body for Slow {
    type Data = axum::body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
        if self.left > 0 {
            self.left -= 1;
            info!("a frame is sent");
            return std::task::Poll::Ready(Some(Ok(Frame::data("x".into()))));
        }
        std::future::Future::poll(std::pin::Pin::new(&mut self.ends), context).map(|_| None)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        info!("the body is dropped");
    }
}

/// Returns a service that responds once with such a body, and the channel that ends the body.
fn slow(left: u32) -> (Router, oneshot::Sender<()>) {
    let (end, ends) = oneshot::channel();
    let body = Arc::new(Mutex::new(Some(Slow { ends, left })));
    let response = move || {
        let body = body
            .lock()
            .expect("no thread panics")
            .take()
            .expect("one request");
        async move { axum::response::Response::new(Body::new(body)) }
    };
    let app = Router::new().route("/", get(response));
    (app.layer(server_layer()), end)
}

#[test]
fn a_servers_span_ends_with_the_last_byte_of_the_response() {
    let ((), seen) = captured(async {
        let (app, end) = slow(2);
        let response = app
            .oneshot(get_of("/"))
            .await
            .expect("the service is infallible");
        info!("the head is there");
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = end.send(());
        });
        let body = axum::body::to_bytes(response.into_body(), 100)
            .await
            .expect("the body is complete");
        assert_eq!(body.len(), 2);
        info!("all is read");
    });
    let span = seen.span("GET /");
    let duration = span
        .end_time
        .duration_since(span.start_time)
        .expect("the clock has advanced");
    assert!(duration >= Duration::from_millis(20), "{duration:?}");
    let own = Some(span.span_context.span_id());
    let frames: Vec<_> = seen
        .lines()
        .iter()
        .filter(|line| line.message() == "a frame is sent")
        .collect();
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|line| line.span_id() == own));
    assert_eq!(seen.line("the head is there").span_id(), None);
    assert_eq!(span.status, Status::Unset);
}

#[test]
fn a_response_that_is_dropped_before_its_end_has_the_error_body_dropped() {
    let ((), seen) = captured(async {
        let (app, _end) = slow(5);
        let mut body = app
            .oneshot(get_of("/"))
            .await
            .expect("the service is infallible")
            .into_body();
        body.frame().await.expect("a frame").expect("no error");
        drop(body);
    });
    let span = seen.span("GET /");
    assert_eq!(
        attribute(span, "error.type").as_deref(),
        Some("body_dropped")
    );
    assert_eq!(span.status, Status::error(""));
    assert_eq!(
        seen.line("the body is dropped").span_id(),
        Some(span.span_context.span_id())
    );
}

#[test]
fn a_response_to_head_has_no_body_to_drop() {
    let ((), seen) = captured(async {
        let app = shop(server_layer());
        let request = Request::head("/orders/7")
            .body(Body::empty())
            .expect("a valid request");
        drop(
            app.oneshot(request)
                .await
                .expect("the service is infallible"),
        );
    });
    assert_eq!(
        attribute(seen.span("HEAD /orders/{order}"), "error.type"),
        None
    );
}

#[test]
fn a_cancelled_request_has_an_error_and_its_last_lines_have_its_ids() {
    struct LogOnDrop;
    impl Drop for LogOnDrop {
        fn drop(&mut self) {
            info!("handler dropped");
        }
    }
    let app = Router::new()
        .route(
            "/",
            get(|| async {
                let _on_drop = LogOnDrop;
                std::future::pending::<()>().await;
            }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        let request = app.oneshot(get_of("/"));
        let _ = tokio::time::timeout(Duration::from_millis(5), request).await;
    });
    let span = seen.span("GET /");
    assert_eq!(attribute(span, "error.type").as_deref(), Some("cancelled"));
    assert_eq!(
        seen.line("handler dropped").span_id(),
        Some(span.span_context.span_id())
    );
}

#[test]
fn a_failed_service_sets_error_type_to_the_type_of_its_error() {
    #[derive(Debug)]
    struct Broken;
    let service =
        tower::service_fn(|_: Request<Body>| async { Err::<http::Response<Body>, Broken>(Broken) });
    let ((), seen) = captured(async {
        let service = tower_layer::Layer::layer(&server_layer(), service);
        assert!(service.oneshot(get_of("/")).await.is_err());
    });
    let span = seen.span("GET");
    let error = attribute(span, "error.type").expect("it failed");
    assert!(error.ends_with("::Broken"), "{error}");
    assert_eq!(attribute(span, "http.response.status_code"), None);
}

#[test]
fn an_access_line_has_every_field_exactly_once() {
    let layer = server_layer().with_access_lines(true);
    let ((), seen) = captured(async {
        let address = serve(shop(layer)).await;
        let url = format!("http://{address}/orders/7?sig=secret&page=2");
        let client = reqwest::Client::builder()
            .user_agent("test")
            .build()
            .expect("the client can be built");
        let response = client
            .get(url)
            .header("traceparent", SAMPLED)
            .send()
            .await
            .expect("a response");
        assert_eq!(response.text().await.expect("text"), "shipped");
    });
    let line = seen.line("request finished");
    for (key, value) in [
        ("target", "tracing_stamp::http::access"),
        ("http.request.method", "GET"),
        ("http.route", "/orders/{order}"),
        ("url.path", "/orders/7"),
        ("url.query", "sig=REDACTED&page=2"),
        ("client.address", "127.0.0.1"),
        ("server.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "test"),
    ] {
        assert_eq!(line.get(key), Some(&value.into()), "{key}");
    }
    assert_eq!(line.get("http.response.status_code"), Some(&200.into()));
    assert_eq!(line.get("http.response.body.size"), Some(&7.into()));
    assert!(
        line.get("http.server.request.duration")
            .and_then(|seconds| seconds.as_f64())
            .is_some_and(|seconds| seconds > 0.0)
    );
    assert_eq!(line.get("error.type"), None);
    assert_eq!(
        line.span_id(),
        Some(seen.span("GET /orders/{order}").span_context.span_id())
    );
}

#[test]
fn failed_and_cancelled_requests_have_an_access_line() {
    let layer = || server_layer().with_access_lines(true);
    let ((), seen) = captured(async {
        respond(&shop(layer()), get_of("/fails")).await;
        let app = Router::new()
            .route("/hangs", get(std::future::pending::<()>))
            .layer(layer());
        let _ = tokio::time::timeout(Duration::from_millis(5), app.oneshot(get_of("/hangs"))).await;
    });
    let of = |path: &str| {
        seen.lines()
            .iter()
            .find(|line| line.get("url.path") == Some(&path.into()))
            .expect("its line")
    };
    assert_eq!(of("/fails").get("error.type"), Some(&"503".into()));
    assert_eq!(of("/hangs").get("error.type"), Some(&"cancelled".into()));
    assert_eq!(of("/hangs").get("http.response.status_code"), None);
}

#[test]
fn what_a_router_knows_is_read_once_for_each_request_and_outside_its_span() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    let reads = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&reads);
    let layer = tracing_stamp::http::ServerLayer::new()
        .with_access_lines(true)
        .with_route(move |_| {
            tracing::info!("the route is read");
            count.fetch_add(1, Relaxed);
            Some("/orders/{order}")
        });
    let (_, seen) =
        captured(async { respond(&shop(layer), request(&[("traceparent", SAMPLED)])).await });
    assert_eq!(reads.load(Relaxed), 1);
    assert_eq!(seen.line("the route is read").trace_id(), None);
}
