//! Looks up the price of an order, calls `payments` to charge it, and queues the parcel for a worker.

mod parcels;

use self::parcels::Parcels;
use axum::{
    Json, Router,
    extract::{MatchedPath, Path, State},
    http::StatusCode,
    routing::post,
};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::{Value, json};
use std::{error::Error, net::SocketAddr};
use tokio::task::{JoinError, spawn_blocking};
use tracing::{debug, error, info, warn};
use tracing_stamp::{carry::carry, http::ServerLayer};
use tracing_stamp_reqwest::TraceMiddleware;

/// Returns the routes, and starts the worker. Must be called within a tokio runtime.
pub(crate) fn router(payments: SocketAddr) -> Router {
    let shop = Shop {
        // The middleware traces each request of this client.
        client: ClientBuilder::new(reqwest::Client::new())
            .with(TraceMiddleware::default())
            .build(),
        payments,
        parcels: Parcels::start(),
    };
    Router::new()
        .route("/orders/{order}", post(place))
        .with_state(shop)
        .layer(
            ServerLayer::new()
                .with_route(|request| request.extensions.get().map(MatchedPath::as_str)),
        )
}

#[derive(Clone)]
struct Shop {
    client: ClientWithMiddleware,
    payments: SocketAddr,
    parcels: Parcels,
}

async fn place(State(shop): State<Shop>, Path(order): Path<u32>) -> (StatusCode, Json<Value>) {
    let cents = match price(order).await {
        Ok(cents) => cents,
        Err(error) => {
            error!(error = &error as &dyn Error, "price lookup failed");
            let failure = json!({ "error": "price lookup failed" });
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(failure));
        }
    };
    match shop.charge(cents).await {
        Ok((StatusCode::OK, _)) => {
            info!("order paid");
            shop.parcels.pack(order).await;
            (StatusCode::OK, Json(json!({ "order": order })))
        }
        Ok((status, refusal)) => {
            warn!(status = status.as_u16(), "order not paid");
            (status, Json(refusal))
        }
        Err(error) => {
            error!(error = &error as &dyn Error, "no response from payments");
            let failure = json!({ "error": "no response from payments" });
            (StatusCode::BAD_GATEWAY, Json(failure))
        }
    }
}

/// Returns the price of an order in cents. From the eighth order on, it exceeds the limit of the card.
async fn price(order: u32) -> Result<u64, JoinError> {
    // The lookup may block, so it runs on another thread. `carry` takes the current span and context there.
    let look_up = carry(move || {
        let cents = u64::from(order) * 6_900;
        info!(cents, "order priced");
        cents
    });
    spawn_blocking(look_up).await
}

impl Shop {
    async fn charge(&self, cents: u64) -> reqwest_middleware::Result<(StatusCode, Value)> {
        debug!(cents, "charging the card");
        let url = format!("http://{}/charges/{cents}", self.payments);
        let response = self.client.post(url).send().await?;
        Ok((response.status(), response.json().await?))
    }
}
