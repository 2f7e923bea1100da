//! The allowed part of OpenTelemetry's baggage.

use super::{core::Core, scratch::Buffers};
use crate::json::Value;

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
        let baggage = &mut buffers.baggage;
        self.settings
            .source
            .baggage(&self.settings.baggage, &mut |key, value| {
                baggage.push_named(key, &prepared.reserved, |out| {
                    Value::Str(value).push(out, &prepared.rules);
                });
            });
    }
}
