use super::FixedKey;
use crate::json::{NonFinite, Reserved};
use std::borrow::Cow;
use tracing_core::Level;

/// The names and shapes of a line's fixed keys.
///
/// Choose the schema of the system that reads the lines: [`otel`](Self::otel), the default, [`ecs`](Self::ecs),
/// [`gcp`](Self::gcp) or [`datadog`](Self::datadog). [`rename`](Self::rename) adapts single names.
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
/// In the `ecs` schema a dot nests, as Elasticsearch reads it. There, the dotted ancestors of fixed names are reserved too (`log`,
/// `trace`), and so is everything below a fixed name (`message.id`).
#[derive(Clone, Debug)]
#[must_use = "a schema does nothing until it is given to `StampLayer::with_schema`"]
pub struct Schema {
    pub(super) names: Vec<(FixedKey, Cow<'static, str>)>,
    /// The names of TRACE, DEBUG, INFO, WARN and ERROR.
    pub(super) levels: [&'static str; 5],
    /// Members with the same value on every line, written after the message.
    pub(super) constants: &'static [(&'static str, &'static str)],
    /// The prefix of the hexadecimal trace id within its string.
    pub(super) trace_prefix: String,
    pub(super) flags: Flags,
    pub(crate) location: Location,
    pub(crate) duration: DurationUnit,
    pub(crate) non_finite: NonFinite,
    pub(crate) sources_suffix: &'static str,
    pub(super) dots_nest: bool,
    /// Names that no key can have where the lines go.
    pub(super) forbidden: &'static [&'static str],
    /// The OpenTelemetry resource attributes that have another name in this schema.
    pub(super) resource_names: &'static [(&'static str, &'static str)],
    /// A key that repeats `service.name`, unless the resource sets it.
    pub(crate) dataset: Option<&'static str>,
}

/// How to write the trace flags.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flags {
    /// As two hexadecimal digits, as in a `traceparent`.
    Hex,
    /// As a boolean: whether the trace is sampled.
    Sampled,
}

/// How to write file and line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Location {
    /// Under one key each.
    Keys,
    /// As one object, `{"file":…,"line":"…"}`, under the file's key.
    Object,
}

/// How to write the duration of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DurationUnit {
    /// As a float.
    Milliseconds,
    /// As an integer.
    Nanoseconds,
}

impl Schema {
    /// Returns the name of a fixed key.
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

    /// Returns this schema's name for an OpenTelemetry resource attribute.
    pub(crate) fn resource_name<'a>(&self, attribute: &'a str) -> &'a str {
        self.resource_names
            .iter()
            .find(|(theirs, _)| *theirs == attribute)
            .map_or(attribute, |(_, ours)| ours)
    }

    /// Returns the names that neither resource attributes nor user fields can have.
    pub(crate) fn reserved(&self) -> Reserved {
        let names = self
            .names
            .iter()
            .map(|(_, name)| &**name)
            .chain(self.constants.iter().map(|(name, _)| *name));
        self.reserve(names.chain(self.forbidden.iter().copied()))
    }

    /// Returns the names that user fields cannot have. In addition to [`reserved`](Self::reserved), these include the service's name,
    /// because shippers and agents read it as the resource's.
    pub(crate) fn fields_reserved(&self) -> Reserved {
        let names = self.names.iter().map(|(_, name)| &**name);
        let constants = self.constants.iter().map(|(name, _)| *name);
        let service = self.resource_name("service.name");
        let forbidden = self.forbidden.iter().copied();
        self.reserve(names.chain(constants).chain([service]).chain(forbidden))
    }

    /// Reserves the given names, and their dotted relatives if dots nest in this schema.
    pub(crate) fn reserve<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Reserved {
        if self.dots_nest {
            Reserved::paths(names)
        } else {
            Reserved::names(names)
        }
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self::otel()
    }
}
