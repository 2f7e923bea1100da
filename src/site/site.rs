use super::{Name, Place};
use std::{collections::HashSet, fmt, sync::OnceLock};
use tracing_core::{
    Callsite, Dispatch, Interest, Metadata,
    callsite::{DefaultCallsite, Identifier},
    dispatcher,
    field::FieldSet,
};

/// A call site created at run time, for a place and the keys it logs with.
pub(crate) struct Site {
    place: Place<'static>,
    /// The keys in the order given.
    keys: Box<[Key]>,
    metadata: &'static Metadata<'static>,
    callsite: DefaultCallsite,
    is_shared: bool,
}

/// A key of a site.
pub(crate) struct Key {
    name: &'static str,
    /// The index of the key's field. Keys with the same name share one field.
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

/// The identity that a site's metadata refer to. It exists before the metadata, and the site after them.
struct Identity(OnceLock<&'static Site>);

impl Site {
    /// Creates a site that lives as long as the process.
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

    /// Returns whether this is the site for the given place and keys.
    #[inline]
    pub(super) fn is_of(&self, place: &Place<'_>, names: &[Name<'_>]) -> bool {
        let mut pairs = names.iter().zip(&self.keys);
        self.keys.len() == names.len()
            && (place.is_same(&self.place) || place.is_equal(&self.place))
            && pairs.all(|(name, key)| key.is(*name))
    }

    /// Returns whether this is a site for a place that consists of the same texts in memory.
    #[inline]
    pub(crate) fn is_at_same(&self, place: &Place<'_>) -> bool {
        place.is_same(&self.place)
    }

    /// Returns the keys of the site's records.
    #[inline]
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Returns whether the site's records have the key `name` at `index`.
    #[cfg(feature = "log")]
    #[inline]
    pub(crate) fn has_key(&self, index: usize, name: Name<'_>) -> bool {
        self.keys.get(index).is_some_and(|key| key.is(name))
    }

    /// Returns whether this site serves records that have no site of their own.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    #[inline]
    pub(crate) fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    /// Returns whether the current subscriber wants records of this site. A filter that was asked then expects an event, so after
    /// [`Enabled::Asked`] one must follow.
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

    /// Returns the filters' cached interest, without asking them.
    #[inline]
    pub(crate) fn interest(&'static self) -> Interest {
        self.callsite.interest()
    }
}

/// Whether filters want a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enabled {
    /// They do not want it.
    No,
    /// They want every record of its site, and were not asked.
    Always,
    /// They were asked and want it. They now expect its event.
    Asked,
}

/// Asks the filters of the current subscriber.
pub(crate) fn ask(metadata: &Metadata<'_>) -> bool {
    dispatcher::get_default(|dispatch: &Dispatch| dispatch.enabled(metadata))
}

/// Returns the index of each given key's field, and the names of all fields. The first field is the message, and no key can take its
/// name. The others are the keys. A repeated key is at its last position.
fn fields(given: &[&'static str]) -> (Vec<usize>, Vec<&'static str>) {
    let mut seen = HashSet::new();
    let mut keys: Vec<&'static str> = given
        .iter()
        .rev()
        .copied()
        .filter(|key| seen.insert(*key))
        .collect();
    keys.reverse();
    // Every given key is in `keys`.
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

/// Returns a free name for a key called `message`.
fn free_name(taken: &HashSet<&str>) -> &'static str {
    let mut free = format!("field.{MESSAGE}");
    while taken.contains(free.as_str()) {
        free.insert_str(0, "field.");
    }
    Box::leak(free.into_boxed_str())
}

/// `tracing` registers the `callsite` of the site. This type only distinguishes its metadata from others.
impl Callsite for Identity {
    fn set_interest(&self, interest: Interest) {
        if let Some(site) = self.0.get() {
            site.callsite.set_interest(interest);
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.0
            .get()
            .expect("the site is set before its metadata are used")
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
    fn keys_with_the_same_name_share_one_field() {
        let (indices, names) = fields(&["a", "b", "a"]);
        assert_eq!(indices, [2, 1, 2]);
        assert_eq!(names, ["message", "b", "a"]);
    }

    #[test]
    fn a_key_cannot_take_the_name_of_the_message() {
        let (indices, names) = fields(&["message", "field.message"]);
        assert_eq!(indices, [1, 2]);
        assert_eq!(names, ["message", "field.field.message", "field.message"]);
    }
}
