/// A name in a record: one that lives for ever, as most do that come from a macro, need not be copied for keeping.
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

    /// The name for ever: a copy is leaked where it is not.
    pub(super) fn keep(self) -> &'static str {
        match self {
            Self::Static(name) => name,
            Self::Borrowed(name) => Box::leak(Box::from(name)),
        }
    }

    /// Whether this is the name that was kept: mostly the very same text, which is quickly seen.
    #[inline]
    pub(super) fn is(self, kept: &str) -> bool {
        let name = self.as_str();
        std::ptr::eq(name, kept) || name == kept
    }
}
