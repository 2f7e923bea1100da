use super::Name;
use std::hash::{Hash, Hasher};
use tracing_core::{Kind, Level, Metadata, field::FieldSet};

/// The place in the source where a record was logged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The name of its events, which identifies the crate they come from.
    pub(crate) events: &'static str,
    pub(crate) level: Level,
    pub(crate) target: Name<'a>,
    pub(crate) module: Option<Name<'a>>,
    pub(crate) file: Option<Name<'a>>,
    pub(crate) line: Option<u32>,
}

impl<'a> Place<'a> {
    /// Returns metadata for this place with the call site of `shared`.
    pub(crate) fn metadata_beside(&self, shared: &Metadata<'_>) -> Metadata<'a> {
        self.metadata(FieldSet::new(&[], shared.callsite()))
    }

    pub(super) fn metadata(&self, fields: FieldSet) -> Metadata<'a> {
        Metadata::new(
            self.events,
            self.target.as_str(),
            self.level,
            self.file.map(Name::as_str),
            self.line,
            self.module.map(Name::as_str),
            fields,
            Kind::EVENT,
        )
    }

    /// Returns a copy of the place that lives as long as the process.
    pub(super) fn keep(&self) -> Place<'static> {
        let target = self.target.keep();
        // The module usually equals the target, so one copy serves both.
        let keep_module = |module: Name<'_>| match module {
            module if module.as_str() == target => target,
            module => module.keep(),
        };
        Place {
            events: self.events,
            level: self.level,
            target: Name::Static(target),
            module: self.module.map(|module| Name::Static(keep_module(module))),
            file: self.file.map(|file| Name::Static(file.keep())),
            line: self.line,
        }
    }

    /// Returns whether this place equals a kept one.
    #[cold]
    pub(super) fn is_equal(&self, kept: &Place<'static>) -> bool {
        self.line == kept.line
            && self.level == kept.level
            && self.events == kept.events
            && self.target.as_str() == kept.target.as_str()
            && self.file.map(Name::as_str) == kept.file.map(Name::as_str)
            && self.module.map(Name::as_str) == kept.module.map(Name::as_str)
    }

    /// Returns whether this place and a kept one consist of the same texts in memory, as they do if the same macro created both. Kept
    /// texts live as long as the process, so nothing else can have their addresses.
    #[inline]
    pub(super) fn is_same(&self, kept: &Place<'static>) -> bool {
        let is = |name: Option<Name<'_>>, kept: Option<Name<'static>>| match (name, kept) {
            (Some(name), Some(kept)) => std::ptr::eq(name.as_str(), kept.as_str()),
            (None, None) => true,
            _ => false,
        };
        (self.line == kept.line)
            & (self.level == kept.level)
            & std::ptr::eq(self.events, kept.events)
            & is(Some(self.target), Some(kept.target))
            & is(self.file, kept.file)
            & is(self.module, kept.module)
    }
}

impl Hash for Place<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.events.hash(state);
        self.level.hash(state);
        self.target.as_str().hash(state);
        self.module.map(Name::as_str).hash(state);
        self.file.map(Name::as_str).hash(state);
        self.line.hash(state);
    }
}
