/// A name in a record. A `'static` name, such as most macros supply, does not have to be copied to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name<'a> {
    Static(&'static str),
    Borrowed(&'a str),
}

impl<'a> Name<'a> {
    #[inline]
    pub(crate) fn as_str(self) -> &'a str {
        match self {
            Self::Static(name) => name,
            Self::Borrowed(name) => name,
        }
    }

    /// Returns the name as `'static`. Leaks a copy if it is borrowed.
    pub(super) fn keep(self) -> &'static str {
        match self {
            Self::Static(name) => name,
            Self::Borrowed(name) => Box::leak(Box::from(name)),
        }
    }

    /// Returns whether this is the kept name. Usually both are the same text in memory, so pointers are compared first.
    #[inline]
    pub(super) fn is(self, kept: &str) -> bool {
        let name = self.as_str();
        std::ptr::eq(name, kept) || name == kept
    }
}
