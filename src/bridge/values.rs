//! A record's values, collected before its event.

use crate::json::Captured;
use smallvec::SmallVec;
use std::{
    cell::Cell,
    error::Error,
    fmt::{self, Write as _},
};
use tracing_core::field::{DebugValue, Value, debug};

/// How many values, and keys, are kept on the stack.
pub(super) const ON_STACK: usize = 15;

/// The values of a record, in the order of its keys.
pub(super) type Values<'a> = SmallVec<[Held<'a>; ON_STACK]>;

/// A value as `tracing` takes it, once it is [settled](settle).
pub(super) enum Held<'a> {
    /// A field without a value.
    Nothing,
    Bool(&'static bool),
    I64(i64),
    U64(u64),
    F64(f64),
    I128(&'a i128),
    U128(&'a u128),
    Str(&'a str),
    Bytes(&'a [u8]),
    Error(&'a (dyn Error + 'static)),
    Json(DebugValue<Json<'a>>),
    /// Text among the copies.
    Copied(Text),
    /// One of the copies that are no text.
    Captured(usize),
}

/// Where text stands among the copies.
pub(super) struct Text {
    start: usize,
    end: usize,
}

impl<'a> Held<'a> {
    /// Not in place, where its byte would make the compiler move values by pieces that do not fit the stores before.
    #[inline]
    pub(super) fn bool(value: bool) -> Self {
        Self::Bool(if value { &true } else { &false })
    }

    /// The value, if the field has one.
    #[inline]
    pub(super) fn value(&self) -> Option<&dyn Value> {
        match self {
            // What is not settled has no value yet.
            Self::Nothing | Self::Copied(_) | Self::Captured(_) => None,
            Self::Bool(value) => Some(value),
            Self::I64(value) => Some(value),
            Self::U64(value) => Some(value),
            Self::F64(value) => Some(value),
            Self::I128(value) => Some(value),
            Self::U128(value) => Some(value),
            Self::Str(value) => Some(value),
            Self::Bytes(value) => Some(value),
            Self::Error(value) => Some(value),
            Self::Json(value) => Some(value),
        }
    }

    #[inline]
    pub(super) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }

    fn of(captured: &'a Captured) -> Self {
        match captured {
            Captured::Nothing => Self::Nothing,
            Captured::Bool(value) => Self::bool(*value),
            Captured::I64(value) => Self::I64(*value),
            Captured::U64(value) => Self::U64(*value),
            Captured::F64(value) => Self::F64(*value),
            Captured::I128(value) => Self::I128(value),
            Captured::U128(value) => Self::U128(value),
            Captured::Text(text) => Self::Str(text),
            Captured::Bytes(bytes) => Self::Bytes(bytes),
            Captured::Error(error) => Self::Error(&**error),
            Captured::Json(json) => Self::Json(debug(Json(json))),
        }
    }

    /// The value by itself. Runs user code: that of errors.
    pub(super) fn to_captured(&self) -> Captured {
        match self {
            Self::Nothing | Self::Copied(_) | Self::Captured(_) => Captured::Nothing,
            Self::Bool(value) => Captured::Bool(**value),
            Self::I64(value) => Captured::I64(*value),
            Self::U64(value) => Captured::U64(*value),
            Self::F64(value) => Captured::F64(*value),
            Self::I128(value) => Captured::I128(**value),
            Self::U128(value) => Captured::U128(**value),
            Self::Str(text) => Captured::Text((*text).to_owned()),
            Self::Bytes(bytes) => Captured::Bytes(bytes.to_vec()),
            Self::Error(error) => Captured::error(*error),
            Self::Json(json) => Captured::Json(format!("{json:?}")),
        }
    }
}

/// JSON, which its `Debug` writes as it is.
pub(super) struct Json<'a>(&'a str);

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Copies of what was shown for a moment only.
#[derive(Default)]
pub(super) struct Copies {
    text: String,
    captured: Vec<Captured>,
}

/// So much memory for text is kept by a thread, in bytes, for its next record.
const KEPT_BYTES: usize = 4096;

thread_local! {
    static KEPT: Cell<String> = const { Cell::new(String::new()) };
}

impl Copies {
    pub(super) fn new() -> Self {
        Self {
            // Within another record, and during the thread's destruction, there is none.
            text: KEPT.try_with(Cell::take).unwrap_or_default(),
            captured: Vec::new(),
        }
    }

    pub(super) fn str(&mut self, text: &str) -> Held<'static> {
        Held::Copied(self.copy(text))
    }

    pub(super) fn copy(&mut self, text: &str) -> Text {
        let start = self.text.len();
        self.text.push_str(text);
        self.text_since(start)
    }

    pub(super) fn text(&self, text: &Text) -> &str {
        &self.text[text.start..text.end]
    }

    /// What a value shows of itself. Runs user code; where that fails, what it wrote stays.
    pub(super) fn formatted(&mut self, text: fmt::Arguments<'_>) -> Held<'static> {
        let start = self.text.len();
        let _ = self.text.write_fmt(text);
        Held::Copied(self.text_since(start))
    }

    /// An error with its sources. Runs user code.
    pub(super) fn error(&mut self, error: &(dyn Error + 'static)) -> Held<'static> {
        self.captured(Captured::error(error))
    }

    pub(super) fn captured(&mut self, value: Captured) -> Held<'static> {
        self.captured.push(value);
        Held::Captured(self.captured.len() - 1)
    }

    /// What a value turns out to be when it is captured: text where `capture` has only appended to the text. Runs user code.
    ///
    /// # Errors
    ///
    /// Those of `capture`; nothing is copied then.
    pub(super) fn capture<E>(
        &mut self,
        capture: impl FnOnce(&mut String) -> Result<Option<Captured>, E>,
    ) -> Result<Held<'static>, E> {
        let start = self.text.len();
        match capture(&mut self.text) {
            Ok(Some(captured)) => Ok(self.captured(captured)),
            Ok(None) => Ok(Held::Copied(self.text_since(start))),
            Err(error) => {
                self.text.truncate(start);
                Err(error)
            }
        }
    }

    fn text_since(&self, start: usize) -> Text {
        Text {
            start,
            end: self.text.len(),
        }
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        if self.text.capacity() <= KEPT_BYTES {
            self.text.clear();
            let text = std::mem::take(&mut self.text);
            let _ = KEPT.try_with(|kept| kept.set(text));
        }
    }
}

/// Puts the copies in the place of what only refers to them.
#[inline]
pub(super) fn settle<'a>(values: &mut Values<'a>, copies: &'a Copies) {
    for held in values {
        match held {
            Held::Copied(text) => *held = Held::Str(copies.text(text)),
            Held::Captured(index) => *held = Held::of(&copies.captured[*index]),
            _ => {}
        }
    }
}
