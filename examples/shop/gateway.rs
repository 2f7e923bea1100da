//! What customers talk to: has `orders` place the order, and tells a customer whose checkout
//! failed the trace id to ask for help with.

use std::{error::Error, fmt, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware,
    routing::post,
};
use serde_json::{Value, json};
use tracing::{Span, error, info, info_span, instrument};
use tracing_stamp::{
    opentelemetry::{
        Context,
        trace::{Status, TraceContextExt as _},
    },
    tracing_opentelemetry::OpenTelemetrySpanExt as _,
};

use crate::propagation::{self, CallError, Client, continue_trace};

pub(crate) const TARGET: &str = module_path!();

pub(crate) fn router(orders: SocketAddr) -> Router {
    let orders = Orders {
        client: propagation::client(),
        address: orders,
    };
    Router::new()
        .route("/checkout/{order}", post(check_out))
        .with_state(orders)
        .layer(middleware::from_fn(|request: Request, next| {
            let path = request.uri().path();
            let span = info_span!("POST /checkout", otel.kind = "server", url.path = path);
            continue_trace(span, request, next)
        }))
}

async fn check_out(
    State(orders): State<Orders>,
    Path(order): Path<u32>,
) -> (StatusCode, Json<Value>) {
    info!("checkout begins");
    match orders.place(order).await {
        Ok(()) => {
            info!("checkout done");
            (StatusCode::OK, Json(json!({ "order": order })))
        }
        Err(error) => {
            error!(error = &error as &dyn Error, "checkout failed");
            // OpenTelemetry's layer marks a span as failed when it sees an error event, but here
            // it sees no events.
            Span::current().set_status(Status::error(error.to_string()));
            let trace_id = Context::current().span().span_context().trace_id();
            let failure = json!({
                "order": order,
                "error": error.to_string(),
                "trace_id": trace_id.to_string(),
            });
            (StatusCode::BAD_GATEWAY, Json(failure))
        }
    }
}

#[derive(Clone)]
struct Orders {
    client: Client,
    address: SocketAddr,
}

impl Orders {
    #[instrument(skip_all, fields(otel.kind = "client"))]
    async fn place(&self, order: u32) -> Result<(), CheckoutError> {
        info!("asking orders");
        let path = format!("/orders/{order}");
        match propagation::post(&self.client, self.address, &path).await {
            Ok((StatusCode::OK, _)) => Ok(()),
            Ok((status, refusal)) => Err(CheckoutError::Refused(Refusal {
                status,
                reason: refusal["error"].as_str().unwrap_or("no reason").to_owned(),
            })),
            Err(error) => Err(CheckoutError::NoAnswer(error)),
        }
    }
}

#[derive(Debug)]
enum CheckoutError {
    Refused(Refusal),
    NoAnswer(CallError),
}

impl fmt::Display for CheckoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(_) => "the order was refused",
            Self::NoAnswer(_) => "no answer from orders",
        })
    }
}

impl Error for CheckoutError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::NoAnswer(error) => Some(&**error),
        }
    }
}

#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}

impl Error for Refusal {}
