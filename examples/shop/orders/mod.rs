//! Knows what an order costs, has `payments` charge it, and leaves the parcel to a worker.

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
use tracing::{error, info, warn};
use tracing_stamp::{carry::carry, http::ServerLayer};
use tracing_stamp_reqwest::TraceMiddleware;

/// Within a runtime: it starts the worker.
pub(crate) fn router(payments: SocketAddr) -> Router {
    let shop = Shop {
        // A client that is used everywhere: its middleware traces each request.
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
            error!(error = &error as &dyn Error, "no price");
            let failure = json!({ "error": "no price" });
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
            error!(error = &error as &dyn Error, "no answer from payments");
            let failure = json!({ "error": "no answer from payments" });
            (StatusCode::BAD_GATEWAY, Json(failure))
        }
    }
}

/// Up to the seventh order, `payments` finds the card good for it.
async fn price(order: u32) -> Result<u64, JoinError> {
    // Prices are looked up where that may block, on another thread: `carry` takes the request along.
    let look_up = carry(move || {
        let cents = u64::from(order) * 6_900;
        info!(cents, "order priced");
        cents
    });
    spawn_blocking(look_up).await
}

impl Shop {
    async fn charge(&self, cents: u64) -> reqwest_middleware::Result<(StatusCode, Value)> {
        let url = format!("http://{}/charges/{cents}", self.payments);
        let answer = self.client.post(url).send().await?;
        Ok((answer.status(), answer.json().await?))
    }
}
