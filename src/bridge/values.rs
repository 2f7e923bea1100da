//! The values of a record, collected before its event is dispatched.

use crate::json::Captured;
use smallvec::SmallVec;
use std::{
    cell::Cell,
    error::Error,
    fmt::{self, Write as _},
};
use tracing_core::field::{DebugValue, Value, debug};

/// The number of values, and of keys, that are kept on the stack.
pub(super) const ON_STACK: usize = 15;

/// The values of a record, in the order of its keys.
pub(super) type Values<'a> = SmallVec<[Held<'a>; ON_STACK]>;

/// A value in a form that `tracing` accepts, once it is [resolved](resolve).
pub(super) enum Held<'a> {
    /// The field has no value.
    Nothing,
    Bool(&'static bool),
    I64(i64),
    U64(u64),
    F64(f64),
    I128(&'a i128),
    U128(&'a u128),
    Str(&'a str),
    Text(&'a String),
    Bytes(&'a [u8]),
    Error(&'a (dyn Error + 'static)),
    Json(DebugValue<Json<'a>>),
    /// A text in [`Copies`].
    Copied(Text),
    /// Another value in [`Copies`], by its index.
    Captured(usize),
}

/// The index of a text in [`Copies`].
pub(super) struct Text(usize);

impl<'a> Held<'a> {
    /// Holds a reference rather than the `bool` itself: with a single byte in the enum, the compiler moves values in pieces that do not
    /// match the preceding stores.
    #[inline]
    pub(super) fn bool(value: bool) -> Self {
        Self::Bool(if value { &true } else { &false })
    }

    /// Returns the value, or `None` if the field has none. An unresolved value counts as none, unless it is one of `texts`.
    #[inline]
    pub(super) fn value<'v>(&'v self, texts: &'v [String]) -> Option<&'v dyn Value> {
        match self {
            Self::Nothing | Self::Captured(_) => None,
            Self::Copied(text) => Some(texts.get(text.0)?),
            Self::Bool(value) => Some(value),
            Self::I64(value) => Some(value),
            Self::U64(value) => Some(value),
            Self::F64(value) => Some(value),
            Self::I128(value) => Some(*value),
            Self::U128(value) => Some(*value),
            Self::Str(value) => Some(value),
            Self::Text(value) => Some(*value),
            Self::Bytes(value) => Some(value),
            Self::Error(value) => Some(value),
            Self::Json(value) => Some(value),
        }
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
            Captured::Text(text) => Self::Text(text),
            Captured::Bytes(bytes) => Self::Bytes(bytes),
            Captured::Error(error) => Self::Error(&**error),
            Captured::Json(json) => Self::Json(debug(Json(json))),
        }
    }

    /// Returns an owned copy of the value. Runs user code, for errors.
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
            Self::Text(text) => Captured::Text((*text).clone()),
            Self::Bytes(bytes) => Captured::Bytes(bytes.to_vec()),
            Self::Error(error) => Captured::error(*error),
            Self::Json(json) => Captured::Json(format!("{json:?}")),
        }
    }
}

/// JSON text that `Debug` writes unchanged.
pub(super) struct Json<'a>(&'a str);

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Copies of values that were only borrowed for the duration of a call.
#[derive(Default)]
pub(super) struct Copies {
    /// The first `used` texts belong to this record. The others are left from earlier records, for their memory.
    texts: Vec<String>,
    /// The number of texts that belong to this record.
    used: usize,
    /// The number of bytes in these texts.
    bytes: usize,
    captured: Vec<Captured>,
}

/// A thread keeps the memory of a record's texts for its next record, up to this number of bytes.
const KEPT_BYTES: usize = 4096;

thread_local! {
    static KEPT: Cell<Vec<String>> = const { Cell::new(Vec::new()) };
}

impl Copies {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            // Within another record, and while the thread's locals are destroyed, no memory is kept.
            texts: KEPT.try_with(Cell::take).unwrap_or_default(),
            used: 0,
            bytes: 0,
            captured: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn str(&mut self, text: &str) -> Held<'static> {
        Held::Copied(self.copy(text))
    }

    #[inline]
    pub(super) fn copy(&mut self, text: &str) -> Text {
        let (copy, place) = self.begin();
        copy.push_str(text);
        self.bytes += text.len();
        place
    }

    #[cfg(feature = "slog")]
    pub(super) fn text(&self, text: &Text) -> &str {
        &self.texts[text.0]
    }

    /// Returns the texts of this record, for [`Held::value`].
    #[cfg(feature = "slog")]
    #[inline]
    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Returns whether all copies are texts.
    #[cfg(feature = "slog")]
    #[inline]
    pub(super) fn are_all_texts(&self) -> bool {
        self.captured.is_empty()
    }

    /// Copies the formatted form of a value. Runs user code. If it fails, the text written before that is kept.
    pub(super) fn formatted(&mut self, text: fmt::Arguments<'_>) -> Held<'static> {
        let (copy, place) = self.begin();
        let _ = copy.write_fmt(text);
        self.bytes += self.texts[place.0].len();
        Held::Copied(place)
    }

    /// Copies an error with its sources. Runs user code.
    pub(super) fn error(&mut self, error: &(dyn Error + 'static)) -> Held<'static> {
        self.captured(Captured::error(error))
    }

    pub(super) fn captured(&mut self, value: Captured) -> Held<'static> {
        self.captured.push(value);
        Held::Captured(self.captured.len() - 1)
    }

    /// Copies a value with the given `capture` function, which returns `None` if it has only appended to the text. Runs user code.
    ///
    /// # Errors
    ///
    /// Those of `capture`. Then nothing is copied.
    pub(super) fn capture<E>(
        &mut self,
        capture: impl FnOnce(&mut String) -> Result<Option<Captured>, E>,
    ) -> Result<Held<'static>, E> {
        let (text, place) = self.begin();
        let captured = capture(text);
        self.bytes += self.texts[place.0].len();
        match captured? {
            Some(captured) => Ok(self.captured(captured)),
            None => Ok(Held::Copied(place)),
        }
    }

    /// Returns an empty text for the next copy.
    #[inline]
    fn begin(&mut self) -> (&mut String, Text) {
        let place = self.used;
        self.used += 1;
        if place == self.texts.len() {
            self.texts.push(String::new());
        }
        let text = &mut self.texts[place];
        text.clear();
        (text, Text(place))
    }
}

impl Drop for Copies {
    #[inline]
    fn drop(&mut self) {
        if self.bytes <= KEPT_BYTES {
            let texts = std::mem::take(&mut self.texts);
            let _ = KEPT.try_with(|kept| kept.set(texts));
        }
    }
}

/// Replaces each reference to a copy by the copy itself.
#[inline]
pub(super) fn resolve<'a>(values: &mut [Held<'a>], copies: &'a Copies) {
    for held in values {
        match held {
            Held::Copied(text) => *held = Held::Text(&copies.texts[text.0]),
            Held::Captured(index) => *held = Held::of(&copies.captured[*index]),
            _ => {}
        }
    }
}
