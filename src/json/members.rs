//! The members of a JSON object under construction.

use super::{
    key_form::{KeyForm, Kind},
    keys::{Key, Keys, Place, bit, hash, render},
    reserved::{PREFIX, Reserved, are_related},
};

/// Members as text, each with its leading comma (`,"a":1,"b":"x"`), and the position of each.
///
/// Two members are the same field if their names are equal; their keys do not decide this. The key of a reserved name has
/// prefixes, and their number can depend on the other members of the object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    text: Vec<u8>,
    members: Vec<Stored>,
    /// The union of the [`bit`]s of all keys. All bits if the list of an error's sources was renamed.
    mask: u64,
    /// Whether two members might have the same key or, if dots nest, one the key of an ancestor of the other.
    may_clash: bool,
}

/// What is kept of a member. It begins where the member before it ends.
#[derive(Clone, Copy, Debug)]
struct Stored {
    end: usize,
    /// The hash of the key.
    hash: u64,
    key: KeyForm,
}

/// The position of a member in the text: `start` `,"` prefixes name `":` `value` … `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    start: usize,
    value: usize,
    end: usize,
    /// The hash of the key.
    pub(super) hash: u64,
    key: KeyForm,
}

/// A member without its value, which is written next.
pub(super) struct Started {
    start: usize,
}

impl Started {
    /// Returns where the value begins.
    pub(super) fn value(&self, key: &Key) -> usize {
        self.start + key.form.length()
    }
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

    /// Returns no members, with room for so many, whose text is this long.
    pub(super) fn with_capacity(bytes: usize, members: usize) -> Self {
        Self {
            text: Vec::with_capacity(bytes),
            members: Vec::with_capacity(members),
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
        self.members.shrink_to(bytes / size_of::<Stored>());
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
        let is_shared = |member: &Stored| {
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
        let is_renamed =
            |member: &Stored| member.key.kind() == Kind::Sources && member.key.prefixes() > 0;
        self.members.iter().any(is_renamed)
    }

    /// Returns whether a key is an ancestor or a descendant of a key of `other`. `both` has the bits that the keys share.
    fn has_relative_in(&self, other: &Self, both: u64) -> bool {
        let mut shared = self.iter().filter(|member| bit(member.hash) & both != 0);
        shared.any(|ours| {
            let mut theirs = other
                .iter()
                .filter(|theirs| bit(theirs.hash) == bit(ours.hash));
            theirs.any(|theirs| are_related(self.key(&ours), other.key(&theirs)))
        })
    }

    /// Starts a field set with these keys.
    #[inline]
    pub(super) fn begin(&mut self, keys: &Keys) {
        self.may_clash |= !keys.distinct || self.mask & keys.mask != 0;
        self.mask |= keys.mask;
    }

    /// Appends a key. Everything appended to [`value_mut`](Self::value_mut) until [`end`](Self::end) is its value.
    #[inline]
    pub(super) fn start(&mut self, key: &Key) -> Started {
        let start = self.text.len();
        key.push(&mut self.text);
        Started { start }
    }

    /// Like [`start`](Self::start), and appends the opening quote of the value too.
    #[inline]
    pub(super) fn start_text(&mut self, key: &Key) {
        key.push_with_quote(&mut self.text);
    }

    #[inline]
    pub(super) fn value_mut(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Ends the member that was started last, which has this key.
    #[inline]
    pub(super) fn end(&mut self, key: &Key) {
        self.store(key.hash, key.form);
    }

    #[inline]
    fn end_at(&mut self, hash: u64, key: KeyForm) {
        self.mask |= bit(hash);
        self.store(hash, key);
    }

    #[inline]
    fn store(&mut self, hash: u64, key: KeyForm) {
        self.members.push(Stored {
            end: self.text.len(),
            hash,
            key,
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
            self.text
                .extend_from_slice(&before.text[member.start..member.value]);
            match replace(before.name(&member), before.value(&member)) {
                Some(replaced) => self.text.extend_from_slice(&replaced),
                None => self.text.extend_from_slice(before.value(&member)),
            }
            self.end_at(member.hash, member.key);
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
        let kind = match owner.place {
            Place::Message => Kind::MessageSources,
            _ => Kind::Sources,
        };
        let new = self.push_new(&name, owner.form.prefixes(), reserved, kind, push);
        self.may_clash |= new & keys.mask != 0;
    }

    /// Removes the list of sources of an earlier message, because a later message replaces it.
    #[inline]
    pub(super) fn forget_message_sources(&mut self) {
        if !self.members.is_empty() {
            self.forget_some_message_sources();
        }
    }

    fn forget_some_message_sources(&mut self) {
        let is_it = |member: &Stored| member.key.kind() == Kind::MessageSources;
        if let Some(index) = self.members.iter().position(is_it) {
            let removed = self.member(index);
            self.members.remove(index);
            self.text.drain(removed.start..removed.end);
            for later in &mut self.members[index..] {
                later.end -= removed.end - removed.start;
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
        self.push_new(&reserved.escaped(name), 0, reserved, Kind::Field, push);
    }

    fn push_new(
        &mut self,
        name: &[u8],
        prefixes: usize,
        reserved: &Reserved,
        kind: Kind,
        push: impl FnOnce(&mut Vec<u8>),
    ) -> u64 {
        let prefixes = reserved.free(name, prefixes, |_, _| false);
        let rendered = render(name, prefixes);
        let hash = hash(&rendered, reserved);
        self.may_clash |= self.mask & bit(hash) != 0;
        self.push_rendered(&rendered, hash, prefixes, kind, push);
        bit(hash)
    }

    pub(super) fn push_rendered(
        &mut self,
        rendered: &[u8],
        hash: u64,
        prefixes: usize,
        kind: Kind,
        push: impl FnOnce(&mut Vec<u8>),
    ) {
        self.text.extend_from_slice(rendered);
        push(&mut self.text);
        let form = KeyForm::new(rendered.len(), prefixes, kind);
        self.end_at(hash, form);
        if kind == Kind::Sources && prefixes > 0 {
            // It may compete for a name that its key does not show: see `has_renamed_sources`.
            self.mask = u64::MAX;
        }
    }

    /// Appends the members of `other`. The caller knows that all keys differ.
    pub(crate) fn append_disjoint(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.extend_from_slice(&other.text);
        self.members
            .extend(other.members.iter().map(|member| Stored {
                end: member.end + offset,
                ..*member
            }));
        self.mask |= other.mask;
        self.may_clash |= other.may_clash;
    }

    /// Appends a member of another set, unchanged.
    #[inline]
    pub(super) fn push_copy(&mut self, other: &Self, member: &Member) {
        self.text.extend_from_slice(other.text_of(member));
        self.end_at(member.hash, member.key);
    }

    /// Returns the text of a member, with its leading comma.
    #[inline]
    pub(super) fn text_of(&self, member: &Member) -> &[u8] {
        &self.text[member.start..member.end]
    }

    /// Returns the keys as written, so escaped.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|member| self.key(&member))
    }

    /// Returns the key of a member as written, so escaped.
    pub(super) fn key(&self, member: &Member) -> &[u8] {
        &self.text[member.start + b",\"".len()..member.value - b"\":".len()]
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Member> + '_ {
        (0..self.members.len()).map(|index| self.member(index))
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns the index of the first member, from an index on, that has a key with such a hash.
    #[inline]
    pub(super) fn position(&self, from: usize, is_such: impl Fn(u64) -> bool) -> Option<usize> {
        let mut members = self.members.get(from..)?.iter();
        let index = members.position(|member| is_such(member.hash))?;
        Some(from + index)
    }

    #[inline]
    pub(super) fn member(&self, index: usize) -> Member {
        let Stored { end, hash, key } = self.members[index];
        let start = match index {
            0 => 0,
            _ => self.members[index - 1].end,
        };
        Member {
            start,
            value: start + key.length(),
            end,
            hash,
            key,
        }
    }

    /// Returns the escaped name of a member, without prefixes.
    pub(super) fn name(&self, member: &Member) -> &[u8] {
        let start = member.start + b",\"".len() + member.key.prefixes() * PREFIX.len();
        &self.text[start..member.value - b"\":".len()]
    }

    /// Returns the values in order.
    #[inline]
    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.text;
        let mut start = 0;
        self.members.iter().map_while(move |member| {
            let (whole, after) = rest.split_at_checked(member.end - start)?;
            (rest, start) = (after, member.end);
            whole.get(member.key.length()..)
        })
    }

    pub(super) fn value(&self, member: &Member) -> &[u8] {
        &self.text[member.value..member.end]
    }
}

impl Member {
    /// Returns whether this is the list of an error's sources. It belongs to the member before it.
    pub(super) fn is_sources(&self) -> bool {
        self.key.kind() == Kind::Sources
    }

    /// Returns whether the name is the key.
    pub(super) fn has_plain_key(&self) -> bool {
        self.key.prefixes() == 0
    }
}
