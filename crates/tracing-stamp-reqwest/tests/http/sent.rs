//! What is sent, and what its span says.

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
                .send_traced_with(&ours)
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
            .redirect(redirect_policy(["127.0.0.1"]))
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
            .redirect(redirect_policy(["127.0.0.1"]))
            .build()
            .expect("a client");
        let ask = |left: u32| client.get(format!("http://{address}/{left}")).send_traced();
        let answer = ask(10).await.expect("ten are right");
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(ask(11).await.expect_err("eleven are not").is_redirect());
    });
}

#[test]
fn without_a_trace_nothing_is_sent_and_nothing_is_removed() {
    let sent = Sent::default();
    // Outside of any subscriber there are no spans.
    super::block_on(async {
        let address = serve(sent.router()).await;
        let mut request = post(address, "/");
        request
            .headers_mut()
            .insert("traceparent", HeaderValue::from_static(SAMPLED));
        hyper_client().oneshot(request).await.expect("an answer");
        reqwest::Client::new()
            .get(format!("http://{address}/"))
            .send_traced()
            .await
            .expect("an answer");
    });
    assert_eq!(sent.parents(), [Some(SAMPLED.to_owned()), None]);
}

#[test]
fn stay_within_an_ipv6_address() {
    let ((), _) = captured(async {
        let listener = tokio::net::TcpListener::bind("[::1]:0").await.expect("v6");
        let address = listener.local_addr().expect("right");
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
            .expect("right");
        let answer = client
            .get(format!("http://{address}/"))
            .send()
            .await
            .expect("right");
        assert_eq!(answer.status(), 200);
    });
}

#[test]
fn the_parent_of_send_traced_is_where_it_was_called() {
    let ((), seen) = captured(async {
        let address = serve(Router::new().fallback(any(|| async { "x" }))).await;
        let client = reqwest::Client::new();
        let sending = info_span!("checkout")
            .in_scope(|| client.get(format!("http://{address}/")).send_traced());
        sending.await.expect("right");
    });
    assert_eq!(
        seen.span("GET").parent_span_id,
        seen.span("checkout").span_context.span_id()
    );
}

#[test]
fn a_spawned_send_traced_has_its_parent_as_a_layers_call_has() {
    let ((), seen) = captured(async {
        let address = serve(Router::new().fallback(any(|| async { "x" }))).await;
        let client = reqwest::Client::new();
        async {
            tokio::spawn(client.get(format!("http://{address}/")).send_traced())
                .await
                .expect("right")
                .expect("right");
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
fn a_middleware_is_sent_between_threads() {
    fn all<T: Send + Sync + Unpin>() {}
    all::<TraceMiddleware>();
}
