use super::{FixedKey, Schema};
use crate::{Error, json::push_escaped};
use std::borrow::Cow;

/// The longest name of a key. Time, level and ids are never cut, so they must fit into the shortest line.
const MAX_NAME_BYTES: usize = 64;

impl Schema {
    /// Gives one of the keys another name.
    ///
    /// The new name becomes reserved, and user fields may then use the old one.
    ///
    /// # Errors
    ///
    /// If the name is empty or longer than 64 bytes, if it has characters that a line escapes, such as `"`, `\` and control characters, or
    /// if another key of the schema has it.
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// let schema = Schema::otel()
    ///     .rename(FixedKey::Timestamp, "ts")?
    ///     .rename(FixedKey::Target, "logger")?;
    /// assert_eq!(schema.name(FixedKey::Target), "logger");
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn rename(
        mut self,
        key: FixedKey,
        name: impl Into<Cow<'static, str>>,
    ) -> Result<Self, Error> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::invalid_input(format!(
                "the name of the key {key:?} is empty; it needs at least one character"
            )));
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(Error::invalid_input(format!(
                "the name of the key {key:?} is {} bytes long; at most {MAX_NAME_BYTES} bytes are allowed, so that all \
                 keys fit into the shortest possible line",
                name.len()
            )));
        }
        if is_escaped(&name) {
            return Err(Error::invalid_input(format!(
                "the name {name:?} of the key {key:?} has a character that JSON lines escape; use one without quotes, backslashes and \
                 control characters, because programs that read lines search for the name itself"
            )));
        }
        let others = self.names.iter().filter(|(other, _)| *other != key);
        if let Some((other, _)) = others.clone().find(|(_, other)| *other == name) {
            return Err(Error::invalid_input(format!(
                "`{name}` cannot be the name of the key {key:?}, because {other:?} has that name; rename {other:?} first"
            )));
        }
        if self.constants.iter().any(|(constant, _)| *constant == name) {
            return Err(Error::invalid_input(format!(
                "`{name}` cannot be the name of the key {key:?}, because the schema writes a constant under that name"
            )));
        }
        for (fixed, old) in &mut self.names {
            if *fixed == key {
                *old = name;
                break;
            }
        }
        Ok(self)
    }
}

/// Returns whether a line has escapes in this text.
fn is_escaped(text: &str) -> bool {
    let mut escaped = Vec::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped != text.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_names_every_key_once() {
        for schema in [
            Schema::otel(),
            Schema::ecs(),
            Schema::gcp("p"),
            Schema::datadog(),
        ] {
            let mut names: Vec<&str> = FixedKey::ALL.iter().map(|key| schema.name(*key)).collect();
            assert!(names.iter().all(|name| !name.is_empty()));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), FixedKey::ALL.len());
        }
    }

    #[test]
    fn an_empty_too_long_escaped_or_taken_name_is_rejected() {
        for (key, name) in [
            (FixedKey::Level, ""),
            (FixedKey::Level, &"x".repeat(MAX_NAME_BYTES + 1)),
            (FixedKey::Level, "log \"level\""),
            (FixedKey::Level, "log\\level"),
            (FixedKey::Level, "level\n"),
            (FixedKey::Level, "level\u{9b}"),
            (FixedKey::Level, "\u{202e}level"),
            (FixedKey::Level, "message"),
            (FixedKey::SpanId, "ecs.version"),
        ] {
            let renamed = Schema::ecs().rename(key, name.to_owned());
            assert!(renamed.is_err(), "{name:?}");
        }
        for name in ["level", "niveau élevé", "レベル"] {
            let renamed = Schema::otel().rename(FixedKey::Level, name);
            assert!(renamed.is_ok(), "{name:?}");
        }
    }
}
