//! Signed tokens that set the level of one request.

use super::word;
use crate::Error;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracing_core::Level;

/// The minimum length of a key in bytes. A caller can try keys offline, with a single token.
const MIN_KEY_BYTES: usize = 32;

/// The maximum time until a token expires. A token that was found in a log is then worthless after a day.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The length of an HMAC-SHA-256 in bytes.
const MAC_BYTES: usize = 32;

/// A secret key that signs and checks tokens. Its `Debug` does not show it.
///
/// A token has three parts, separated by dots: a level, the time at which the token expires in Unix seconds, and the HMAC-SHA-256 of the
/// text before it, in hexadecimal. A token can be used any number of times until it expires. One that would expire later than in 24 hours
/// is not valid.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tracing::Level;
/// use tracing_stamp::trace_level::Key;
///
/// let key = Key::new("correct horse battery staple 1017")?;
/// let token = key.sign(Level::DEBUG, SystemTime::now() + Duration::from_secs(300));
/// assert_eq!(key.level_of(&token), Some(Level::DEBUG));
/// assert_eq!(key.level_of(&token.replace("debug", "trace")), None);
/// assert!(Key::new("short").is_err());
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone)]
pub struct Key {
    mac: Hmac<Sha256>,
}

impl Key {
    /// Creates a key from at least 32 bytes.
    ///
    /// # Errors
    ///
    /// If the key is shorter. The error does not contain it.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        if secret.len() < MIN_KEY_BYTES {
            return Err(Error::invalid_input(format!(
                "a key for log levels has {} bytes, expected at least {MIN_KEY_BYTES}",
                secret.len()
            )));
        }
        let mac = Hmac::new_from_slice(secret).map_err(|_| {
            Error::invalid_input("the key for log levels cannot be used".to_owned())
        })?;
        Ok(Self { mac })
    }

    /// Makes a token that sets this level until it expires.
    #[must_use]
    pub fn sign(&self, level: Level, expires: SystemTime) -> String {
        let seconds = expires.duration_since(UNIX_EPOCH).unwrap_or_default();
        let signed = format!("{}.{}", word::of(level), seconds.as_secs());
        let mac = self.mac.clone().chain_update(&signed).finalize();
        let digits = mac.into_bytes();
        let digits = digits.iter().map(|byte| format!("{byte:02x}"));
        std::iter::once(format!("{signed}."))
            .chain(digits)
            .collect()
    }

    /// Returns the level of a token. `None` if the token is malformed, was made with another key, has expired, or expires too late.
    #[must_use]
    pub fn level_of(&self, token: &str) -> Option<Level> {
        self.level_at(token, SystemTime::now())
    }

    fn level_at(&self, token: &str, now: SystemTime) -> Option<Level> {
        let (signed, mac) = token.rsplit_once('.')?;
        let mac = bytes_of(mac)?;
        // This compares in constant time, so that a caller cannot guess the HMAC byte by byte.
        let checked = self.mac.clone().chain_update(signed);
        checked.verify_slice(&mac).ok()?;
        let (level, expires) = signed.split_once('.')?;
        let expires = UNIX_EPOCH.checked_add(Duration::from_secs(expires.parse().ok()?))?;
        let left = expires.duration_since(now).ok()?;
        let is_valid = !left.is_zero() && left <= MAX_LIFETIME;
        word::parse(level).filter(|_| is_valid)
    }
}

/// Reads an HMAC from hexadecimal digits in any case.
fn bytes_of(digits: &str) -> Option<[u8; MAC_BYTES]> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * MAC_BYTES {
        return None;
    }
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let mut bytes = [0; MAC_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = u8::try_from(value(high)? * 16 + value(low)?).ok()?;
    }
    Some(bytes)
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn key() -> Key {
        Key::new(SECRET).expect("it is long enough")
    }

    #[test]
    fn a_token_is_what_openssl_makes() {
        // printf %s debug.2000000000 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let token = key().sign(Level::DEBUG, at(2_000_000_000));
        assert_eq!(token, format!("debug.2000000000.{OPENSSL}"));
        let upper = format!("debug.2000000000.{}", OPENSSL.to_uppercase());
        for token in [token, upper] {
            assert_eq!(
                key().level_at(&token, at(1_999_999_999)),
                Some(Level::DEBUG)
            );
        }
    }

    #[test]
    fn a_token_is_refused_if_it_is_forged_or_malformed() {
        let now = at(1_000);
        let token = key().sign(Level::DEBUG, at(1_060));
        assert_eq!(key().level_at(&token, now), Some(Level::DEBUG));
        let other_key = Key::new(SECRET.to_uppercase()).expect("it is long enough");
        let (signed, mac) = token.rsplit_once('.').expect("it has three parts");
        for refused in [
            other_key.sign(Level::DEBUG, at(1_060)),
            token.replace("debug", "trace"),
            token.replace("1060", "1061"),
            token[..token.len() - 2].to_owned(),
            format!("{token}00"),
            format!("{signed}.{}", "0".repeat(64)),
            format!("{signed}.{}", mac.replace(|_| true, "g")),
            signed.to_owned(),
            mac.to_owned(),
            format!("..{mac}"),
            String::new(),
            ".".to_owned(),
            "é".repeat(32),
        ] {
            assert_eq!(key().level_at(&refused, now), None, "{refused}");
        }
    }

    #[test]
    fn a_signed_text_that_is_no_level_with_a_time_is_refused() {
        for signed in [
            "loud.1060",
            "debug",
            "debug.",
            "debug.soon",
            "debug.-1",
            "debug.99999999999999999999",
        ] {
            let mac = key().mac.clone().chain_update(signed).finalize();
            let digits: String = mac
                .into_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(
                key().level_at(&format!("{signed}.{digits}"), at(1_000)),
                None,
                "{signed}"
            );
        }
    }

    #[test]
    fn a_token_is_refused_once_it_has_expired_and_if_it_expires_too_late() {
        let token = key().sign(Level::TRACE, at(100_000));
        for (now, is_valid) in [
            (100_000 - 86_401, false),
            (100_000 - 86_400, true),
            (99_999, true),
            (100_000, false),
            (100_001, false),
        ] {
            assert_eq!(
                key().level_at(&token, at(now)),
                is_valid.then_some(Level::TRACE),
                "{now}"
            );
        }
    }

    #[test]
    fn the_debug_of_a_key_does_not_show_it() {
        assert_eq!(format!("{:?}", key()), "Key { .. }");
    }

    const OPENSSL: &str = "773d4821bfcb8455c30ce672169ef1e50d7b78ff3f6e939d14d55d6b73dee20b";
}
