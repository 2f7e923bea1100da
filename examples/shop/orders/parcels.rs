//! A queue with messages that carry the context of their producer.

use std::collections::HashMap;
use tokio::sync::mpsc;
use tracing::{Instrument as _, info, info_span, warn};
use tracing_stamp::{
    opentelemetry::trace::TraceContextExt as _, tracing_opentelemetry::OpenTelemetrySpanExt as _,
    w3c,
};

/// In a real queue this would be JSON, with attributes beside the body.
struct Message {
    order: u32,
    attributes: HashMap<String, String>,
}

#[derive(Clone)]
pub(super) struct Parcels {
    queue: mpsc::Sender<Message>,
}

impl Parcels {
    pub(super) fn start() -> Self {
        let (queue, messages) = mpsc::channel(100);
        tokio::spawn(work(messages));
        Self { queue }
    }

    pub(super) async fn pack(&self, order: u32) {
        let mut attributes = HashMap::new();
        w3c::inject(&mut attributes);
        let message = Message { order, attributes };
        if self.queue.send(message).await.is_err() {
            warn!("parcel queue is closed");
        }
    }
}

async fn work(mut messages: mpsc::Receiver<Message>) {
    while let Some(message) = messages.recv().await {
        let producer = w3c::extract(&message.attributes);
        let span = info_span!("pack parcel", otel.kind = "consumer", order = message.order);
        // The span is linked to the request that queued the message. It also belongs to the trace of that request, as it does work for
        // that request alone. A span for a batch of messages from many requests would only have links.
        span.add_link(producer.span().span_context().clone());
        // This fails if a filter hides the span. Then there is no parent to set.
        let _ = span.set_parent(producer);
        async { info!("parcel packed") }.instrument(span).await;
    }
}
