//! A record that somebody wants, on its way to the current subscriber.

use super::values::{Held, Values};
use crate::{
    json::object,
    site::{self, Enabled, MAX_KEYS, Name, Place, Site, Unplaced, with_json_fields},
};
use std::{fmt, rc::Rc};
use tracing_core::{
    Event, dispatcher,
    field::{Value, debug},
};

/// The call site of a record that is to be dispatched.
#[must_use = "a filter that was asked about a record expects its event"]
pub(super) struct Wanted {
    site: &'static Site,
}

/// Whether a filter wants records of a place, whatever their keys.
#[cfg(feature = "slog")]
pub(super) fn is_place_enabled(place: &Place<'_>) -> Enabled {
    match site::find(place, &[]) {
        Some(site) => site.is_enabled(),
        None if Wanted::unplaced(place).is_some() => Enabled::Asked,
        None => Enabled::No,
    }
}

impl Wanted {
    /// Whether a filter wants a record, which has a call site or shares one. `is_expected` says that one has been asked about the record's place
    /// already, and expects an event.
    #[inline]
    pub(super) fn of(
        place: &Place<'_>,
        site: Option<&'static Site>,
        is_expected: bool,
    ) -> Option<Self> {
        let Some(site) = site else {
            return Self::unplaced(place);
        };
        let is_wanted = match site.is_enabled() {
            Enabled::Asked => true,
            // Only the event's own metadata show all filters what they decide by.
            _ if is_expected => site::ask(site.metadata()),
            enabled => enabled == Enabled::Always,
        };
        is_wanted.then_some(Self { site })
    }

    /// Whether a filter wants a record that has no call site of its own: it is asked about the record's own place.
    #[cold]
    fn unplaced(place: &Place<'_>) -> Option<Self> {
        let site = Unplaced::site(place)?;
        site::ask(&place.metadata_beside(site.metadata())).then_some(Self { site })
    }

    /// Dispatches the record, of which the names are needed only where it shares its call site. Values can be fewer than names,
    /// where there was a panic on the way.
    #[inline]
    pub(super) fn emit(
        self,
        place: &Place<'_>,
        names: &[Name<'_>],
        message: &fmt::Arguments<'_>,
        values: &[Held<'_>],
    ) {
        if self.site.is_shared() {
            emit_unplaced(self.site, place, names, message, values);
        } else {
            dispatch(self.site, message, values, &[], false);
        }
    }
}

/// Dispatches a record whose values are all there already, if anybody wants it: where filters have to be asked, all at once.
#[cfg(feature = "log")]
#[inline]
pub(super) fn offer(site: &'static Site, message: &fmt::Arguments<'_>, values: &[Held<'_>]) {
    let interest = site.interest();
    if !interest.is_never() {
        dispatch(site, message, values, &[], interest.is_sometimes());
    }
}

/// Dispatches a record whose filters have been asked about this very site, or need not be asked.
#[cfg(feature = "slog")]
#[inline]
pub(super) fn emit_at(
    site: &'static Site,
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
    texts: &[String],
) {
    dispatch(site, message, values, texts, false);
}

/// Dispatches the event of a site; filters decide, if they have to be asked still.
fn dispatch(
    site: &'static Site,
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
    texts: &[String],
    asks: bool,
) {
    match site.keys().len() {
        0..4 => dispatch_up_to::<4>(site, message, values, texts, asks),
        4..16 => dispatch_up_to::<16>(site, message, values, texts, asks),
        _ => dispatch_up_to::<{ MAX_KEYS + 1 }>(site, message, values, texts, asks),
    }
}

/// A message, which its `Debug` writes as it is: mostly text that needs no formatting.
struct Message<'a>(&'a fmt::Arguments<'a>);

impl fmt::Debug for Message<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_str() {
            Some(text) => f.write_str(text),
            None => fmt::Display::fmt(self.0, f),
        }
    }
}

/// With room for `N` fields.
fn dispatch_up_to<const N: usize>(
    site: &'static Site,
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
    texts: &[String],
    asks: bool,
) {
    let mut of_fields: [Option<&dyn Value>; N] = [None; N];
    let message = debug(Message(message));
    of_fields[0] = Some(&message);
    let mut json_fields = 0;
    for (key, held) in site.keys().iter().zip(values) {
        // What has no value hides nothing: where keys have one name, it leaves the field as it is.
        let value: Option<&dyn Value> = match held {
            Held::Json(json) => {
                json_fields |= 1 << key.index;
                Some(json)
            }
            held => held.value(texts),
        };
        if value.is_some() {
            of_fields[key.index] = value;
        }
    }
    let metadata = site.metadata();
    let fields = metadata.fields();
    let values = fields.value_set_all(&of_fields[..fields.len()]);
    let event = Event::new(metadata, &values);
    with_json_fields(json_fields, || {
        dispatcher::get_default(|dispatch| {
            if !asks || dispatch.enabled(metadata) {
                dispatch.event(&event);
            }
        });
    });
}

/// Dispatches the event of a record that shares its call site.
#[cold]
fn emit_unplaced(
    site: &'static Site,
    place: &Place<'_>,
    names: &[Name<'_>],
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
) {
    let names = names.iter().map(|name| name.as_str().to_owned());
    let fields: Vec<_> = names.zip(values.iter().map(Held::to_captured)).collect();
    let line = place.line.map(|line| line.to_string());
    let key_values = object(&fields);
    let shown = [
        Some(place.target.as_str()),
        place.module.map(Name::as_str),
        place.file.map(Name::as_str),
        line.as_deref(),
        Some(key_values.as_str()),
    ];
    let values: Values<'_> = shown
        .into_iter()
        .map(|text| text.map_or(Held::Nothing, Held::Str))
        .collect();
    let unplaced = Rc::new(Unplaced::new(place, fields));
    unplaced.while_current(|| dispatch(site, message, &values, &[], false));
}
