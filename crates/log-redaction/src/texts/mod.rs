//! Secrets in texts: by their form, or by the key before them.

#[cfg(not(feature = "patterns"))]
mod disabled;
#[cfg(feature = "patterns")]
mod enabled;

#[cfg(feature = "patterns")]
mod cards;
#[cfg(feature = "patterns")]
mod credentials;
#[cfg(feature = "patterns")]
mod emails;
#[cfg(feature = "patterns")]
mod encoded;
#[cfg(feature = "patterns")]
mod form;
#[cfg(feature = "patterns")]
mod hits;
#[cfg(feature = "patterns")]
mod ips;
#[cfg(feature = "patterns")]
mod keys;
#[cfg(feature = "patterns")]
mod literals;
#[cfg(feature = "patterns")]
mod own_literals;
#[cfg(feature = "patterns")]
mod own_pattern;
#[cfg(feature = "patterns")]
mod pem;
#[cfg(feature = "patterns")]
mod prefilter;
#[cfg(feature = "patterns")]
mod tokens;
#[cfg(feature = "patterns")]
mod unescaped;
#[cfg(feature = "patterns")]
mod user_info;

#[cfg(not(feature = "patterns"))]
pub(crate) use self::disabled::Texts;
#[cfg(feature = "patterns")]
pub(crate) use self::{
    enabled::Texts,
    form::{Form, NamedPattern},
};
