use super::{Name, Place};
use std::{collections::HashSet, fmt, sync::OnceLock};
use tracing_core::{
    Callsite, Dispatch, Interest, Metadata,
    callsite::{DefaultCallsite, Identifier},
    dispatcher,
    field::FieldSet,
};

/// A call site made at run time: of a place, and of the keys with which it logs.
pub(crate) struct Site {
    place: Place<'static>,
    /// The keys as they were given, in order.
    keys: Box<[Key]>,
    metadata: &'static Metadata<'static>,
    callsite: DefaultCallsite,
    is_shared: bool,
}

/// A key with which a site logs.
pub(crate) struct Key {
    name: &'static str,
    /// The index of its field; keys of one name have one field.
    pub(crate) index: usize,
}

impl Key {
    #[inline]
    pub(crate) fn is(&self, name: Name<'_>) -> bool {
        name.is(self.name)
    }

    #[cfg(feature = "slog")]
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// What a site's metadata refer to: it is made before them, and the site after them.
struct Identity(OnceLock<&'static Site>);

impl Site {
    /// Makes a site, for ever.
    pub(super) fn keep(place: &Place<'_>, names: &[Name<'_>], is_shared: bool) -> &'static Self {
        let place = place.keep();
        let given: Vec<&'static str> = names.iter().map(|name| name.keep()).collect();
        let (indices, names) = fields(&given);
        let identity: &'static Identity = Box::leak(Box::new(Identity(OnceLock::new())));
        let fields = FieldSet::new(Vec::leak(names), Identifier(identity));
        let metadata: &'static Metadata<'static> = Box::leak(Box::new(place.metadata(fields)));
        let key = |(name, index): (&'static str, usize)| Key { name, index };
        let site = Self {
            place,
            keys: given.into_iter().zip(indices).map(key).collect(),
            metadata,
            callsite: DefaultCallsite::new(metadata),
            is_shared,
        };
        identity.0.get_or_init(|| Box::leak(Box::new(site)))
    }

    /// Whether this is the site of that place and those keys.
    #[inline]
    pub(super) fn is_of(&self, place: &Place<'_>, names: &[Name<'_>]) -> bool {
        let mut pairs = names.iter().zip(&self.keys);
        self.keys.len() == names.len()
            && (place.is_same(&self.place) || place.is_equal(&self.place))
            && pairs.all(|(name, key)| key.is(*name))
    }

    /// Whether this is a site of a place that is made of the very same texts.
    #[inline]
    pub(crate) fn is_at_same(&self, place: &Place<'_>) -> bool {
        place.is_same(&self.place)
    }

    /// The keys of its records.
    #[inline]
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether its records have this key in that place.
    #[cfg(feature = "log")]
    #[inline]
    pub(crate) fn has_key(&self, index: usize, name: Name<'_>) -> bool {
        self.keys.get(index).is_some_and(|key| key.is(name))
    }

    /// Whether its records have no site of their own.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    #[inline]
    pub(crate) fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    /// Whether anybody wants records of this site now. Where a filter has been asked, it is left in a state that expects an
    /// event: then one must follow.
    #[inline]
    pub(crate) fn is_enabled(&'static self) -> Enabled {
        let interest = self.interest();
        if interest.is_always() {
            Enabled::Always
        } else if !interest.is_never() && ask(self.metadata()) {
            Enabled::Asked
        } else {
            Enabled::No
        }
    }

    /// What filters say without being asked.
    #[inline]
    pub(crate) fn interest(&'static self) -> Interest {
        self.callsite.interest()
    }
}

/// What filters say of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enabled {
    No,
    /// Without being asked.
    Always,
    /// Having been asked: they expect the event now.
    Asked,
}

/// Asks the current subscriber's filters.
pub(crate) fn ask(metadata: &Metadata<'_>) -> bool {
    dispatcher::get_default(|dispatch: &Dispatch| dispatch.enabled(metadata))
}

/// The index of each given key's field, and all fields' names: the message's, which no key can take, and those of the keys,
/// each where it comes last.
fn fields(given: &[&'static str]) -> (Vec<usize>, Vec<&'static str>) {
    let mut seen = HashSet::new();
    let mut keys: Vec<&'static str> = given
        .iter()
        .rev()
        .copied()
        .filter(|key| seen.insert(*key))
        .collect();
    keys.reverse();
    // Every key is among the keys.
    let index_of = |key: &&str| {
        keys.iter()
            .position(|other| other == key)
            .map_or(0, |at| at + 1)
    };
    let indices = given.iter().map(index_of).collect();
    let names = keys.iter().map(|key| {
        if *key == MESSAGE {
            free_name(&seen)
        } else {
            key
        }
    });
    (indices, std::iter::once(MESSAGE).chain(names).collect())
}

const MESSAGE: &str = "message";

/// The name of a key that is called as the message is.
fn free_name(taken: &HashSet<&str>) -> &'static str {
    let mut free = format!("field.{MESSAGE}");
    while taken.contains(free.as_str()) {
        free.insert_str(0, "field.");
    }
    Box::leak(free.into_boxed_str())
}

/// `tracing` registers the site's `callsite`, and knows this only as what tells metadata apart.
impl Callsite for Identity {
    fn set_interest(&self, interest: Interest) {
        if let Some(site) = self.0.get() {
            site.callsite.set_interest(interest);
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.0
            .get()
            .expect("it is set before anybody sees it")
            .metadata
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Site").field(&self.metadata).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_one_name_have_one_field() {
        let (indices, names) = fields(&["a", "b", "a"]);
        assert_eq!(indices, [2, 1, 2]);
        assert_eq!(names, ["message", "b", "a"]);
    }

    #[test]
    fn the_message_cannot_be_taken() {
        let (indices, names) = fields(&["message", "field.message"]);
        assert_eq!(indices, [1, 2]);
        assert_eq!(names, ["message", "field.field.message", "field.message"]);
    }
}
