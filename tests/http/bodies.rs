//! Spans of responses, when the body is sent completely, in part, or not at all.

use super::{attribute, captured, edges::grpc_request, request, server_layer};
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Service, ServiceExt as _};
use tower_layer::Layer;
use tracing::info_span;
use tracing_stamp::http::{ClientLayer, ResponseBody};

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

/// A body with these frames that never ends.
#[derive(Default)]
struct Stuck {
    frames: VecDeque<Result<Frame<Bytes>, Broken>>,
    length: Option<u64>,
    says_its_end: bool,
}

impl Stuck {
    fn of(bytes: usize) -> Self {
        let byte = || Ok(Frame::data(Bytes::from_static(b"x")));
        Self::default().and(std::iter::repeat_with(byte).take(bytes))
    }

    fn and(mut self, frames: impl IntoIterator<Item = Result<Frame<Bytes>, Broken>>) -> Self {
        self.frames.extend(frames);
        self
    }
}

impl http_body::Body for Stuck {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.frames
            .pop_front()
            .map_or(Poll::Pending, |frame| Poll::Ready(Some(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.says_its_end && self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Sends a response through a layer, reads this many frames of its body, and returns the body.
async fn read<L, S>(
    layer: L,
    request: Request<Body>,
    response: Response<Stuck>,
    frames: usize,
) -> ResponseBody<Stuck>
where
    L: Layer<Once, Service = S>,
    S: Service<Request<Body>, Response = Response<ResponseBody<Stuck>>, Error = Infallible>,
{
    let service = layer.layer(Once(Some(response)));
    let response = service.oneshot(request).await.expect("it responds");
    let mut body = response.into_body();
    for _ in 0..frames {
        let _ = body.frame().await.expect("there is one");
    }
    body
}

/// A service with one response.
struct Once(Option<Response<Stuck>>);

impl Service<Request<Body>> for Once {
    type Response = Response<Stuck>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Stuck>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::ready(Ok(self.0.take().expect("one request")))
    }
}

#[test]
fn a_dropped_body_is_complete_if_it_has_its_expected_length() {
    for (header, length, frames, is_whole) in [
        (Some("2"), None, 2, true),
        (Some("2"), None, 1, false),
        (None, Some(2), 2, true),
        (None, Some(2), 1, false),
        (Some("two"), Some(2), 2, true),
        (None, None, 2, false),
        (Some("0"), None, 0, true),
    ] {
        let mut body = Stuck::of(3);
        body.length = length;
        let mut response = Response::new(body);
        if let Some(header) = header {
            let header = header.parse().expect("a valid value");
            response.headers_mut().insert("content-length", header);
        }
        let layer = server_layer().with_access_lines(true);
        let ((), seen) =
            captured(async { drop(read(layer, request(&[]), response, frames).await) });
        let case = format!("{header:?} {length:?} {frames}");
        let error = (!is_whole).then_some("body_dropped");
        let span = seen.span("GET");
        assert_eq!(attribute(span, "error.type").as_deref(), error, "{case}");
        let line = seen.line("request finished");
        assert_eq!(line.get("error.type"), error.map(Into::into).as_ref());
        assert_eq!(
            line.get("http.response.body.size"),
            Some(&frames.into()),
            "{case}"
        );
    }
}

#[test]
fn a_failed_body_sets_error_type_to_the_type_of_its_error() {
    let layer = server_layer().with_access_lines(true);
    let response = Response::new(Stuck::of(1).and([Err(Broken)]));
    let ((), seen) = captured(async { drop(read(layer, request(&[]), response, 2).await) });
    let error = attribute(seen.span("GET"), "error.type").expect("it failed");
    assert!(error.ends_with("::Broken"), "{error}");
    let line = seen.line("request finished");
    assert_eq!(line.get("error.type"), Some(&error.into()));
    assert_eq!(line.get("http.response.body.size"), Some(&1.into()));
}

/// The span ends before a span that starts later, while the body is still held.
#[test]
fn a_span_ends_as_soon_as_the_response_is_known_to_be_complete() {
    let trailers = || Ok(Frame::trailers(HeaderMap::new()));
    let ending = |says_its_end, body| Stuck {
        says_its_end,
        ..body
    };
    for (case, body, frames) in [
        ("nothing to send", ending(true, Stuck::of(0)), 0),
        ("a last byte", ending(true, Stuck::of(2)), 2),
        ("trailers", Stuck::of(1).and([trailers()]), 2),
        ("an error", Stuck::of(1).and([Err(Broken)]), 2),
    ] {
        let ((), seen) = captured(async {
            let body = read(server_layer(), request(&[]), Response::new(body), frames).await;
            info_span!("later").in_scope(|| ());
            drop(body);
        });
        let names: Vec<_> = seen.spans().iter().map(|span| &*span.name).collect();
        assert_eq!(names, ["GET", "later"], "{case}");
        let error = attribute(seen.span("GET"), "error.type");
        assert_eq!(error.is_some(), case == "an error", "{case}: {error:?}");
    }
}

#[test]
fn a_clients_span_ends_with_the_head_and_the_span_of_a_grpc_call_with_its_status() {
    for (request, names) in [
        (request(&[]), ["GET", "later"]),
        (grpc_request("http://orders/a.B/C"), ["later", "a.B/C"]),
    ] {
        let ((), seen) = captured(async {
            let response = Response::new(Stuck::of(1));
            let body = read(ClientLayer::new(), request, response, 1).await;
            info_span!("later").in_scope(|| ());
            drop(body);
        });
        let found: Vec<_> = seen.spans().iter().map(|span| &*span.name).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn size_hint_and_end_of_the_inner_body_are_passed_on() {
    let ((), _) = captured(async {
        let of = |length, bytes| {
            let body = Stuck {
                length,
                says_its_end: true,
                ..Stuck::of(bytes)
            };
            read(server_layer(), request(&[]), Response::new(body), 0)
        };
        let (none, some) = (of(Some(0), 0).await, of(Some(2), 2).await);
        assert!(none.is_end_stream() && !some.is_end_stream());
        assert_eq!(none.size_hint().exact(), Some(0));
        assert_eq!(some.size_hint().exact(), Some(2));
        assert_eq!(of(None, 2).await.size_hint().exact(), None);
    });
}
