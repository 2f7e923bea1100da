//! A gRPC service and its client in one trace: `cargo run --example grpc --features http,setup`.
//!
//! The service is gRPC's own health check, so no code has to be generated. Both run in this process, over a real connection. Only the
//! metadata of the call carries the trace from the client to the server.

use std::{error::Error, net::Ipv4Addr};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Server, server::TcpIncoming};
use tonic_health::{
    ServingStatus,
    pb::{HealthCheckRequest, health_client::HealthClient},
};
use tower_layer::Layer as _;
use tracing::{Instrument as _, info, info_span};
use tracing_stamp::http::{ClientLayer, ServerLayer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let _guard = tracing_stamp::init()?;

    // The server: one layer around all services. An access line shows each call with its status.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("orders", ServingStatus::Serving)
        .await;
    let server = Server::builder()
        .layer(ServerLayer::new().with_access_lines(true))
        .add_service(health);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    // The client: one layer around the channel. The origin gives requests the server's address, for `server.address` on the span.
    let channel = Channel::from_shared(address.clone())?.connect().await?;
    let mut client =
        HealthClient::with_origin(ClientLayer::new().layer(channel), address.try_into()?);

    async {
        for service in ["orders", "unknown"] {
            let request = HealthCheckRequest {
                service: service.to_owned(),
            };
            match client.check(request).await {
                Ok(response) => {
                    info!(
                        service,
                        status = response.into_inner().status,
                        "health checked"
                    );
                }
                Err(status) => info!(service, code = %status.code(), "health check failed"),
            }
        }
    }
    .instrument(info_span!("check all"))
    .await;
    Ok(())
}
