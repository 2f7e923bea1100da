//! The allowed part of OpenTelemetry's baggage.

use super::{core::Core, scratch::Buffers};
use crate::{json::Value, trace_context};
use opentelemetry::baggage::BaggageExt as _;

impl Core {
    /// Takes what is allowed of the current baggage into the buffers.
    #[inline]
    pub(super) fn take_baggage(&self, buffers: &mut Buffers) {
        if !self.settings.baggage.is_empty() {
            self.take_some_baggage(buffers);
        }
    }

    fn take_some_baggage(&self, buffers: &mut Buffers) {
        let prepared = self.prepared();
        let taken = trace_context::with_current(|context| {
            let baggage = context.baggage();
            for key in &self.settings.baggage {
                if let Some(value) = baggage.get(key) {
                    buffers.baggage.push_named(key, &prepared.reserved, |out| {
                        Value::Str(value.as_str()).push(out, &prepared.rules);
                    });
                }
            }
        });
        // Out of reach: the thread is being destroyed, and with it its baggage.
        let _ = taken;
    }
}
