/// What is known of a key besides its text, in eight bytes: one is stored for each member of each line.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyForm {
    /// The length of `,"name":`.
    length: u32,
    prefixes: u16,
    kind: Kind,
}

/// What has the key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Field,
    /// The list of an error's sources. It belongs to the member before it.
    Sources,
    /// The list of the message's sources. It belongs to no member.
    MessageSources,
}

impl KeyForm {
    /// Names and prefixes are far shorter than these types allow.
    pub(super) fn new(length: usize, prefixes: usize, kind: Kind) -> Self {
        Self {
            length: u32::try_from(length).unwrap_or(u32::MAX),
            prefixes: u16::try_from(prefixes).unwrap_or(u16::MAX),
            kind,
        }
    }

    /// Returns the length of `,"name":`.
    pub(super) fn length(self) -> usize {
        self.length as usize
    }

    /// Returns the number of prefixes put before the name so that it does not collide with a reserved name.
    pub(super) fn prefixes(self) -> usize {
        self.prefixes.into()
    }

    pub(super) fn kind(self) -> Kind {
        self.kind
    }
}
