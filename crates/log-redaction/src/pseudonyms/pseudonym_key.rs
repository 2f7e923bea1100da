use std::{
    fmt,
    hash::{BuildHasher as _, RandomState},
    sync::LazyLock,
};

/// The key of pseudonyms. Its `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct PseudonymKey(Vec<u8>);

/// The key without a setting. Each `RandomState` of the standard library starts from random bits of the operating system.
static RANDOM: LazyLock<[u64; 4]> =
    LazyLock::new(|| [0_u64, 1, 2, 3].map(|number| RandomState::new().hash_one(number)));

impl PseudonymKey {
    pub(crate) fn new(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// Returns a random key, which is the same during the life of the process.
    pub(crate) fn random() -> Self {
        Self(RANDOM.iter().flat_map(|word| word.to_ne_bytes()).collect())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}
