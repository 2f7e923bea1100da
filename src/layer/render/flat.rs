//! The fields of a span and its ancestors as one text, which the leaf keeps.

use crate::json::Members;
use std::sync::{PoisonError, RwLock};

/// The text, and how many records of its tree it includes.
#[derive(Debug, Default)]
pub(super) struct Flat {
    text: RwLock<Text>,
}

#[derive(Debug, Default)]
struct Text {
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

impl Flat {
    /// Runs `f` on the text. If the text is older than `records`, `make` rebuilds it first. Both run under a lock: they call no user
    /// code, and take no lock that is held while another text is read.
    #[inline]
    pub(super) fn with<T>(
        &self,
        records: u64,
        make: impl FnOnce(&mut Fields),
        f: impl FnOnce(&Fields) -> T,
    ) -> T {
        {
            let text = self.text.read().unwrap_or_else(PoisonError::into_inner);
            if text.records == Some(records) {
                return f(&text.fields);
            }
        }
        let mut text = self.text.write().unwrap_or_else(PoisonError::into_inner);
        text.fields.members.clear();
        text.fields.list.clear();
        make(&mut text.fields);
        text.records = Some(records);
        f(&text.fields)
    }

    /// Clears the text, and keeps its memory if that is not more than `bytes`.
    pub(super) fn recycle(&mut self, bytes: usize) {
        let Text { records, fields } = self.text.get_mut().unwrap_or_else(PoisonError::into_inner);
        // If there was no text, the fields are unused.
        if records.take().is_some() && fields.members.capacity().max(fields.list.capacity()) > bytes
        {
            *fields = Fields::default();
        }
    }
}
