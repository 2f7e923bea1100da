//! The service that customers call. It calls `orders` to place an order.

use axum::{
    Json, Router,
    extract::{MatchedPath, Path, State},
    http::StatusCode,
    routing::post,
};
use reqwest::Client;
use serde_json::{Value, json};
use std::{error::Error, fmt, net::SocketAddr};
use tracing::{debug, error, info};
use tracing_stamp::http::ServerLayer;
use tracing_stamp_reqwest::SendTraced as _;

pub(crate) fn router(orders: SocketAddr) -> Router {
    let orders = Orders {
        client: Client::new(),
        address: orders,
    };
    Router::new()
        .route("/checkout/{order}", post(check_out))
        .with_state(orders)
        // For untrusted callers, add `.with_public_endpoint(true)`, which begins a new trace for each request.
        .layer(
            ServerLayer::new()
                .with_route(|request| request.extensions.get().map(MatchedPath::as_str))
                .with_access_lines(true),
        )
}

async fn check_out(
    State(orders): State<Orders>,
    Path(order): Path<u32>,
) -> (StatusCode, Json<Value>) {
    debug!(order, "order received");
    info!("checkout started");
    match orders.place(order).await {
        Ok(()) => {
            info!("checkout completed");
            (StatusCode::OK, Json(json!({ "order": order })))
        }
        Err(error) => {
            error!(error = &error as &dyn Error, "checkout failed");
            let failure = json!({ "order": order, "error": error.to_string() });
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
    async fn place(&self, order: u32) -> Result<(), CheckoutError> {
        let url = format!("http://{}/orders/{order}", self.address);
        // In place of `.send()`: sends the request in a span of its own, and names that span in the request headers.
        let response = self.client.post(url).send_traced().await?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(());
        }
        let refusal: Value = response.json().await?;
        let reason = refusal["error"].as_str().unwrap_or("no reason");
        Err(CheckoutError::Refused(format!("{status}: {reason}")))
    }
}

#[derive(Debug)]
enum CheckoutError {
    Refused(String),
    NoResponse(reqwest::Error),
}

impl From<reqwest::Error> for CheckoutError {
    fn from(error: reqwest::Error) -> Self {
        Self::NoResponse(error)
    }
}

impl fmt::Display for CheckoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "the order was refused: {reason}"),
            Self::NoResponse(_) => f.write_str("no response from orders"),
        }
    }
}

impl Error for CheckoutError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::NoResponse(error) => Some(error),
        }
    }
}
