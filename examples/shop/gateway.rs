//! What customers talk to: has `orders` place the order.

use axum::{
    Json, Router,
    extract::{MatchedPath, Path, State},
    http::StatusCode,
    routing::post,
};
use reqwest::Client;
use serde_json::{Value, json};
use std::{error::Error, fmt, net::SocketAddr};
use tracing::{error, info};
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
        // Where callers are strangers, `.with_public_endpoint(true)` begins a trace of its own for each request.
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
    info!("checkout begins");
    match orders.place(order).await {
        Ok(()) => {
            info!("checkout done");
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
        // In place of `.send()`: a span for the call, and that span in its headers.
        let answer = self.client.post(url).send_traced().await?;
        let status = answer.status();
        if status == StatusCode::OK {
            return Ok(());
        }
        let refusal: Value = answer.json().await?;
        let reason = refusal["error"].as_str().unwrap_or("no reason");
        Err(CheckoutError::Refused(format!("{status}: {reason}")))
    }
}

#[derive(Debug)]
enum CheckoutError {
    Refused(String),
    NoAnswer(reqwest::Error),
}

impl From<reqwest::Error> for CheckoutError {
    fn from(error: reqwest::Error) -> Self {
        Self::NoAnswer(error)
    }
}

impl fmt::Display for CheckoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "the order was refused: {reason}"),
            Self::NoAnswer(_) => f.write_str("no answer from orders"),
        }
    }
}

impl Error for CheckoutError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::NoAnswer(error) => Some(error),
        }
    }
}
