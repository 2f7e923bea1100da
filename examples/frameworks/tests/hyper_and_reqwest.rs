mod lines;

use frameworks::{bare_hyper::orders, reqwest_0_12::send_traced};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use lines::Lines;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::{Layer as _, service_fn};
use tracing::{Instrument as _, info, info_span};
use tracing_stamp::http::ServerLayer;

#[tokio::test]
async fn a_request_of_reqwest_0_12_and_its_handler_on_bare_hyper_share_a_trace() {
    let lines = Lines::default();
    let guard = tracing_stamp::setup()
        .with_writer(lines.clone())
        .init()
        .expect("no other subscriber is installed");
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("the listener is bound");
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client connects");
        let service = ServerLayer::new().layer(service_fn(orders));
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .await
    });

    let client = reqwest::Client::new();
    let request = client
        .get(format!("http://{address}/orders/7"))
        .build()
        .expect("the URL is valid");
    async {
        info!("checkout started");
        let response = send_traced(&client, request)
            .await
            .expect("the server responds");
        assert_eq!(response.text().await.expect("there is a body"), "shipped");
    }
    .instrument(info_span!("checkout"))
    .await;
    guard
        .writer()
        .flush(Duration::from_secs(5))
        .expect("lines are written");

    let (started, found) = (lines.one("checkout started"), lines.one("order found"));
    assert!(started["trace_id"].is_string(), "{started}");
    assert_eq!(started["trace_id"], found["trace_id"]);
    assert_ne!(started["span_id"], found["span_id"]);
}
