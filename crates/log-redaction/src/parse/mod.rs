//! Rules as words in settings, environment variables and command lines.

mod key_names;
mod patterns;
mod problem;
mod pseudonyms;
mod rules;
mod sets;
mod word;

pub use self::problem::InvalidRules;
