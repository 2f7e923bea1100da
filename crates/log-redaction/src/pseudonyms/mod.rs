//! Keyed pseudonyms.

#[cfg(not(feature = "pseudonyms"))]
mod disabled;
#[cfg(feature = "pseudonyms")]
mod enabled;
#[cfg(feature = "pseudonyms")]
mod normalized;
#[cfg(feature = "pseudonyms")]
mod pseudonym_key;

#[cfg(not(feature = "pseudonyms"))]
pub(crate) use self::disabled::Pseudonyms;
#[cfg(feature = "pseudonyms")]
pub(crate) use self::{enabled::Pseudonyms, normalized::normalized, pseudonym_key::PseudonymKey};
