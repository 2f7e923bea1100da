//! Writes a visited field set into [`Members`].

use super::{
    keys::{Key, Keys, Place},
    members::Members,
    redacted::{push_redacted, redact_json},
    reserved::Reserved,
    rules::Rules,
    unescaped::unescaped,
    value::{Value, push_sources},
};
use std::{error::Error, fmt};
use tracing_core::field::{Field, Visit};

/// Visits the values of a field set with prepared keys, and writes them as members. Writes the message separately.
///
/// Runs user code (`Debug`, `Display`, `Error::source`), so the caller must hold no lock.
pub(crate) struct Record<'a> {
    keys: &'a Keys,
    members: &'a mut Members,
    message: &'a mut Vec<u8>,
    reserved: &'a Reserved,
    rules: &'a Rules,
    /// The fields that write JSON in their `Debug`, one bit per field index.
    json_fields: u64,
}

impl<'a> Record<'a> {
    #[inline]
    pub(crate) fn new(
        keys: &'a Keys,
        members: &'a mut Members,
        message: &'a mut Vec<u8>,
        reserved: &'a Reserved,
        rules: &'a Rules,
        json_fields: u64,
    ) -> Self {
        members.begin(keys);
        Self {
            keys,
            members,
            message,
            reserved,
            rules,
            json_fields,
        }
    }

    #[inline(always)]
    fn put(&mut self, field: &Field, value: Value<'_>) {
        // `ValueSet::record` passes only fields of this call site, so the key always exists.
        let Some(key) = self.keys.get(field.index()) else {
            return;
        };
        if key.place != Place::Member {
            return self.put_elsewhere(key, value);
        }
        // The compiler knows the kind of each value, so none of these conditions is left.
        if value.is_text() {
            self.members.start_text(key);
            let out = self.members.value_mut();
            value.push_text(out, self.rules);
            out.push(b'"');
        } else {
            let started = self.members.start(key);
            value.push(self.members.value_mut(), self.rules);
            if let Value::Json(_) = value {
                self.redact_nested(key, started.value(key));
            }
        }
        self.members.end(key);
        if let Value::Error(error) = value {
            self.put_sources(key, error);
        }
    }

    #[inline(always)]
    fn put_message(&mut self, value: Value<'_>) {
        self.message.clear();
        self.members.forget_message_sources();
        value.push_text(self.message, self.rules);
    }

    /// Writes a message, or what replaces a secret value.
    #[inline(never)]
    fn put_elsewhere(&mut self, key: &Key, value: Value<'_>) {
        if key.place != Place::Message {
            return self.put_redacted(key, value);
        }
        self.put_message(value);
        if let Value::Error(error) = value {
            self.put_sources(key, error);
        }
    }

    #[inline]
    fn put_sources(&mut self, key: &Key, error: &(dyn Error + 'static)) {
        if let Some(source) = error.source() {
            self.members.push_sources(
                key,
                self.rules.sources_suffix,
                self.keys,
                self.reserved,
                |out| push_sources(out, source, self.rules),
            );
        }
    }
}

impl Record<'_> {
    /// Replaces the secrets within the nested value that begins at `start`.
    #[cold]
    fn redact_nested(&mut self, key: &Key, start: usize) {
        if let Some(name) = unescaped(key.name()) {
            redact_json(self.members.value_mut(), start, &name, self.rules);
        }
    }

    /// Writes what stands in place of a value with a secret key. An error's sources are left out. Writes nothing if there is no rule.
    fn put_redacted(&mut self, key: &Key, value: Value<'_>) {
        let Some(rule) = &key.rule else { return };
        let started = self.members.start(key);
        let is_boolean = matches!(value, Value::Bool(_));
        let out = self.members.value_mut();
        if push_redacted(out, rule, is_boolean, self.rules, |out| {
            value.push(out, self.rules);
        }) {
            self.members.end(key);
        } else {
            self.members.cancel(&started);
        }
    }
}

impl Visit for Record<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, Value::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, Value::U128(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Str(value));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.put(field, Value::Bytes(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, Value::Error(value));
    }

    /// The default implementation would write the value's `Debug` output.
    #[cfg(tracing_unstable)]
    fn record_value(&mut self, field: &Field, value: valuable::Value<'_>) {
        let rules = self.rules;
        self.put(field, Value::Json(&super::valuable::Json { value, rules }));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let key = self.keys.get(field.index());
        if key.is_some_and(|key| key.place == Place::Message) {
            // Nearly all messages come this way.
            self.put_message(Value::Debug(value));
        } else if self.json_fields != 0 && self.json_fields >> (field.index() & 63) & 1 == 1 {
            self.put(field, Value::Json(value));
        } else {
            self.put(field, Value::Debug(value));
        }
    }
}
