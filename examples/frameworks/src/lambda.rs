//! AWS Lambda: the runtime passes the trace of each invocation as an X-Ray header, and also in the variable `_X_AMZN_TRACE_ID`.
//!
//! `OTEL_PROPAGATORS=xray,baggage` makes `init` install the propagator that reads this header (feature `xray`). Lambda freezes the process
//! between invocations, so spans may reach their backend only during a later invocation. Lines are written at once.

use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};
use std::collections::HashMap;
use tracing::{Instrument as _, info, info_span};
use tracing_stamp::{tracing_opentelemetry::OpenTelemetrySpanExt as _, w3c};

/// Handles an invocation, for `lambda_runtime::run(service_fn(handler))`.
///
/// # Errors
///
/// None.
pub async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let span = info_span!(
        "invocation",
        otel.kind = "server",
        faas.invocation_id = event.context.request_id
    );
    if let Some(trace) = event.context.xray_trace_id.clone() {
        let carrier = HashMap::from([("x-amzn-trace-id".to_owned(), trace)]);
        let _ = span.set_parent(w3c::extract(&carrier));
    }
    async move {
        info!(order = event.payload["order"].as_u64(), "order received");
        Ok(json!({ "shipped": true }))
    }
    .instrument(span)
    .await
}
