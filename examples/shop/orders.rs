//! Knows what an order costs, and has `payments` charge it.

use std::{error::Error, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware,
    routing::post,
};
use serde_json::{Value, json};
use tracing::{error, info, info_span, instrument, warn};

use crate::propagation::{self, Answer, CallError, Client, continue_trace};

pub(crate) const TARGET: &str = module_path!();

pub(crate) fn router(payments: SocketAddr) -> Router {
    let payments = Payments {
        client: propagation::client(),
        address: payments,
    };
    Router::new()
        .route("/orders/{order}", post(place))
        .with_state(payments)
        .layer(middleware::from_fn(|request: Request, next| {
            let path = request.uri().path();
            let span = info_span!("POST /orders", otel.kind = "server", url.path = path);
            continue_trace(span, request, next)
        }))
}

async fn place(
    State(payments): State<Payments>,
    Path(order): Path<u32>,
) -> (StatusCode, Json<Value>) {
    let cents = price(order);
    info!(cents, "order priced");
    match payments.charge(cents).await {
        Ok((StatusCode::OK, _)) => {
            info!("order paid");
            (StatusCode::OK, Json(json!({ "order": order })))
        }
        Ok((status, refusal)) => {
            warn!(status = status.as_u16(), "order not paid");
            (status, Json(refusal))
        }
        Err(error) => {
            error!(error = &*error as &dyn Error, "no answer from payments");
            let failure = json!({ "error": "no answer from payments" });
            (StatusCode::BAD_GATEWAY, Json(failure))
        }
    }
}

/// Up to the seventh order, `payments` finds the card good for it.
fn price(order: u32) -> u64 {
    u64::from(order) * 6_900
}

#[derive(Clone)]
struct Payments {
    client: Client,
    address: SocketAddr,
}

impl Payments {
    #[instrument(skip_all, fields(otel.kind = "client"))]
    async fn charge(&self, cents: u64) -> Result<Answer, CallError> {
        info!("asking payments");
        propagation::post(&self.client, self.address, &format!("/charges/{cents}")).await
    }
}
