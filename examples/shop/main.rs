//! Three services call each other over HTTP. One of many requests fails, and its trace id finds the lines of that request from all three:
//! `cargo run --example shop --all-features`.
//!
//! `gateway` → `orders` → `payments` are three processes of this program on free loopback ports, so nothing has to be installed or
//! started. Each is set up like a real service: it calls `tracing_stamp::init()`, and has a layer around its routes. `payments` logs
//! through slog, and `orders` puts a job into a queue. With `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318` the same traces appear in
//! Jaeger.

mod customers;
mod gateway;
mod orders;
mod payments;
mod report;
mod service;

use std::{env, error::Error, net::SocketAddr};

/// Any error. The program prints it and ends.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let role = arguments.next();
    let next: Option<SocketAddr> = arguments
        .next()
        .map(|address| address.parse())
        .transpose()?;
    match (role.as_deref(), next) {
        (None, _) => customers::run(),
        (Some("gateway"), Some(orders)) => service::run(|| gateway::router(orders)),
        (Some("orders"), Some(payments)) => service::run(|| orders::router(payments)),
        (Some("payments"), None) => service::run(payments::router),
        _ => Err("usage: shop".into()),
    }
}
