/// What stands in place of a secret. It is always a JSON string, whatever type the secret had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replacement {
    /// `[redacted]`.
    #[default]
    Redacted,
    /// The first 12 hexadecimal digits of the value's HMAC-SHA-256. Equal values have equal pseudonyms, so a user can be followed from line
    /// to line without being known. The key is [`Redaction::with_pseudonym_key`](crate::Redaction::with_pseudonym_key).
    #[cfg(feature = "pseudonyms")]
    Pseudonym,
    /// `****` and the last four digits, for a value with at least eight digits. `[redacted]` for others.
    LastFour,
    /// Nothing: the field is left out. Within a text the secret is removed.
    Remove,
}

/// The text of [`Replacement::Redacted`].
pub(crate) const REDACTED: &str = "[redacted]";
