//! The minimum cost of an event: a layer that visits its fields and writes nothing.

use std::fmt;
use std::hint::black_box;

use tracing::field::{Field, Visit};
use tracing::subscriber::set_global_default;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::Contender;
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "floor",
    what: "nothing: fields visited, no OpenTelemetry",
    swept: false,
    run: |job| {
        set_global_default(tracing_subscriber::registry().with(Floor))
            .expect("one contender per process");
        workload::run(job)
    },
};

pub struct Floor;

impl<S: Subscriber> Layer<S> for Floor {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(black_box(&mut Nothing));
    }
}

struct Nothing;

impl Visit for Nothing {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        black_box((field, value));
    }
}
