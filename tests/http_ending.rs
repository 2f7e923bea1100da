//! Requests on threads that are ending. Each case runs in a process of its own, because a failure aborts the process.
use axum::body::Body;
use http::{Request, Response};
use opentelemetry::trace::TracerProvider as _;
use std::{
    cell::RefCell,
    convert::Infallible,
    env,
    pin::Pin,
    process::Command,
    task::{Context, Waker},
};
use tower::Service as _;
use tower_layer::Layer as _;
use tracing_stamp::http::{ClientLayer, ServerLayer};
use tracing_subscriber::layer::SubscriberExt as _;

struct OnDrop(Option<Box<dyn FnOnce()>>);
impl Drop for OnDrop {
    fn drop(&mut self) {
        (self.0.take().expect("no error"))()
    }
}
thread_local! {
    static SLOT: RefCell<Vec<OnDrop>> = const { RefCell::new(Vec::new()) };
}
fn request() -> Request<Body> {
    Request::get("http://a/")
        .header(
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )
        .body(Body::empty())
        .expect("a valid request")
}
fn poll<F: Future>(f: &mut Pin<Box<F>>) -> bool {
    f.as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}
async fn hangs(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    std::future::pending::<()>().await;
    unreachable!()
}
async fn responds(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    tracing::info!("responding");
    Ok(Response::new(Body::from("x")))
}

fn case(name: &str) {
    match name {
        // The slot is initialised first, so it is destroyed last.
        "drop_pending" => {
            SLOT.with(|_| ());
            let mut server = ServerLayer::new()
                .with_access_lines(true)
                .layer(tower::service_fn(hangs));
            let mut f = Box::pin(server.call(request()));
            assert!(!poll(&mut f));
            SLOT.with(|s| s.borrow_mut().push(OnDrop(Some(Box::new(move || drop(f))))));
        }
        "serve" => {
            SLOT.with(|_| ());
            tracing::info_span!("before").in_scope(|| tracing::info!("x"));
            SLOT.with(|s| {
                s.borrow_mut().push(OnDrop(Some(Box::new(|| {
                    let mut server = ServerLayer::new()
                        .with_access_lines(true)
                        .layer(tower::service_fn(responds));
                    let mut f = Box::pin(server.call(request()));
                    assert!(poll(&mut f));
                }))))
            });
        }
        "serve_fresh" => {
            SLOT.with(|s| {
                s.borrow_mut().push(OnDrop(Some(Box::new(|| {
                    let mut server = ServerLayer::new()
                        .with_access_lines(true)
                        .layer(tower::service_fn(responds));
                    let mut f = Box::pin(server.call(request()));
                    assert!(poll(&mut f));
                }))))
            });
        }
        "send" => {
            SLOT.with(|_| ());
            tracing::info_span!("before").in_scope(|| tracing::info!("x"));
            SLOT.with(|s| {
                s.borrow_mut().push(OnDrop(Some(Box::new(|| {
                    let mut client = ClientLayer::new().layer(tower::service_fn(responds));
                    let mut f = Box::pin(client.call(request()));
                    assert!(poll(&mut f));
                }))))
            });
        }
        "inject" => {
            SLOT.with(|_| ());
            tracing::info_span!("before").in_scope(|| tracing::info!("x"));
            SLOT.with(|s| {
                s.borrow_mut().push(OnDrop(Some(Box::new(|| {
                    let mut h = http::HeaderMap::new();
                    tracing_stamp::http::inject(&mut h);
                    let _ = tracing_stamp::http::extract(request().headers());
                }))))
            });
        }
        _ => unreachable!(),
    }
}
#[test]
fn requests_on_ending_threads_do_not_abort_the_process() {
    if let Ok(name) = env::var("STAMP_CASE") {
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let s = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("t")))
            .with(tracing_stamp::layer());
        tracing::subscriber::set_global_default(s).expect("no error");
        std::thread::spawn(move || case(&name))
            .join()
            .expect("no error");
        return;
    }
    let mut bad = Vec::new();
    for name in ["drop_pending", "serve", "serve_fresh", "send", "inject"] {
        let output = Command::new(env::current_exe().expect("a program"))
            .args(["cases", "--nocapture"])
            .env("STAMP_CASE", name)
            .output()
            .expect("a process");
        if !output.status.success() {
            bad.push((name, String::from_utf8_lossy(&output.stderr).into_owned()));
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
}
