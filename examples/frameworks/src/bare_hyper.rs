//! hyper without a framework: `ServerLayer` wraps a tower service, and `TowerToHyperService` adapts the result for hyper.

use hyper::{Request, Response, body::Incoming};
use std::convert::Infallible;
use tracing::info;

/// Handles a request, for `service_fn` of tower.
///
/// # Errors
///
/// None.
pub async fn orders(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    info!(path = request.uri().path(), "order found");
    Ok(Response::new("shipped".into()))
}
