//! The fields of a span and its ancestors as one text, which the leaf keeps.

use crate::json::Members;
use std::{
    mem,
    ops::Deref,
    sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// The text, and how many records of its tree it includes.
#[derive(Debug, Default)]
pub(super) struct Flat {
    /// The first text. Most spans have no other, and reading it takes no lock.
    first: OnceLock<Text>,
    /// The last text, if there is more than one. Before the first, its memory is what the last span left.
    last: RwLock<Text>,
}

#[derive(Debug, Default)]
pub(super) struct Text {
    /// `None` before the text is built.
    records: Option<u64>,
    fields: Fields,
}

/// The fields of a chain of spans.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// As members of the line, inner before outer.
    pub(super) members: Members,
    /// As the objects of a list, without its brackets.
    pub(super) list: Vec<u8>,
}

/// A text, with its lock if it has one. A thread that holds this must not run user code, and must not read another text.
pub(super) enum Locked<'a> {
    First(&'a Text),
    Last(RwLockReadGuard<'a, Text>),
    New(RwLockWriteGuard<'a, Text>),
}

impl Deref for Locked<'_> {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        match self {
            Self::First(text) => &text.fields,
            Self::Last(text) => &text.fields,
            Self::New(text) => &text.fields,
        }
    }
}

impl Text {
    /// Returns whether the text includes exactly these records.
    #[inline]
    fn is_of(&self, records: u64) -> bool {
        self.records == Some(records)
    }

    fn build(&mut self, records: u64, make: impl FnOnce(&mut Fields)) {
        self.fields.members.clear();
        self.fields.list.clear();
        make(&mut self.fields);
        self.records = Some(records);
    }
}

impl Flat {
    /// Returns the first text, if it includes exactly these records.
    #[inline]
    pub(super) fn first(&self, records: u64) -> Option<&Fields> {
        let text = self.first.get().filter(|text| text.is_of(records))?;
        Some(&text.fields)
    }

    /// Returns the text that includes these records. If there is none, `make` builds it under a lock: it calls no user code, and takes no
    /// lock that is held while another text is read.
    #[cold]
    pub(super) fn get(&self, records: u64, make: impl Fn(&mut Fields)) -> Locked<'_> {
        let first = self.first.get_or_init(|| {
            let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
            let mut text = mem::take(&mut *last);
            text.build(records, &make);
            text
        });
        if first.is_of(records) {
            return Locked::First(first);
        }
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        if last.is_of(records) {
            return Locked::Last(last);
        }
        drop(last);
        let mut new = self.last.write().unwrap_or_else(PoisonError::into_inner);
        new.build(records, make);
        Locked::New(new)
    }

    /// Clears the text, and keeps its memory if that is not more than `bytes`.
    pub(super) fn recycle(&mut self, bytes: usize) {
        // If there was no text, the fields are unused.
        let Some(Text { fields, .. }) = self.first.take() else {
            return;
        };
        let last = self.last.get_mut().unwrap_or_else(PoisonError::into_inner);
        *last = Text::default();
        if fields.members.capacity().max(fields.list.capacity()) <= bytes {
            last.fields = fields;
        }
    }
}
