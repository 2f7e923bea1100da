//! Collects the key-values of a record and of its loggers.

use super::recent::Recent;
use crate::{
    bridge::values::{Copies, Held, ON_STACK, Text, Values},
    json::{Captured, capture},
    site::{self, Name},
};
use slog::{BorrowedKV, BytesKind, KV, Key, OwnedKVList, Record, SerdeValue, Serializer};
use smallvec::SmallVec;
use std::{any::Any, error::Error, fmt, mem};

/// Keys and values: first those of the loggers, outermost logger first, then the record's own.
pub(super) struct Collected<'c> {
    /// The call site that the record is expected to have. `None` once a key differs from that site's keys.
    pub(super) expected: Option<Recent>,
    /// The expected keys of the current part that slog has not passed yet. slog passes the last of them next.
    ahead: &'static [site::Key],
    /// The keys, unless the record has its expected call site.
    keys: SmallVec<[HeldKey; ON_STACK]>,
    /// The values for the keys of the expected call site, in their order.
    slots: [Held<'c>; ON_STACK],
    /// The values of `keys`.
    values: Values<'c>,
    /// The indices at which the values of the loggers and of the record start.
    starts: [usize; 2],
    /// The part that slog passes now.
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Loggers,
    Record,
    /// All parts are complete, and the values are in order.
    Done,
}

/// A key: static, or copied.
enum HeldKey {
    Static(&'static str),
    Copied(Text),
}

/// A serializer that receives key-values from slog.
pub(super) struct Collect<'t, 'c> {
    collected: &'t mut Collected<'c>,
    copies: &'t mut Copies,
}

impl<'c> Collected<'c> {
    #[inline]
    pub(super) fn new(expected: Option<Recent>) -> Self {
        Self {
            expected,
            ahead: &[],
            keys: SmallVec::new(),
            slots: [const { Held::Nothing }; ON_STACK],
            values: Values::new(),
            starts: [0; 2],
            part: Part::Loggers,
        }
    }

    pub(super) fn names<'k>(&'k self, copies: &'k Copies) -> impl Iterator<Item = Name<'k>> {
        self.keys.iter().map(|key| match key {
            HeldKey::Static(key) => Name::Static(key),
            HeldKey::Copied(text) => Name::Borrowed(copies.text(text)),
        })
    }

    #[inline]
    pub(super) fn values(&self) -> &[Held<'c>] {
        match self.expected {
            Some(recent) => &self.slots[..recent.site.keys().len()],
            None => &self.values,
        }
    }

    /// Returns the values, so that they can be [resolved](crate::bridge::values::resolve).
    #[inline]
    pub(super) fn values_mut(&mut self) -> &mut [Held<'c>] {
        match self.expected {
            Some(recent) => &mut self.slots[..recent.site.keys().len()],
            None => &mut self.values,
        }
    }

    /// Returns the number of keys that come from loggers.
    pub(super) fn of_loggers(&self) -> usize {
        self.starts[1] - self.starts[0]
    }

    /// Starts the part of the loggers.
    #[inline]
    fn begin_loggers(&mut self) {
        match self.expected {
            Some(recent) => {
                self.ahead = &recent.site.keys()[..recent.of_loggers];
                self.starts = [0, recent.of_loggers];
            }
            None => self.starts = [self.values.len(); 2],
        }
    }

    /// Starts the part of the record.
    #[inline]
    fn begin_record(&mut self) {
        self.expect_no_more();
        self.part = Part::Record;
        match self.expected {
            Some(recent) => self.ahead = &recent.site.keys()[recent.of_loggers..],
            None => self.starts[1] = self.values.len(),
        }
    }

    #[inline]
    fn expect_no_more(&mut self) {
        if !self.ahead.is_empty() {
            self.give_up_expected();
        }
    }

    /// Returns the slot for the value of `key`, if that is the next expected key.
    #[inline]
    fn expected_slot(&mut self, key: &Key) -> Option<&mut Held<'c>> {
        let (next, ahead) = self.ahead.split_last()?;
        if !next.is(Name::Static(static_key(key)?)) {
            return None;
        }
        self.ahead = ahead;
        let start = self.starts[usize::from(self.part == Part::Record)];
        self.slots.get_mut(start + ahead.len())
    }

    /// Stops expecting the site's keys, and collects keys from now on. The keys so far were as expected.
    #[cold]
    fn give_up_expected(&mut self) {
        let ahead = mem::take(&mut self.ahead).len();
        let Some(Recent { site, of_loggers }) = self.expected.take() else {
            return;
        };
        let keys = site.keys();
        let passed = match self.part {
            Part::Loggers => of_loggers - ahead,
            Part::Record | Part::Done => keys.len() - ahead,
        };
        // slog passes the last key of each part first.
        let indices = (0..of_loggers).rev().chain((of_loggers..keys.len()).rev());
        for index in indices.take(passed) {
            self.keys.push(HeldKey::Static(keys[index].name()));
            let value = mem::replace(&mut self.slots[index], Held::Nothing);
            self.values.push(value);
        }
    }

    /// Reverses the values: slog passes the innermost logger first, and the last key-value of each logger first.
    #[inline]
    fn put_in_order(&mut self) {
        if self.expected.is_none() && self.part != Part::Done {
            self.reverse_parts();
        }
        self.part = Part::Done;
    }

    fn reverse_parts(&mut self) {
        let [of_loggers, mut of_record] = self.starts;
        if self.part == Part::Loggers {
            of_record = self.values.len();
        }
        self.keys[of_loggers..of_record].reverse();
        self.values[of_loggers..of_record].reverse();
        self.keys[of_record..].reverse();
        self.values[of_record..].reverse();
    }

    /// Finishes with the key-values that slog passed before a value panicked.
    #[cold]
    pub(super) fn finish_after_panic(&mut self) {
        self.give_up_expected();
        self.put_in_order();
    }
}

impl<'t, 'c> Collect<'t, 'c> {
    #[inline]
    pub(super) fn into(collected: &'t mut Collected<'c>, copies: &'t mut Copies) -> Self {
        Self { collected, copies }
    }

    /// Appends a key-value of this crate.
    pub(super) fn push(&mut self, key: &'static str, value: &str) {
        let value = self.copies.str(value);
        self.collected.keys.push(HeldKey::Static(key));
        self.collected.values.push(value);
    }

    /// Appends the key-values of the loggers and the record. Computes lazy values and runs other user code.
    #[inline]
    pub(super) fn take(&mut self, record: &Record<'_>, loggers: &OwnedKVList) {
        self.collected.begin_loggers();
        let of_loggers = loggers.serialize(record, self);
        self.collected.begin_record();
        let of_record = BorrowedKV::serialize(&record.kv(), record, self);
        self.collected.expect_no_more();
        let taken = of_loggers.and(of_record);
        if taken.is_err() {
            self.collected.give_up_expected();
        }
        self.collected.put_in_order();
        if let Err(error) = taken {
            self.push("slog.error", &error.to_string());
        }
    }

    /// Appends a key-value. The value is computed before the key is added, so a panic of the value leaves neither.
    #[inline]
    fn put(&mut self, key: &Key, value: Held<'static>) -> slog::Result {
        match self.collected.expected_slot(key) {
            Some(slot) => *slot = value,
            None => self.put_unexpected(key, value),
        }
        Ok(())
    }

    fn put_unexpected(&mut self, key: &Key, value: Held<'static>) {
        self.collected.give_up_expected();
        let key = match static_key(key) {
            Some(key) => HeldKey::Static(key),
            None => HeldKey::Copied(self.copies.copy(AsRef::<str>::as_ref(key))),
        };
        self.collected.keys.push(key);
        self.collected.values.push(value);
    }
}

/// Returns the key as a static text, if it is one. With slog's feature `dynamic-keys`, a key is a type of its own.
#[inline]
fn static_key(key: &Key) -> Option<&'static str> {
    (key as &dyn Any).downcast_ref::<&'static str>().copied()
}

/// Implements the methods that take a scalar.
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
                .formatted(format_args!("the value cannot be serialized: {error}"))
        });
        self.put(&key, value)
    }

    fn emit_error(&mut self, key: Key, error: &(dyn Error + 'static)) -> slog::Result {
        let value = self.copies.error(error);
        self.put(&key, value)
    }
}
