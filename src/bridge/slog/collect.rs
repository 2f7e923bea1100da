//! A record's key-values with those of its loggers.

use crate::{
    bridge::values::{Copies, Held, ON_STACK, Text, Values},
    json::{Captured, capture},
    site::Name,
};
use slog::{BorrowedKV, BytesKind, KV, Key, OwnedKVList, Record, SerdeValue, Serializer};
use smallvec::SmallVec;
use std::{any::Any, error::Error, fmt};

/// Keys and values, those of outer loggers before those of inner ones, the record's own last.
pub(super) struct Collected<'c> {
    keys: SmallVec<[HeldKey; ON_STACK]>,
    /// Not [settled](crate::bridge::values::settle).
    pub(super) values: Values<'c>,
}

/// A key.
enum HeldKey {
    Static(&'static str),
    Copied(Text),
}

/// Appends to what is collected.
pub(super) struct Collect<'t, 'c> {
    pub(super) collected: &'t mut Collected<'c>,
    pub(super) copies: &'t mut Copies,
}

impl<'c> Collected<'c> {
    pub(super) fn new() -> Self {
        Self {
            keys: SmallVec::new(),
            values: Values::new(),
        }
    }

    pub(super) fn names<'k>(&'k self, copies: &'k Copies) -> impl Iterator<Item = Name<'k>> {
        self.keys.iter().map(|key| match key {
            HeldKey::Static(key) => Name::Static(key),
            HeldKey::Copied(text) => Name::Borrowed(copies.text(text)),
        })
    }

    /// Turns the order around from there to the end.
    fn reverse(&mut self, start: usize) {
        self.keys[start..].reverse();
        self.values[start..].reverse();
    }
}

impl Collect<'_, '_> {
    /// Appends a key-value of our own.
    pub(super) fn push(&mut self, key: &'static str, value: &str) {
        let value = self.copies.str(value);
        self.collected.keys.push(HeldKey::Static(key));
        self.collected.values.push(value);
    }

    /// Appends what loggers and records have, which computes lazy values and runs other user code.
    pub(super) fn take(&mut self, record: &Record<'_>, loggers: &OwnedKVList) {
        // slog shows the innermost first, and of one logger what was given last.
        let start = self.collected.keys.len();
        let of_loggers = loggers.serialize(record, self);
        self.collected.reverse(start);
        let start = self.collected.keys.len();
        let of_record = BorrowedKV::serialize(&record.kv(), record, self);
        self.collected.reverse(start);
        if let Err(error) = of_loggers.and(of_record) {
            self.push("slog.error", &error.to_string());
        }
    }

    /// Takes a value, and only then its key: where taking the value panics, neither is there.
    fn put(&mut self, key: &Key, value: Held<'static>) -> slog::Result {
        // With slog's `dynamic-keys` a key is a type of its own, else it is just this.
        let key = match (key as &dyn Any).downcast_ref::<&'static str>() {
            Some(key) => HeldKey::Static(key),
            None => HeldKey::Copied(self.copies.copy(AsRef::<str>::as_ref(key))),
        };
        self.collected.keys.push(key);
        self.collected.values.push(value);
        Ok(())
    }
}

/// Methods that take a scalar.
macro_rules! scalars {
    ($($method:ident($from:ty) => $variant:ident($to:ty),)*) => {
        $(fn $method(&mut self, key: Key, value: $from) -> slog::Result {
            self.put(&key, Held::$variant(value as $to))
        })*
    };
}

impl Serializer for Collect<'_, '_> {
    scalars! {
        emit_usize(usize) => U64(u64),
        emit_isize(isize) => I64(i64),
        emit_u8(u8) => U64(u64),
        emit_i8(i8) => I64(i64),
        emit_u16(u16) => U64(u64),
        emit_i16(i16) => I64(i64),
        emit_u32(u32) => U64(u64),
        emit_i32(i32) => I64(i64),
        emit_f32(f32) => F64(f64),
        emit_u64(u64) => U64(u64),
        emit_i64(i64) => I64(i64),
        emit_f64(f64) => F64(f64),
    }

    fn emit_u128(&mut self, key: Key, value: u128) -> slog::Result {
        let value = self.copies.captured(Captured::U128(value));
        self.put(&key, value)
    }

    fn emit_i128(&mut self, key: Key, value: i128) -> slog::Result {
        let value = self.copies.captured(Captured::I128(value));
        self.put(&key, value)
    }

    fn emit_bool(&mut self, key: Key, value: bool) -> slog::Result {
        self.put(&key, Held::bool(value))
    }

    fn emit_char(&mut self, key: Key, value: char) -> slog::Result {
        self.emit_str(key, value.encode_utf8(&mut [0; 4]))
    }

    fn emit_str(&mut self, key: Key, value: &str) -> slog::Result {
        let value = self.copies.str(value);
        self.put(&key, value)
    }

    fn emit_unit(&mut self, key: Key) -> slog::Result {
        self.put(&key, Held::Nothing)
    }

    fn emit_none(&mut self, key: Key) -> slog::Result {
        self.put(&key, Held::Nothing)
    }

    fn emit_bytes(&mut self, key: Key, bytes: &[u8], _: BytesKind) -> slog::Result {
        let value = self.copies.captured(Captured::Bytes(bytes.to_vec()));
        self.put(&key, value)
    }

    fn emit_arguments(&mut self, key: Key, value: &fmt::Arguments<'_>) -> slog::Result {
        let value = self.copies.formatted(*value);
        self.put(&key, value)
    }

    fn emit_serde(&mut self, key: Key, value: &dyn SerdeValue) -> slog::Result {
        let captured = self.copies.capture(|text| capture(value.as_serde(), text));
        let value = captured.unwrap_or_else(|error| {
            self.copies
                .formatted(format_args!("cannot be serialized: {error}"))
        });
        self.put(&key, value)
    }

    fn emit_error(&mut self, key: Key, error: &(dyn Error + 'static)) -> slog::Result {
        let value = self.copies.error(error);
        self.put(&key, value)
    }
}
