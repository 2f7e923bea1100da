use super::{
    counts::Counts,
    key::{self, KeyHasher},
};
use std::{hash::RandomState, sync::Arc};
use tracing_core::{Event, field::Field};

/// The limit of one call site.
#[derive(Debug)]
pub(crate) struct CallSiteLimit {
    pub(super) counts: Arc<Counts>,
    /// The field with the key.
    pub(super) field: Option<Field>,
    pub(super) hasher: RandomState,
}

impl CallSiteLimit {
    pub(crate) fn hasher(&self) -> KeyHasher {
        KeyHasher::new(&self.hasher)
    }

    /// Whether some events of the call site may have a key.
    #[inline]
    pub(crate) fn has_key(&self) -> bool {
        self.field.is_some()
    }

    /// Returns the key of an event: the hash of the field's value. Runs user code if the call site has this field.
    pub(crate) fn key(&self, event: &Event<'_>) -> Option<u64> {
        let field = self.field.as_ref()?;
        key::of_field(self.hasher(), field, event)
    }
}
