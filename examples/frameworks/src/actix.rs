//! actix-web: `RequestTracing` makes a span of each request and its context current, so every line of a handler has its ids.
//!
//! The `Logger` of actix-web writes its line after that context is gone, and so without ids. An access line of your own is a
//! middleware within the context: `App` runs the middleware first that is wrapped last.

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use std::time::Instant;
use tracing::{error, info};

/// What `App::configure` takes: the routes.
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

/// A line for each request, with its ids: `.wrap(from_fn(access_line)).wrap(RequestTracing::new())`, in this order.
///
/// # Errors
///
/// The errors of the service.
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
