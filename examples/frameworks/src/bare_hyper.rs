//! hyper alone: `ServerLayer` wraps any service of requests, hyper's `service_fn` among them, by `TowerToHyperService`.

use hyper::{Request, Response, body::Incoming};
use std::convert::Infallible;
use tracing::info;

/// The service.
///
/// # Errors
///
/// None.
pub async fn orders(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    info!(path = request.uri().path(), "order found");
    Ok(Response::new("shipped".into()))
}
