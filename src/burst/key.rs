//! The hash of a key.

use std::{
    collections::hash_map::DefaultHasher,
    fmt::{self, Write as _},
    hash::{BuildHasher as _, Hash, Hasher as _, RandomState},
};
use tracing_core::{
    Event,
    field::{Field, Visit},
};

/// Hashes the parts of a key. The hash is keyed at random, because a peer may choose the values.
pub(crate) struct KeyHasher(DefaultHasher);

impl KeyHasher {
    pub(super) fn new(state: &RandomState) -> Self {
        Self(state.build_hasher())
    }

    pub(crate) fn add(&mut self, part: impl Hash) {
        part.hash(&mut self.0);
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// Text that is written to it is a part of the key. No text marks its end, so that formatted text and a string are the same key.
impl fmt::Write for KeyHasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Returns the hash of the value of one field. Returns `None` if the event has no such value. Runs user code.
pub(super) fn of_field(hasher: KeyHasher, field: &Field, event: &Event<'_>) -> Option<u64> {
    let mut value = FieldValue {
        field,
        hasher,
        is_found: false,
    };
    event.record(&mut value);
    value.is_found.then(|| value.hasher.finish())
}

struct FieldValue<'a> {
    field: &'a Field,
    hasher: KeyHasher,
    is_found: bool,
}

impl FieldValue<'_> {
    #[inline]
    fn add(&mut self, field: &Field, add: impl FnOnce(&mut KeyHasher)) {
        if field.index() == self.field.index() {
            self.is_found = true;
            add(&mut self.hasher);
        }
    }
}

impl Visit for FieldValue<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // The hasher accepts everything. If the value's own `Debug` fails, the text before that is the key.
        self.add(field, |hasher| {
            let _ = write!(hasher, "{value:?}");
        });
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |hasher| {
            let _ = hasher.write_str(value);
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |hasher| hasher.add(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |hasher| hasher.add(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |hasher| hasher.add(value));
    }
}
