//! Charges cards, and declines amounts above the limit. It logs through slog, and its lines have the same ids.

use axum::{
    Json, Router,
    extract::{MatchedPath, Path, State},
    http::StatusCode,
    routing::post,
};
use serde_json::{Value, json};
use slog::{Drain as _, Logger, debug, info, o, warn};
use tracing_stamp::{bridge::slog::TracingDrain, http::ServerLayer};

const LIMIT_CENTS: u64 = 50_000;

pub(crate) fn router() -> Router {
    let log = Logger::root(TracingDrain::new().fuse(), o!("bank" => "house"));
    Router::new()
        .route("/charges/{cents}", post(charge))
        .with_state(log)
        .layer(
            ServerLayer::new()
                .with_route(|request| request.extensions.get().map(MatchedPath::as_str)),
        )
}

async fn charge(State(log): State<Logger>, Path(cents): Path<u64>) -> (StatusCode, Json<Value>) {
    debug!(log, "limit looked up"; "limit_cents" => LIMIT_CENTS);
    if cents > LIMIT_CENTS {
        warn!(log, "card declined"; "cents" => cents, "limit_cents" => LIMIT_CENTS);
        let refusal = json!({ "error": "card declined" });
        return (StatusCode::PAYMENT_REQUIRED, Json(refusal));
    }
    info!(log, "card charged"; "cents" => cents);
    (StatusCode::OK, Json(json!({ "charged_cents": cents })))
}
