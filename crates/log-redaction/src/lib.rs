//! Finds passwords, tokens, card numbers and personal data in log lines and span attributes, and replaces them.
//!
//! A [`Redaction`] has the rules, and [`Redaction::build`] prepares them as a [`Redactor`]. A rule names
//!
//! - a **key**, such as `password` or `card*`: the whole value of a field with this key is secret;
//! - a **path**, such as `customer.address.street`, in nested JSON;
//! - a **pattern**, a regular expression: the parts of a text that match it are secret.
//!
//! ```
//! use log_redaction::Redaction;
//!
//! let redactor = Redaction::new().secret_keys().path("customer.phone").build();
//! let line = br#"{"message":"paid","customer":{"id":7,"phone":"+49 30 1234"},"api_key":"a1b2c3"}"#;
//! let redacted = br#"{"message":"paid","customer":{"id":7,"phone":"[redacted]"},"api_key":"[redacted]"}"#;
//! assert_eq!(redactor.line(line).as_deref(), Some(redacted.as_slice()));
//! ```
//!
//! [`Replacement`] is what stands in place of a secret. Nothing here logs, prints or panics.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bytes;
mod counts;
#[cfg(feature = "patterns")]
mod invalid_pattern;
mod json;
mod key_ends;
mod key_pattern;
mod key_rule;
mod key_words;
mod line;
mod parse;
mod path_pattern;
mod prepared;
mod pseudonyms;
mod redaction;
mod redactor;
mod replace;
mod replacement;
mod rules;
mod sets;
mod texts;
mod url;

#[cfg(feature = "patterns")]
pub use self::invalid_pattern::InvalidPattern;
pub use self::{
    counts::RuleCount, key_rule::KeyRule, parse::InvalidRules, redaction::Redaction,
    redactor::Redactor, replacement::Replacement,
};
