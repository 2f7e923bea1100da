//! Three services call each other over HTTP, one of many requests fails, and its trace id brings
//! up the lines of that request from all three: `cargo run --example shop`.
//!
//! `gateway` → `orders` → `payments` run in one process here, on free loopback ports, so that
//! nothing has to be installed or started. As between three processes, what carries the trace
//! from one to the next is an HTTP header alone: see `propagation.rs`.

mod gateway;
mod orders;
mod payments;
mod propagation;
mod report;
mod server;

use std::{
    error::Error,
    fs::File,
    io::{self, Write as _},
    net::SocketAddr,
    ops::RangeInclusive,
    path::Path,
    sync::Arc,
};

use axum::http::StatusCode;
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tokio::task::JoinSet;
use tracing::{Level, Subscriber};
use tracing_stamp::{
    opentelemetry::{global, trace::TracerProvider as _},
    tracing_opentelemetry,
};
use tracing_subscriber::{
    Layer,
    filter::{Targets, filter_fn},
    fmt::writer::MakeWriterExt as _,
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::{
    propagation::{Answer, CallError},
    server::Servers,
};

/// Placed at once. The last is over what the customer's card is good for.
const ORDERS: RangeInclusive<u32> = 1..=8;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let log = std::env::temp_dir().join(format!("shop-{}.jsonl", std::process::id()));
    install_tracing(&log)?;

    report::heading("eight checkouts at once, as the services log them")?;
    let mut servers = Servers::default();
    let payments = servers.start(payments::router()).await?;
    let orders = servers.start(orders::router(payments)).await?;
    let gateway = servers.start(gateway::router(orders)).await?;
    let answers = check_out_all(gateway).await?;
    servers.stop().await?;

    let (_, failure) = answers
        .iter()
        .find(|(status, _)| *status == StatusCode::BAD_GATEWAY)
        .ok_or("every checkout succeeded, but one was to fail")?;
    report::heading("what the gateway told the customer whose checkout failed")?;
    writeln!(io::stdout(), "{failure}")?;
    let trace_id = failure["trace_id"]
        .as_str()
        .ok_or("the gateway's answer names no trace")?;
    report::print_trace(&log, trace_id, &["gateway", "orders", "payments"])
}

fn install_tracing(log: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    // No exporter: a line needs a span's ids, not a place to send the span to. Such a place is
    // added with `.with_batch_exporter(..)`.
    let provider = SdkTracerProvider::builder().build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("shop"))
        // The log has the events already, under the same ids. Without this filter each would be
        // copied into its span as well, which costs several allocations per event.
        .with_filter(filter_fn(|metadata| metadata.is_span()));

    let file = Arc::new(File::options().create(true).append(true).open(log)?);
    tracing_subscriber::registry()
        .with(spans)
        .with(stamped("gateway", gateway::TARGET, &file))
        .with(stamped("orders", orders::TARGET, &file))
        .with(stamped("payments", payments::TARGET, &file))
        .try_init()?;
    Ok(())
}

/// The layer that writes one service's lines. A service with a process of its own needs neither
/// the filter nor a second layer.
fn stamped<S>(service: &'static str, target: &'static str, file: &Arc<File>) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_stamp::layer()
        .with_writer(Arc::clone(file).and(io::stdout))
        .with_resource([("service.name", service)])
        .with_filter(Targets::new().with_target(target, Level::INFO))
}

/// Plays the customers. Nobody traces them, so a trace begins at the gateway, one per checkout.
async fn check_out_all(gateway: SocketAddr) -> Result<Vec<Answer>, CallError> {
    let client = propagation::client();
    let mut checkouts = JoinSet::new();
    for order in ORDERS {
        let client = client.clone();
        checkouts.spawn(async move {
            propagation::post(&client, gateway, &format!("/checkout/{order}")).await
        });
    }
    checkouts.join_all().await.into_iter().collect()
}
