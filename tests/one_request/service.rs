//! A service that passes each request on to the next one. It is this test program again, as a child process, because levels belong to a
//! process.

use super::support::Line;
use axum::{Router, body::Body, extract::State, routing::any};
use http::{HeaderMap, Request};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tower::{Layer as _, ServiceExt as _};
use tracing::{debug, info, trace};
use tracing_stamp::{
    http::{ClientLayer, ServerLayer},
    trace_level,
};

const ROLE: &str = "STAMP_TEST_ROLE";
/// The address of the next service.
const NEXT: &str = "STAMP_TEST_NEXT";
/// Whether the service is a public endpoint.
const PUBLIC: &str = "STAMP_TEST_PUBLIC";
/// Begins the output line with the service's address.
const LISTENING: &str = "listening on ";

pub(crate) const KEY: &str = "a key with more than 32 characters";
/// The header with the token.
pub(crate) const TOKEN: &str = "x-log-level";
/// The header with the name of a request.
pub(crate) const NAME: &str = "x-name";
/// The header of a request that ends after this number of requests without it.
pub(crate) const OUTLASTS: &str = "x-outlasts";

/// A running service.
pub(crate) struct Service {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Service {
    /// Starts a service, and waits until it listens.
    pub(crate) fn start(
        next: Option<SocketAddr>,
        is_public: bool,
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        command
            .args(["--exact", "service::child_process", "--nocapture"])
            .env(ROLE, "service")
            .env(PUBLIC, is_public.to_string())
            .env("RUST_LOG", "info")
            .env("LOG_LEVEL_KEY", KEY)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped());
        if let Some(next) = next {
            command.env(NEXT, next.to_string());
        }
        let mut child = command.spawn().expect("the service starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut service = Self {
            child,
            output,
            address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        };
        service.address = service.read_address();
        service
    }

    fn read_address(&mut self) -> SocketAddr {
        loop {
            let mut line = String::new();
            let length = self.output.read_line(&mut line);
            assert_ne!(length.expect("its output is UTF-8"), 0, "it has ended");
            if let Some((_, address)) = line.split_once(LISTENING) {
                return address.trim().parse().expect("an address");
            }
        }
    }

    /// Ends the service, and returns its lines.
    pub(crate) fn end(mut self) -> Vec<Line> {
        self.kill();
        let mut text = String::new();
        self.output
            .read_to_string(&mut text)
            .expect("its lines are UTF-8");
        text.lines()
            .filter(|line| line.starts_with('{'))
            .map(Line::parse)
            .collect()
    }
}

impl Service {
    fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("the service has ended");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn child_process() {
    if env::var_os(ROLE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("the runtime starts");
        runtime.block_on(serve());
    }
}

#[derive(Clone)]
struct Next {
    client: Client<HttpConnector, Body>,
    address: Option<SocketAddr>,
    /// Has a permit for each request without [`OUTLASTS`].
    served: Arc<Semaphore>,
}

async fn serve() {
    let _guard = tracing_stamp::init().expect("the variables are valid");
    let is_public = env::var(PUBLIC).is_ok_and(|value| value == "true");
    let by_token = trace_level::from_header(TOKEN);
    let by_baggage = trace_level::from_baggage();
    let layer = ServerLayer::new()
        .with_public_endpoint(is_public)
        .with_verbosity(move |request| by_token(request).or_else(|| by_baggage(request)));
    let next = Next {
        client: Client::builder(TokioExecutor::new()).build_http(),
        address: env::var(NEXT)
            .ok()
            .map(|next| next.parse().expect("an address")),
        served: Arc::new(Semaphore::new(0)),
    };
    let router = Router::new()
        .fallback(any(handle))
        .with_state(next)
        .layer(layer);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    writeln!(std::io::stdout(), "{LISTENING}{address}").expect("the output is open");
    axum::serve(listener, router).await.expect("it serves");
}

async fn handle(State(next): State<Next>, headers: HeaderMap) -> String {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let name = text(NAME).unwrap_or_default();
    debug!(name, "debug of tracing");
    log::debug!(name:%; "debug of log");
    trace!(name, "trace of tracing");
    if let Some(address) = next.address {
        let mut request = Request::get(format!("http://{address}/"));
        for header in [NAME, OUTLASTS] {
            if let Some(value) = headers.get(header) {
                request = request.header(header, value);
            }
        }
        let request = request.body(Body::empty()).expect("a valid request");
        let client = ClientLayer::new().layer(next.client.clone());
        client
            .oneshot(request)
            .await
            .expect("the next service responds");
    } else if let Some(others) = text(OUTLASTS) {
        let others = others.parse().expect("a number");
        drop(next.served.acquire_many(others).await);
    }
    if text(OUTLASTS).is_none() {
        next.served.add_permits(1);
    }
    debug!(name, "debug after the next service");
    info!(name, "served");
    name
}
