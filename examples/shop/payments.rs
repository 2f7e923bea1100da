//! Charges cards, and declines what is over the limit.

use axum::{
    Json, Router,
    extract::{Path, Request},
    http::StatusCode,
    middleware,
    routing::post,
};
use serde_json::{Value, json};
use tracing::{info, info_span, warn};

use crate::propagation::continue_trace;

pub(crate) const TARGET: &str = module_path!();

const LIMIT_CENTS: u64 = 50_000;

pub(crate) fn router() -> Router {
    Router::new()
        .route("/charges/{cents}", post(charge))
        .layer(middleware::from_fn(|request: Request, next| {
            let path = request.uri().path();
            let span = info_span!("POST /charges", otel.kind = "server", url.path = path);
            continue_trace(span, request, next)
        }))
}

async fn charge(Path(cents): Path<u64>) -> (StatusCode, Json<Value>) {
    if cents > LIMIT_CENTS {
        warn!(cents, limit_cents = LIMIT_CENTS, "card declined");
        let refusal = json!({ "error": "card declined" });
        return (StatusCode::PAYMENT_REQUIRED, Json(refusal));
    }
    info!(cents, "card charged");
    (StatusCode::OK, Json(json!({ "charged_cents": cents })))
}
