//! gRPC, with a real server and client.

use super::{attribute, captured, server_layer};
use axum::body::Body;
use http::Uri;
use opentelemetry::trace::{SpanKind, Status};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tonic::{
    Code,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use tracing_stamp::http::{ClientLayer, ClientService};

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("orders", tonic_health::ServingStatus::Serving)
        .await;
    let server = Server::builder()
        .layer(server_layer().with_access_lines(true))
        .add_service(health);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    address
}

async fn channel(address: SocketAddr) -> Channel {
    let url = format!("http://{address}");
    Channel::from_shared(url)
        .expect("a bound address")
        .connect()
        .await
        .expect("a server")
}

async fn client(address: SocketAddr) -> HealthClient<ClientService<Channel>> {
    let channel = ClientLayer::new().layer(channel(address).await);
    HealthClient::with_origin(
        channel,
        Uri::try_from(format!("http://{address}")).expect("no error"),
    )
}

fn check(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[test]
fn a_call_is_one_span_of_the_client_and_one_of_the_server() {
    let ((), seen) = captured(async {
        client(serve().await)
            .await
            .check(check("orders"))
            .await
            .expect("it serves");
    });
    let of = |kind: SpanKind| {
        seen.spans()
            .iter()
            .find(|span| span.span_kind == kind)
            .expect("it ended")
    };
    let (client, server) = (of(SpanKind::Client), of(SpanKind::Server));
    assert_eq!(server.parent_span_id, client.span_context.span_id());
    assert_eq!(
        server.span_context.trace_id(),
        client.span_context.trace_id()
    );
    for span in [client, server] {
        assert_eq!(span.name, "grpc.health.v1.Health/Check");
        for (key, value) in [
            ("rpc.system.name", "grpc"),
            ("rpc.method", "grpc.health.v1.Health/Check"),
            ("rpc.status_code", "OK"),
            ("server.address", "127.0.0.1"),
        ] {
            assert_eq!(attribute(span, key).as_deref(), Some(value), "{key}");
        }
        assert_eq!(attribute(span, "http.request.method"), None);
        assert_eq!(span.status, Status::Unset);
    }
    let line = seen.line("request finished");
    assert_eq!(line.get("rpc.status_code"), Some(&"OK".into()));
    // The name under which the span is exported, once gRPC has responded.
    let name = line.get("span_name");
    assert_eq!(name, Some(&"grpc.health.v1.Health/Check".into()));
    assert_eq!(line.span_id(), Some(server.span_context.span_id()));
}

#[test]
fn a_refusal_is_an_error_of_the_client_and_not_of_the_server() {
    let ((), seen) = captured(async {
        let refused = client(serve().await).await.check(check("unknown")).await;
        assert_eq!(refused.expect_err("not known").code(), Code::NotFound);
    });
    for span in seen.spans() {
        assert_eq!(
            attribute(span, "rpc.status_code").as_deref(),
            Some("NOT_FOUND")
        );
        let is_clients = span.span_kind == SpanKind::Client;
        assert_eq!(span.status == Status::error(""), is_clients);
        assert_eq!(attribute(span, "error.type").is_some(), is_clients);
    }
    assert_eq!(seen.spans().len(), 2);
}

#[test]
fn an_unknown_grpc_method_names_no_span_of_the_server() {
    let ((), seen) = captured(async {
        let channel = channel(serve().await).await;
        let request = http::Request::post("/any.Word/AtAll")
            .header("content-type", "application/grpc")
            .body(tonic::body::Body::new(Body::empty()))
            .expect("a valid request");
        let response = channel.oneshot(request).await.expect("a response");
        assert_eq!(response.headers()["grpc-status"], "12");
    });
    let span = seen.span("grpc");
    assert_eq!(attribute(span, "rpc.method").as_deref(), Some("_OTHER"));
    assert_eq!(
        attribute(span, "rpc.method_original").as_deref(),
        Some("any.Word/AtAll")
    );
    assert_eq!(
        attribute(span, "error.type").as_deref(),
        Some("UNIMPLEMENTED")
    );
    assert_eq!(span.status, Status::error(""));
}

#[test]
fn a_stream_of_responses_keeps_its_span_to_the_end() {
    let ((), seen) = captured(async {
        let mut client = client(serve().await).await;
        let mut watched = client
            .watch(check("orders"))
            .await
            .expect("it serves")
            .into_inner();
        watched.message().await.expect("no error").expect("one");
        tracing::info!("one has come");
        drop(watched);
        // Gives the server time to notice.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    });
    let server = seen
        .spans()
        .iter()
        .find(|span| span.span_kind == SpanKind::Server)
        .expect("it ended");
    let client = seen
        .spans()
        .iter()
        .find(|span| span.span_kind == SpanKind::Client)
        .expect("it ended");
    // It is not an error of the server that a client stops reading.
    assert_eq!(
        attribute(server, "rpc.status_code").as_deref(),
        Some("CANCELLED")
    );
    assert_eq!(attribute(server, "error.type"), None);
    assert_eq!(attribute(client, "error.type"), None);
}
