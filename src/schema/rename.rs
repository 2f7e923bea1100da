use super::{FixedKey, Schema};
use crate::Error;
use std::borrow::Cow;

/// Time, level and ids are never cut, so their names must leave room in the shortest line.
const MAX_NAME_BYTES: usize = 64;

impl Schema {
    /// This schema with another name for one of its keys.
    ///
    /// The new name is reserved from then on, and the old one free for user fields.
    ///
    /// # Errors
    ///
    /// When the name is empty or longer than 64 bytes, or another key of the schema has it.
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
            return Err(Error::new(format!(
                "the name of the key {key:?} is empty: give it at least one character"
            )));
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(Error::new(format!(
                "the name of the key {key:?} is {} bytes long: it can have {MAX_NAME_BYTES}, so that a line of the least \
                 limit has room for all of them",
                name.len()
            )));
        }
        let others = self.names.iter().filter(|(other, _)| *other != key);
        if let Some((other, _)) = others.clone().find(|(_, other)| *other == name) {
            return Err(Error::new(format!(
                "`{name}` cannot be the name of the key {key:?}: it is that of {other:?}; rename that one first"
            )));
        }
        if self.constants.iter().any(|(constant, _)| *constant == name) {
            return Err(Error::new(format!(
                "`{name}` cannot be the name of the key {key:?}: the schema writes it on every line"
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
    fn a_name_is_refused_that_would_come_twice_or_is_none() {
        for (key, name) in [
            (FixedKey::Level, ""),
            (FixedKey::Level, &"x".repeat(MAX_NAME_BYTES + 1)),
            (FixedKey::Level, "message"),
            (FixedKey::SpanId, "ecs.version"),
        ] {
            let refused = Schema::ecs().rename(key, name.to_owned());
            assert!(refused.is_err(), "{name:?}");
        }
        assert!(Schema::otel().rename(FixedKey::Level, "level").is_ok());
    }
}
