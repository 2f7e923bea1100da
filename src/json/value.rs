//! Values of every kind that a field can have, and how they are written as JSON.

use super::{
    escape::{Escaped, push_escaped, push_string},
    number::{non_finite_name, push_f64, push_i64, push_i128, push_u64, push_u128},
    rules::Rules,
};
use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use std::{
    error::Error,
    fmt::{self, Write as _},
    io::Write as _,
};

/// The longest chain of error sources that is written. Longer chains are cut, since a chain can be circular.
pub(super) const MAX_SOURCES: usize = 64;

#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(&'a str),
    Bytes(&'a [u8]),
    Debug(&'a dyn fmt::Debug),
    Error(&'a (dyn Error + 'static)),
    /// `Debug` writes one JSON value, already escaped by this crate's rules.
    Json(&'a dyn fmt::Debug),
}

impl Value<'_> {
    /// Returns whether the value is written as a text, so between quotes, whatever it contains.
    #[inline(always)]
    pub(super) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Str(_) | Self::Bytes(_) | Self::Debug(_) | Self::Error(_)
        )
    }

    /// Appends the value as JSON. Inlined so that each call keeps only the code for its kind. Runs user code for `Debug` and `Error`.
    #[inline(always)]
    pub(crate) fn push(&self, out: &mut Vec<u8>, rules: &Rules) {
        match *self {
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::I64(value) => push_i64(out, value),
            Self::U64(value) => push_u64(out, value),
            Self::I128(value) => push_i128(out, value),
            Self::U128(value) => push_u128(out, value),
            Self::F64(value) => push_f64(out, value, rules.non_finite),
            Self::Str(value) => push_string(out, value),
            Self::Json(value) => {
                // A `Vec` accepts everything.
                let _ = write!(out, "{value:?}");
            }
            Self::Bytes(_) | Self::Debug(_) | Self::Error(_) => {
                out.push(b'"');
                self.push_text(out, rules);
                out.push(b'"');
            }
        }
    }

    /// Appends a value of any kind as the inside of a JSON string.
    #[inline(always)]
    pub(crate) fn push_text(&self, out: &mut Vec<u8>, rules: &Rules) {
        match *self {
            Self::Str(value) => push_escaped(out, value),
            Self::Debug(value) | Self::Json(value) => {
                push_formatted(out, format_args!("{value:?}"), rules);
            }
            Self::Error(value) => push_formatted(out, format_args!("{value}"), rules),
            Self::Bytes(value) => push_base64(out, value, rules),
            Self::F64(value) if !value.is_finite() => {
                out.extend_from_slice(non_finite_name(value).as_bytes());
            }
            Self::I128(value) => push_formatted(out, format_args!("{value}"), rules),
            Self::U128(value) => push_formatted(out, format_args!("{value}"), rules),
            Self::Bool(_) | Self::I64(_) | Self::U64(_) | Self::F64(_) => self.push(out, rules),
        }
    }
}

/// Appends the messages of an error's sources as a JSON array, nearest source first.
pub(crate) fn push_sources(out: &mut Vec<u8>, first: &(dyn Error + 'static), rules: &Rules) {
    out.push(b'[');
    let mut source = Some(first);
    for index in 0..MAX_SOURCES {
        let Some(error) = source else { break };
        if index > 0 {
            out.push(b',');
        }
        Value::Error(error).push(out, rules);
        source = error.source();
    }
    out.push(b']');
}

#[inline]
fn push_formatted(out: &mut Vec<u8>, text: fmt::Arguments<'_>, rules: &Rules) {
    // `Escaped` never fails, so an error can only come from the value's own `Debug` or `Display`. The text written before it stays.
    let _ = Escaped::new(out, rules.limit).write_fmt(text);
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8], rules: &Rules) {
    // Cuts at whole groups of three bytes, so that the result is still valid base64.
    let kept = bytes.len().min(rules.limit / 3 * 3 + 3);
    // A `Vec` accepts everything.
    let _ = write!(out, "{}", Base64Display::new(&bytes[..kept], &STANDARD));
}
