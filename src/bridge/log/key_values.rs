//! A record's key-values.

use super::structured::capture;
use crate::{
    bridge::values::{Copies, Held, ON_STACK, Values},
    json::Captured,
    site::{Name, Site},
};
use log::kv::{Error, Key, Source, Value, VisitSource, VisitValue};
use smallvec::SmallVec;
use std::{error::Error as StdError, mem};

/// The values of a record that has the keys of a site, if each is just there: most records are of this kind.
#[inline]
pub(super) fn plain<'a>(source: &'a dyn Source, site: &'static Site) -> Option<Values<'a>> {
    let mut plain = Plain {
        site,
        values: Values::new(),
        is_more: false,
    };
    let _ = source.visit(&mut plain);
    let is_all = !plain.is_more && plain.values.len() == site.keys().len();
    is_all.then_some(plain.values)
}

struct Plain<'a> {
    site: &'static Site,
    values: Values<'a>,
    /// There is another key, or a value that is to be taken later.
    is_more: bool,
}

impl<'a> VisitSource<'a> for Plain<'a> {
    #[inline]
    fn visit_pair(&mut self, key: Key<'a>, value: Value<'a>) -> Result<(), Error> {
        let index = self.values.len();
        if self.site.has_key(index, name(&key)) {
            // It never fails, so there is nothing to drop; the compiler cannot know, and drops take time.
            mem::forget(value.visit(Now(&mut self.values)));
        }
        if self.values.len() == index {
            self.is_more = true;
            return Err(Error::msg("not a plain record"));
        }
        Ok(())
    }
}

#[inline]
fn name<'a>(key: &Key<'a>) -> Name<'a> {
    match key.to_static_str() {
        Some(name) => Name::Static(name),
        // A key that is not borrowed does not exist yet: `log` only keeps the door open.
        None => Name::Borrowed(key.to_borrowed_str().unwrap_or_default()),
    }
}

/// The key-values of any record, in order.
#[derive(Default)]
pub(super) struct KeyValues<'a> {
    pub(super) names: SmallVec<[Name<'a>; ON_STACK]>,
    pub(super) values: Values<'a>,
    /// The values that are to be taken later, which are nothing so far.
    later: Vec<(usize, Value<'a>)>,
}

impl<'a> KeyValues<'a> {
    /// Takes the keys, by which filters decide, and the values that are just there.
    pub(super) fn of(source: &'a dyn Source) -> Self {
        let mut key_values = Self::default();
        // Where a source fails, what it has shown before stays.
        let _ = source.visit(&mut key_values);
        key_values
    }

    /// Takes the values that are left, which runs user code.
    pub(super) fn take_later(&mut self, copies: &mut Copies) {
        for (index, value) in self.later.drain(..) {
            // Each method takes the value and never fails.
            let mut held = Held::Nothing;
            let _ = value.visit(Later {
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
        let _ = value.visit(Now(&mut self.values));
        if self.values.len() == index {
            self.values.push(Held::Nothing);
            self.later.push((index, value));
        }
        Ok(())
    }
}

/// Takes a value that is just there, and leaves every other.
struct Now<'v, 'a>(&'v mut Values<'a>);

impl<'a> Now<'_, 'a> {
    #[inline]
    fn take(&mut self, held: Held<'a>) -> Result<(), Error> {
        self.0.push(held);
        Ok(())
    }
}

impl<'a> VisitValue<'a> for Now<'_, 'a> {
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

/// Takes a copy of a value.
struct Later<'t> {
    copies: &'t mut Copies,
    held: &'t mut Held<'static>,
}

impl Later<'_> {
    fn take(&mut self, value: Captured) -> Result<(), Error> {
        *self.held = self.copies.captured(value);
        Ok(())
    }
}

impl VisitValue<'_> for Later<'_> {
    /// What was captured as `Debug` or `Display` streams as text, everything else as what it is.
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        let captured = self.copies.capture(|text| capture(&value, text));
        // Where it has no JSON, it can still be shown.
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
