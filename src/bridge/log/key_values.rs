//! The key-values of a record.

use super::structured::capture;
use crate::{
    bridge::values::{Copies, Held, ON_STACK, Values},
    json::Captured,
    site::{Name, Site},
};
use log::kv::{Error, Key, Source, Value, VisitSource, VisitValue};
use smallvec::SmallVec;
use std::{error::Error as StdError, mem};

/// Returns the values of a record if it has exactly the keys of `site`, and if all values can be borrowed. Most records are like this.
#[inline]
pub(super) fn plain<'a>(source: &'a dyn Source, site: &'static Site) -> Option<Values<'a>> {
    let mut plain = Plain {
        site,
        values: Values::new(),
        is_incomplete: false,
    };
    let _ = source.visit(&mut plain);
    let is_complete = !plain.is_incomplete && plain.values.len() == site.keys().len();
    is_complete.then_some(plain.values)
}

struct Plain<'a> {
    site: &'static Site,
    values: Values<'a>,
    /// Whether there is another key, or a value that has to be copied.
    is_incomplete: bool,
}

impl<'a> VisitSource<'a> for Plain<'a> {
    #[inline]
    fn visit_pair(&mut self, key: Key<'a>, value: Value<'a>) -> Result<(), Error> {
        let index = self.values.len();
        if self.site.has_key(index, name(&key)) {
            // The visit never fails, so there is nothing to drop. The compiler cannot know that, and a drop would take time.
            mem::forget(value.visit(Borrow(&mut self.values)));
        }
        if self.values.len() == index {
            self.is_incomplete = true;
            return Err(Error::msg("not a plain record"));
        }
        Ok(())
    }
}

#[inline]
fn name<'a>(key: &Key<'a>) -> Name<'a> {
    match key.to_static_str() {
        Some(name) => Name::Static(name),
        // `log` has no keys that are not borrowed; its API only reserves the possibility.
        None => Name::Borrowed(key.to_borrowed_str().unwrap_or_default()),
    }
}

/// The key-values of a record, in order.
#[derive(Default)]
pub(super) struct KeyValues<'a> {
    pub(super) names: SmallVec<[Name<'a>; ON_STACK]>,
    pub(super) values: Values<'a>,
    /// The values that have to be copied. Until then, [`values`](Self::values) has nothing in their place.
    to_copy: Vec<(usize, Value<'a>)>,
}

impl<'a> KeyValues<'a> {
    /// Takes the keys, by which filters decide, and the values that can be borrowed.
    pub(super) fn of(source: &'a dyn Source) -> Self {
        let mut key_values = Self::default();
        // If the source fails, the key-values visited before that are kept.
        let _ = source.visit(&mut key_values);
        key_values
    }

    /// Copies the remaining values, which runs user code.
    pub(super) fn copy_rest(&mut self, copies: &mut Copies) {
        for (index, value) in self.to_copy.drain(..) {
            // Each method of the visitor accepts the value and never fails.
            let mut held = Held::Nothing;
            let _ = value.visit(Copy {
                copies,
                held: &mut held,
            });
            self.values[index] = held;
        }
    }
}

impl<'a> VisitSource<'a> for KeyValues<'a> {
    fn visit_pair(&mut self, key: Key<'a>, value: Value<'a>) -> Result<(), Error> {
        let index = self.values.len();
        self.names.push(name(&key));
        let _ = value.visit(Borrow(&mut self.values));
        if self.values.len() == index {
            self.values.push(Held::Nothing);
            self.to_copy.push((index, value));
        }
        Ok(())
    }
}

/// A visitor that takes values that can be borrowed, and ignores all others.
struct Borrow<'v, 'a>(&'v mut Values<'a>);

impl<'a> Borrow<'_, 'a> {
    #[inline]
    fn take(&mut self, held: Held<'a>) -> Result<(), Error> {
        self.0.push(held);
        Ok(())
    }
}

impl<'a> VisitValue<'a> for Borrow<'_, 'a> {
    fn visit_any(&mut self, _: Value<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        self.take(Held::Nothing)
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.take(Held::U64(value))
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
        self.take(Held::I64(value))
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), Error> {
        self.take(Held::F64(value))
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
        self.take(Held::bool(value))
    }

    fn visit_borrowed_str(&mut self, value: &'a str) -> Result<(), Error> {
        self.take(Held::Str(value))
    }

    fn visit_borrowed_error(&mut self, error: &'a (dyn StdError + 'static)) -> Result<(), Error> {
        self.take(Held::Error(error))
    }
}

/// A visitor that copies a value.
struct Copy<'t> {
    copies: &'t mut Copies,
    held: &'t mut Held<'static>,
}

impl Copy<'_> {
    fn take(&mut self, value: Captured) -> Result<(), Error> {
        *self.held = self.copies.captured(value);
        Ok(())
    }
}

impl VisitValue<'_> for Copy<'_> {
    /// Values captured as `Debug` or `Display` stream as text, and all others as themselves.
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        let captured = self.copies.capture(|text| capture(&value, text));
        // A value that has no JSON form can still be displayed.
        *self.held = captured.unwrap_or_else(|_| self.copies.formatted(format_args!("{value}")));
        Ok(())
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), Error> {
        self.take(Captured::U128(value))
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), Error> {
        self.take(Captured::I128(value))
    }

    fn visit_str(&mut self, value: &str) -> Result<(), Error> {
        *self.held = self.copies.str(value);
        Ok(())
    }

    fn visit_error(&mut self, error: &(dyn StdError + 'static)) -> Result<(), Error> {
        *self.held = self.copies.error(error);
        Ok(())
    }
}
