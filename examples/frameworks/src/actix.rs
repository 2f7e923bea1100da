//! actix-web: `RequestTracing` starts a span for each request and makes its context current, so every line of a handler has its ids.
//!
//! actix-web's own `Logger` logs after that context has ended, so its line has no ids. Write the access line in a middleware within the
//! context instead. `App` runs the middleware that is wrapped last first.

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use std::time::Instant;
use tracing::{error, info};

/// Adds the routes, for `App::configure`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/orders/{order}", web::get().to(order));
}

async fn order(order: web::Path<u32>) -> HttpResponse {
    info!(order = *order, "order found");
    step(*order).await;
    HttpResponse::Ok().body("shipped")
}

#[tracing::instrument]
async fn step(order: u32) {
    info!("parcel packed");
}

/// Middleware that logs a line for each request, with its ids. Add it by `.wrap(from_fn(access_line)).wrap(RequestTracing::new())`, in
/// this order.
///
/// # Errors
///
/// Returns the errors of the service.
pub async fn access_line(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begin = Instant::now();
    let method = request.method().to_string();
    let path = request.path().to_owned();
    let response = next.call(request).await;
    let duration_ms = begin.elapsed().as_secs_f64() * 1_000.0;
    match &response {
        Ok(response) => info!(
            method,
            path,
            status = response.status().as_u16(),
            duration_ms,
            "request handled"
        ),
        Err(error) => error!(method, path, %error, duration_ms, "request failed"),
    }
    response
}
