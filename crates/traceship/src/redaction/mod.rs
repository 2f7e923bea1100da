//! Redacts lines before they are sent or written anywhere.

#[cfg(not(feature = "redact"))]
mod disabled;
#[cfg(feature = "redact")]
mod enabled;

#[cfg(not(feature = "redact"))]
pub(crate) use self::disabled::Rules;
#[cfg(feature = "redact")]
pub(crate) use self::enabled::Rules;
