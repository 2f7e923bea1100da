//! A queue, whose messages carry the context of whoever left them.

use std::collections::HashMap;
use tokio::sync::mpsc;
use tracing::{Instrument as _, info, info_span, warn};
use tracing_stamp::{
    opentelemetry::trace::TraceContextExt as _, tracing_opentelemetry::OpenTelemetrySpanExt as _,
    w3c,
};

/// What would be JSON in a real queue, with attributes beside its body.
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
            warn!("nobody packs parcels");
        }
    }
}

async fn work(mut messages: mpsc::Receiver<Message>) {
    while let Some(message) = messages.recv().await {
        let producer = w3c::extract(&message.attributes);
        let span = info_span!("pack parcel", otel.kind = "consumer", order = message.order);
        // Linked to the request that left it, and, as it is the work of that request alone, a part of its trace. A batch of many
        // requests' messages would have links alone.
        span.add_link(producer.span().span_context().clone());
        // It fails where spans are filtered out, and then there is nothing to set.
        let _ = span.set_parent(producer);
        async { info!("parcel packed") }.instrument(span).await;
    }
}
