//! Requests that are sent: their headers and spans.

use super::{SAMPLED, Sent, attribute, captured, header_of, hyper_client, post, serve};
use axum::{
    Router,
    routing::{any, get},
};
use http::{HeaderValue, Method, StatusCode};
use opentelemetry::trace::{SpanKind, Status};
use reqwest_middleware::{ClientBuilder, Middleware, Next};
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};
use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tower::ServiceExt as _;
use tracing::{Instrument as _, info_span};
use tracing_stamp::http::ClientLayer;
use tracing_stamp_reqwest::{SendTraced as _, TraceMiddleware, redirect_policy};

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
            .expect("a response");
        let client = ClientBuilder::new(client)
            .with(TraceMiddleware::default())
            .build();
        client
            .delete(format!("http://{address}/two"))
            .send()
            .await
            .expect("a response");
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
            .expect("a response");
        reqwest::Client::new()
            .get(format!("http://{address}/missing"))
            .send_traced()
            .await
            .expect("a response");
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
fn a_failed_request_sets_error_type_to_the_type_of_its_error() {
    let ((), seen) = captured(async {
        let unused: SocketAddr = ([127, 0, 0, 1], 1).into();
        assert!(hyper_client().oneshot(post(unused, "/")).await.is_err());
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
fn a_request_that_the_caller_drops_is_not_an_error() {
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

/// Logs a line when it is dropped. Also a body that never ends.
struct LogOnDrop(&'static str);

impl Drop for LogOnDrop {
    fn drop(&mut self) {
        tracing::info!("{} is dropped", self.0);
    }
}

impl http_body::Body for LogOnDrop {
    type Data = axum::body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Infallible>>> {
        Poll::Pending
    }
}

/// A middleware that never responds.
struct Hangs;

#[async_trait::async_trait]
impl Middleware for Hangs {
    async fn handle(
        &self,
        _: reqwest::Request,
        _: &mut http::Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let _on_drop = LogOnDrop("the waiting middleware");
        std::future::pending().await
    }
}

#[test]
fn a_dropped_request_is_dropped_within_its_span() {
    let ((), seen) = captured(async {
        let client = reqwest::Client::new();
        let body = reqwest::Body::wrap(LogOnDrop("the unsent body"));
        drop(client.post("http://orders/").body(body).send_traced());
        let client = ClientBuilder::new(client)
            .with(TraceMiddleware::default())
            .with(Hangs)
            .build();
        let waiting = client.get("http://orders/").send();
        let _ = tokio::time::timeout(Duration::from_millis(5), waiting).await;
    });
    for (message, name) in [
        ("the unsent body is dropped", "POST"),
        ("the waiting middleware is dropped", "GET"),
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
        let response = client
            .get(format!("http://{address}/busy"))
            .send()
            .await
            .expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
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
fn another_request_with_the_same_extensions_does_not_count_as_a_resend() {
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
            let request = client.request(method, url).build().expect("no error");
            let response = client.execute_with_extensions(request, &mut extensions);
            response.await.expect("a response");
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
fn only_allowed_hosts_get_headers() {
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
                .send_traced_with(&ours)
                .await
                .expect("a response");
            let last = sent.parents().pop().flatten();
            assert_eq!(last.is_some(), is_sent, "{hosts:?}");
            ClientBuilder::new(reqwest::Client::new())
                .with(TraceMiddleware::new(ours))
                .build()
                .get(format!("http://{address}/"))
                .send()
                .await
                .expect("a response");
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
            .redirect(redirect_policy(["127.0.0.1"]))
            .build()
            .expect("the client can be built");
        let response = client
            .get(format!("http://{address}/redirect"))
            .send_traced()
            .await
            .expect("a response");
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(there.headers().len(), 0);
        // reqwest's own policy sends the headers to the new host too.
        let response = reqwest::Client::new()
            .get(format!("http://{address}/redirect"))
            .send_traced()
            .await;
        assert_eq!(response.expect("a response").status(), StatusCode::OK);
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
            .redirect(redirect_policy(["127.0.0.1"]))
            .build()
            .expect("the client can be built");
        let ask = |left: u32| client.get(format!("http://{address}/{left}")).send_traced();
        let response = ask(10).await.expect("ten redirects are followed");
        assert_eq!(response.status(), StatusCode::OK);
        assert!(ask(11).await.expect_err("eleven are not").is_redirect());
    });
}

#[test]
fn without_a_trace_no_header_is_sent_and_none_is_removed() {
    let sent = Sent::default();
    // Without a subscriber there are no spans.
    super::block_on(async {
        let address = serve(sent.router()).await;
        let mut request = post(address, "/");
        request
            .headers_mut()
            .insert("traceparent", HeaderValue::from_static(SAMPLED));
        hyper_client().oneshot(request).await.expect("a response");
        reqwest::Client::new()
            .get(format!("http://{address}/"))
            .send_traced()
            .await
            .expect("a response");
    });
    assert_eq!(sent.parents(), [Some(SAMPLED.to_owned()), None]);
}

#[test]
fn redirects_within_an_allowed_ipv6_address_are_followed() {
    let ((), _) = captured(async {
        let listener = tokio::net::TcpListener::bind("[::1]:0").await.expect("v6");
        let address = listener.local_addr().expect("no error");
        let app = Router::new()
            .route(
                "/",
                get(|| async { axum::response::Redirect::temporary("/there") }),
            )
            .route("/there", get(|| async { "there" }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = reqwest::Client::builder()
            .redirect(redirect_policy(["::1", "[::1]"]))
            .build()
            .expect("no error");
        let response = client
            .get(format!("http://{address}/"))
            .send()
            .await
            .expect("a response");
        assert_eq!(response.status(), 200);
    });
}

#[test]
fn the_parent_of_send_traced_is_the_span_in_which_it_was_called() {
    let ((), seen) = captured(async {
        let address = serve(Router::new().fallback(any(|| async { "x" }))).await;
        let client = reqwest::Client::new();
        let sending = info_span!("checkout")
            .in_scope(|| client.get(format!("http://{address}/")).send_traced());
        sending.await.expect("no error");
    });
    assert_eq!(
        seen.span("GET").parent_span_id,
        seen.span("checkout").span_context.span_id()
    );
}

#[test]
fn a_spawned_send_traced_has_the_span_of_its_caller_as_parent() {
    let ((), seen) = captured(async {
        let address = serve(Router::new().fallback(any(|| async { "x" }))).await;
        let client = reqwest::Client::new();
        async {
            tokio::spawn(client.get(format!("http://{address}/")).send_traced())
                .await
                .expect("no error")
                .expect("no error");
        }
        .instrument(info_span!("checkout"))
        .await;
    });
    assert_eq!(
        seen.span("GET").parent_span_id,
        seen.span("checkout").span_context.span_id()
    );
}

#[test]
fn the_future_of_a_middleware_is_send() {
    fn all<T: Send + Sync + Unpin>() {}
    all::<TraceMiddleware>();
}
