use super::PseudonymKey;
use crate::redaction::Redaction;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt::{self, Write as _};

/// The number of bytes of the HMAC that a pseudonym shows. With 48 bits, two of a million values have the same pseudonym with a
/// probability of 0.2 percent.
const SHOWN: usize = 6;

/// Computes pseudonyms.
pub(crate) struct Pseudonyms {
    /// Has processed the key. `None` is impossible, since HMAC takes keys of any length.
    keyed: Option<Hmac<Sha256>>,
}

impl Pseudonyms {
    pub(crate) fn new(redaction: &Redaction) -> Self {
        let random;
        let key = match &redaction.pseudonym_key {
            Some(key) => key,
            None => {
                random = PseudonymKey::random();
                &random
            }
        };
        Self {
            keyed: Hmac::new_from_slice(key.bytes()).ok(),
        }
    }

    pub(crate) fn of(&self, value: &str) -> Option<String> {
        let mac = self.keyed.clone()?.chain_update(value).finalize();
        let mut pseudonym = String::with_capacity(2 * SHOWN);
        for byte in mac.into_bytes().iter().take(SHOWN) {
            write!(pseudonym, "{byte:02x}").ok()?;
        }
        Some(pseudonym)
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}
