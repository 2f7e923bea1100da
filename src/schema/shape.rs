use super::{FixedKey, IdKeys};
use crate::json::{NonFinite, Reserved};
use std::borrow::Cow;
use tracing_core::Level;

/// Names and shapes of a line's fixed keys.
///
/// | | `otel` | `ecs` | `gcp` | `datadog` |
/// |---|---|---|---|---|
/// | time | `timestamp` | `@timestamp` | `time` | `timestamp` |
/// | level | `level` | `log.level` | `severity` | `status` |
/// | target | `target` | `log.logger` | `target` | `logger.name` |
/// | trace | `trace_id` | `trace.id` | `logging.googleapis.com/trace` | `trace_id` |
/// | span | `span_id` | `span.id` | `logging.googleapis.com/spanId` | `span_id` |
/// | NaN, infinities | `"NaN"`, `"Infinity"`, `"-Infinity"` | `null` | `null` | `null` |
/// | sources of the error `e` | `e.sources` | `e_sources` | `e.sources` | `e.sources` |
///
/// In the `ecs` schema a dot makes an object, as Elasticsearch reads it, so there also the parts of fixed names before a
/// dot are reserved (`log`, `trace`), and what would stand below a fixed key (`message.id`).
///
/// ```
/// use tracing_stamp::Schema;
///
/// let layer = tracing_stamp::layer().with_schema(Schema::ecs());
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a schema does nothing until it is given to `StampLayer::with_schema`"]
pub struct Schema {
    pub(super) names: Vec<(FixedKey, Cow<'static, str>)>,
    /// TRACE, DEBUG, INFO, WARN, ERROR.
    pub(super) levels: [&'static str; 5],
    /// Members with the same value on every line, behind the message.
    pub(super) constants: &'static [(&'static str, &'static str)],
    /// What comes before the hexadecimal trace id within its string.
    pub(super) trace_prefix: String,
    pub(super) flags: Flags,
    pub(crate) location: Location,
    pub(crate) duration: DurationUnit,
    pub(crate) non_finite: NonFinite,
    pub(crate) sources_suffix: &'static str,
    pub(super) dots_nest: bool,
    /// OpenTelemetry's resource attributes that have a name of their own here.
    pub(super) resource_names: &'static [(&'static str, &'static str)],
    /// A key that repeats `service.name`, unless the resource has it.
    pub(crate) dataset: Option<&'static str>,
}

/// The form of the trace flags.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flags {
    /// Two hexadecimal digits, as in a `traceparent`.
    Hex,
    /// Whether the trace is sampled.
    Sampled,
}

/// The form of file and line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Location {
    /// A key each.
    Keys,
    /// One object, `{"file":…,"line":"…"}`, under the file's key.
    Object,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum DurationUnit {
    /// A float.
    Milliseconds,
    /// An integer.
    Nanoseconds,
}

impl Schema {
    /// The name of a fixed key.
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// assert_eq!(Schema::gcp("p").name(FixedKey::Timestamp), "time");
    /// ```
    #[must_use]
    pub fn name(&self, key: FixedKey) -> &str {
        self.names
            .iter()
            .find(|(fixed, _)| *fixed == key)
            .map_or("", |(_, name)| name)
    }

    pub(crate) fn level(&self, level: Level) -> &'static str {
        let [trace, debug, info, warn, error] = self.levels;
        match level {
            Level::TRACE => trace,
            Level::DEBUG => debug,
            Level::INFO => info,
            Level::WARN => warn,
            Level::ERROR => error,
        }
    }

    pub(crate) fn constants(&self) -> &'static [(&'static str, &'static str)] {
        self.constants
    }

    /// The name here of an attribute of OpenTelemetry's resource.
    pub(crate) fn resource_name<'a>(&self, attribute: &'a str) -> &'a str {
        self.resource_names
            .iter()
            .find(|(theirs, _)| *theirs == attribute)
            .map_or(attribute, |(_, ours)| ours)
    }

    /// The names that neither the resource nor a user field can take.
    pub(crate) fn reserved(&self) -> Reserved {
        let names = self
            .names
            .iter()
            .map(|(_, name)| &**name)
            .chain(self.constants.iter().map(|(name, _)| *name));
        self.reserve(names)
    }

    /// The names that no user field can take: also the service's, which shippers and agents read as the resource's.
    pub(crate) fn fields_reserved(&self) -> Reserved {
        let names = self.names.iter().map(|(_, name)| &**name);
        let constants = self.constants.iter().map(|(name, _)| *name);
        let service = self.resource_name("service.name");
        self.reserve(names.chain(constants).chain([service]))
    }

    /// The given names, and where a dot makes an object, what goes with them.
    pub(crate) fn reserve<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Reserved {
        if self.dots_nest {
            Reserved::paths(names)
        } else {
            Reserved::names(names)
        }
    }

    pub(crate) fn id_keys(&self) -> IdKeys {
        IdKeys::new(self)
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self::otel()
    }
}
