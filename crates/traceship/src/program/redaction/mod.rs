//! The rules of `--redact` and `--redact-keys`.

#[cfg(not(feature = "redact"))]
mod disabled;
#[cfg(feature = "redact")]
mod enabled;

#[cfg(not(feature = "redact"))]
pub(crate) use self::disabled::add_rules;
#[cfg(feature = "redact")]
pub(crate) use self::enabled::add_rules;
