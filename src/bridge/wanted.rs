//! Asks filters whether they want a record, and dispatches it to the current subscriber.

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

/// The call site of a record that the filters want.
#[must_use = "a filter that was asked about a record expects its event"]
pub(super) struct Wanted {
    site: &'static Site,
}

/// Returns whether the filters want records of a place, whatever their keys are.
#[cfg(feature = "slog")]
pub(super) fn is_place_enabled(place: &Place<'_>) -> Enabled {
    match site::find(place, &[]) {
        Some(site) => site.is_enabled(),
        None if Wanted::unplaced(place).is_some() => Enabled::Asked,
        None => Enabled::No,
    }
}

impl Wanted {
    /// Returns the record's call site if the filters want the record. `site` is `None` if it has to share one. If `is_expected` is set,
    /// a filter has already been asked about the record's place, and expects an event.
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
            // Only with the event's own metadata do all filters decide as they should.
            _ if is_expected => site::ask(site.metadata()),
            enabled => enabled == Enabled::Always,
        };
        is_wanted.then_some(Self { site })
    }

    /// Like [`of`](Self::of), for a record without a call site of its own. Filters are asked about the record's own place.
    #[cold]
    fn unplaced(place: &Place<'_>) -> Option<Self> {
        let site = Unplaced::site(place)?;
        site::ask(&place.metadata_beside(site.metadata())).then_some(Self { site })
    }

    /// Dispatches the record. `names` are needed only if it shares its call site. There may be fewer values than names, if a value
    /// panicked.
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

/// Dispatches a record with all its values, if the filters want it. The filters are asked here, together with the event.
#[cfg(feature = "log")]
#[inline]
pub(super) fn offer(site: &'static Site, message: &fmt::Arguments<'_>, values: &[Held<'_>]) {
    let interest = site.interest();
    if !interest.is_never() {
        dispatch(site, message, values, &[], interest.is_sometimes());
    }
}

/// Dispatches a record. The filters were already asked about this very site, or do not have to be asked.
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

/// Dispatches the event of a site. With `ask_filters`, the filters decide first.
fn dispatch(
    site: &'static Site,
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
    texts: &[String],
    ask_filters: bool,
) {
    match site.keys().len() {
        0..4 => dispatch_up_to::<4>(site, message, values, texts, ask_filters),
        4..16 => dispatch_up_to::<16>(site, message, values, texts, ask_filters),
        _ => dispatch_up_to::<{ MAX_KEYS + 1 }>(site, message, values, texts, ask_filters),
    }
}

/// A message, which `Debug` writes unchanged. Most messages are text that needs no formatting.
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

/// Like [`dispatch`], for a site with at most `N` fields.
fn dispatch_up_to<const N: usize>(
    site: &'static Site,
    message: &fmt::Arguments<'_>,
    values: &[Held<'_>],
    texts: &[String],
    ask_filters: bool,
) {
    let mut field_values: [Option<&dyn Value>; N] = [None; N];
    let message = debug(Message(message));
    field_values[0] = Some(&message);
    let mut json_fields = 0;
    for (key, held) in site.keys().iter().zip(values) {
        // If several keys share a field, one without a value leaves the field as it is.
        let value: Option<&dyn Value> = match held {
            Held::Json(json) => {
                json_fields |= 1 << key.index;
                Some(json)
            }
            held => held.value(texts),
        };
        if value.is_some() {
            field_values[key.index] = value;
        }
    }
    let metadata = site.metadata();
    let fields = metadata.fields();
    let values = fields.value_set_all(&field_values[..fields.len()]);
    let event = Event::new(metadata, &values);
    with_json_fields(json_fields, || {
        dispatcher::get_default(|dispatch| {
            if !ask_filters || dispatch.enabled(metadata) {
                dispatch.event(&event);
            }
        });
    });
}

/// Dispatches the event of a record that shares its call site with others.
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
    let texts = [
        Some(place.target.as_str()),
        place.module.map(Name::as_str),
        place.file.map(Name::as_str),
        line.as_deref(),
        Some(key_values.as_str()),
    ];
    let values: Values<'_> = texts
        .into_iter()
        .map(|text| text.map_or(Held::Nothing, Held::Str))
        .collect();
    let unplaced = Rc::new(Unplaced::new(place, fields));
    unplaced.while_current(|| dispatch(site, message, &values, &[], false));
}
