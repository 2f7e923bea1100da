//! The members of a JSON object under construction.

use super::{
    keys::{Key, Keys, Place, bit, hash, render},
    reserved::{PREFIX, Reserved},
};

/// Members as text, each with its leading comma (`,"a":1,"b":"x"`), and the position of each.
///
/// Two members are the same field if their names are equal; their keys do not decide this. The key of a reserved name has
/// prefixes, and their number can depend on the other members of the object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    text: Vec<u8>,
    members: Vec<Member>,
    /// The union of the [`bit`]s of all keys. All bits if the list of an error's sources was renamed.
    mask: u64,
    /// Whether two members might have the same key or, if dots nest, one the key of an ancestor of the other.
    may_clash: bool,
}

/// The position of a member in the text: `start` `,"` prefixes name `":` `value` … `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) start: usize,
    pub(super) value: usize,
    pub(super) end: usize,
    /// The hash of the key.
    hash: u64,
    pub(super) prefixes: usize,
    /// Whether this is the list of an error's sources. It belongs to the member before it.
    pub(super) is_sources: bool,
    /// Whether this is the list of the message's sources. It belongs to no member.
    is_message_sources: bool,
}

/// A member without its value, which is written next.
pub(super) struct Started {
    start: usize,
    pub(super) value: usize,
}

impl Members {
    /// Returns no members, with room for those of a field set if its values are short.
    pub(crate) fn with_room_for(keys: &Keys) -> Self {
        Self {
            text: Vec::with_capacity(keys.members().map(Key::room).sum()),
            members: Vec::with_capacity(keys.members().count()),
            ..Self::default()
        }
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.members.clear();
        self.mask = 0;
        self.may_clash = false;
    }

    /// Returns how many bytes of text fit without a new allocation.
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Frees memory that only an unusually long line needed.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        self.text.shrink_to(bytes);
        self.members.shrink_to(bytes / size_of::<Member>());
    }

    /// Returns the text of the members, each with its leading comma.
    #[inline]
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns whether all keys are known to differ from one another and, if dots nest, from each other's ancestors.
    #[inline]
    pub(crate) fn is_unique(&self) -> bool {
        !self.may_clash
    }

    /// Returns whether all keys are known to differ from those of `other` and, if dots nest, from their ancestors and descendants.
    #[inline]
    pub(crate) fn is_disjoint(&self, other: &Self, reserved: &Reserved) -> bool {
        self.mask & other.mask == 0 || !self.shares_keys(other, reserved)
    }

    #[inline(never)]
    fn shares_keys(&self, other: &Self, reserved: &Reserved) -> bool {
        if reserved.dots_nest() && (self.has_renamed_sources() || other.has_renamed_sources()) {
            return true;
        }
        let both = self.mask & other.mask;
        let is_shared = |member: &Member| {
            bit(member.hash) & both != 0
                && other
                    .members
                    .iter()
                    .any(|theirs| theirs.hash == member.hash)
        };
        self.members.iter().any(is_shared)
            || reserved.dots_nest() && self.has_relative_in(other, both)
    }

    /// Returns whether the list of an error's sources was renamed with its field. If dots nest, that can be because of other members, and then
    /// the list still competes for its plain name, which its key does not show.
    fn has_renamed_sources(&self) -> bool {
        let is_renamed = |member: &Member| member.is_sources && member.prefixes > 0;
        self.members.iter().any(is_renamed)
    }

    /// Returns whether a key is an ancestor or a descendant of a key of `other`. `both` has the bits that the keys share.
    fn has_relative_in(&self, other: &Self, both: u64) -> bool {
        let is_related = |ours: &[u8], theirs: &[u8]| {
            let (above, below) = if ours.len() < theirs.len() {
                (ours, theirs)
            } else {
                (theirs, ours)
            };
            below.starts_with(above) && below.get(above.len()) == Some(&b'.')
        };
        let mut shared = self
            .members
            .iter()
            .filter(|member| bit(member.hash) & both != 0);
        shared.any(|ours| {
            let mut theirs = other
                .members
                .iter()
                .filter(|theirs| bit(theirs.hash) == bit(ours.hash));
            theirs.any(|theirs| is_related(self.key(ours), other.key(theirs)))
        })
    }

    /// Starts a field set with these keys.
    #[inline]
    pub(super) fn begin(&mut self, keys: &Keys) {
        self.may_clash |= !keys.distinct || self.mask & keys.mask != 0;
    }

    /// Appends a key. Everything appended to [`value_mut`](Self::value_mut) until [`end`](Self::end) is its value.
    #[inline]
    pub(super) fn start(&mut self, key: &Key) -> Started {
        let start = self.text.len();
        key.push(&mut self.text);
        Started {
            start,
            value: self.text.len(),
        }
    }

    #[inline]
    pub(super) fn value_mut(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Ends a member, given the hash and the number of prefixes of its rendered key.
    #[inline]
    pub(super) fn end(&mut self, started: Started, hash: u64, prefixes: usize) {
        self.mask |= bit(hash);
        self.members.push(Member {
            start: started.start,
            value: started.value,
            end: self.text.len(),
            hash,
            prefixes,
            is_sources: false,
            is_message_sources: false,
        });
    }

    /// Removes a member that was started.
    pub(super) fn cancel(&mut self, started: &Started) {
        self.text.truncate(started.start);
    }

    /// Replaces the values for which `replace` returns another one. It gets each member's escaped name, without prefixes, and its value.
    pub(super) fn replace_values(
        &mut self,
        mut replace: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>,
    ) {
        let before = std::mem::take(self);
        self.mask = before.mask;
        self.may_clash = before.may_clash;
        for member in before.iter() {
            let start = self.text.len();
            self.text
                .extend_from_slice(&before.text[member.start..member.value]);
            let value = self.text.len();
            match replace(before.name(member), before.value(member)) {
                Some(replaced) => self.text.extend_from_slice(&replaced),
                None => self.text.extend_from_slice(before.value(member)),
            }
            self.members.push(Member {
                start,
                value,
                end: self.text.len(),
                ..*member
            });
        }
    }

    /// Appends the list of sources for the last member, which has the key `owner`, one of `keys`.
    #[cold]
    pub(super) fn push_sources(
        &mut self,
        owner: &Key,
        suffix: &str,
        keys: &Keys,
        reserved: &Reserved,
        push: impl FnOnce(&mut Vec<u8>),
    ) {
        let mut name = owner.name().to_vec();
        name.extend_from_slice(suffix.as_bytes());
        let is_sources = owner.place != Place::Message;
        self.may_clash |=
            self.push_new(&name, owner.prefixes, reserved, is_sources, push) & keys.mask != 0;
        if let Some(member) = self.members.last_mut() {
            member.is_message_sources = owner.place == Place::Message;
        }
    }

    /// Removes the list of sources of an earlier message, because a later message replaces it.
    #[inline]
    pub(super) fn forget_message_sources(&mut self) {
        if !self.members.is_empty() {
            self.forget_some_message_sources();
        }
    }

    fn forget_some_message_sources(&mut self) {
        if let Some(index) = self
            .members
            .iter()
            .position(|member| member.is_message_sources)
        {
            let removed = self.members.remove(index);
            self.text.drain(removed.start..removed.end);
            for later in &mut self.members[index..] {
                let length = removed.end - removed.start;
                later.start -= length;
                later.value -= length;
                later.end -= length;
            }
        }
    }

    /// Appends a member with a key that was not prepared in [`Keys`].
    pub(crate) fn push_named(
        &mut self,
        name: &str,
        reserved: &Reserved,
        push: impl FnOnce(&mut Vec<u8>),
    ) {
        self.push_new(&reserved.escaped(name), 0, reserved, false, push);
    }

    fn push_new(
        &mut self,
        name: &[u8],
        prefixes: usize,
        reserved: &Reserved,
        is_sources: bool,
        push: impl FnOnce(&mut Vec<u8>),
    ) -> u64 {
        let prefixes = reserved.free(name, prefixes, |_, _| false);
        let rendered = render(name, prefixes);
        let hash = hash(&rendered, reserved);
        self.may_clash |= self.mask & bit(hash) != 0;
        self.push_rendered(&rendered, hash, prefixes, is_sources, push);
        bit(hash)
    }

    pub(super) fn push_rendered(
        &mut self,
        rendered: &[u8],
        hash: u64,
        prefixes: usize,
        is_sources: bool,
        push: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.text.len();
        self.text.extend_from_slice(rendered);
        let value = self.text.len();
        push(&mut self.text);
        self.end(Started { start, value }, hash, prefixes);
        if let Some(member) = self.members.last_mut() {
            member.is_sources = is_sources;
        }
        if is_sources && prefixes > 0 {
            // It may compete for a name that its key does not show: see `has_renamed_sources`.
            self.mask = u64::MAX;
        }
    }

    /// Appends the members of `other`. The caller knows that all keys differ.
    pub(crate) fn append_disjoint(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.extend_from_slice(&other.text);
        self.members
            .extend(other.members.iter().map(|member| Member {
                start: member.start + offset,
                value: member.value + offset,
                end: member.end + offset,
                ..*member
            }));
        self.mask |= other.mask;
        self.may_clash |= other.may_clash;
    }

    /// Returns the keys as written, so escaped.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.members.iter().map(|member| self.key(member))
    }

    /// Returns the key of a member as written, so escaped.
    fn key(&self, member: &Member) -> &[u8] {
        &self.text[member.start + b",\"".len()..member.value - b"\":".len()]
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Member> {
        self.members.iter()
    }

    /// Returns the escaped name of a member, without prefixes.
    pub(super) fn name(&self, member: &Member) -> &[u8] {
        let start = member.start + b",\"".len() + member.prefixes * PREFIX.len();
        &self.text[start..member.value - b"\":".len()]
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|member| self.value(member))
    }

    pub(super) fn value(&self, member: &Member) -> &[u8] {
        &self.text[member.value..member.end]
    }
}
