use super::{
    assemble, families,
    members::{Members, key_of},
    text,
    times::Zone,
    understood::Record,
};
use log_files::{Part, Time, Wrapping, parse_time};
use serde_json::Value;

/// Reads lines of any logger.
///
/// The keys of a line show how it is read, so a file can have lines of several loggers. Docker's and Kubernetes' lines are unwrapped. The
/// memory and the time for a line grow linearly with its length.
#[derive(Clone, Debug)]
pub struct Reader {
    zone: Zone,
}

impl Reader {
    /// Returns a reader that takes times without an offset from UTC for local times of this machine.
    #[must_use]
    pub fn new() -> Self {
        let zone = Zone::system();
        Self { zone }
    }

    /// Sets the offset from UTC of times that have none, in seconds. It is positive in the east.
    #[must_use]
    pub fn with_offset(mut self, seconds: i32) -> Self {
        self.zone = Zone::Fixed(seconds.into());
        self
    }

    /// Reads a line without its newline. What is not understood is absent from the record, which can be all of it.
    #[must_use]
    pub fn read(&self, line: &[u8]) -> Record {
        let wrapping = Wrapping::detect(line);
        match wrapping.and_then(|wrapping| wrapping.part(line)) {
            Some(part) => self.read_part(line, part),
            None => read_text(line, &self.zone).0,
        }
    }

    /// Reads a line that a container runtime has stored.
    fn read_part(&self, line: &[u8], part: Part<'_>) -> Record {
        let (mut record, own) = match part.is_partial {
            true => (Record::default(), None),
            // The offset of the container is not known, but the time of its runtime.
            false => read_text(&part.text, &Zone::Unknown),
        };
        let stored = parse_time(part.time);
        record.time = match (own, stored) {
            (Some(own), Some(stored)) => Some(within(own, stored)),
            (own, stored) => own.or(stored).map(|time| time.nanos),
        };
        let is_fragment = part.is_partial || part.text.starts_with(b"{");
        if record.message.is_none() && record.level.is_none() && !is_fragment {
            record.message = Some(String::from_utf8_lossy(&part.text).into_owned());
        }
        record.service = record.service.or_else(|| tag(line));
        record
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a line, and returns its time with the precision in which it is written too.
fn read_text(line: &[u8], zone: &Zone) -> (Record, Option<Time>) {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_start_matches('\u{feff}');
    let line = text::without_escapes(line.trim_end());
    let Some(mut members) = members(&line) else {
        return Default::default();
    };
    let adapted = families::adapt(&mut members);
    assemble::record(members, &adapted, zone)
}

fn members(line: &str) -> Option<Members> {
    match line.trim_start().starts_with('{') {
        true => object(line),
        false => after_prefix(line).or_else(|| text::members(line)),
    }
}

fn object(line: &str) -> Option<Members> {
    let object = serde_json::from_str(line).ok()?;
    Some(Members::of_object(object))
}

/// Returns the members of an object that a tool has printed after a prefix, such as the name of the container. An object without message
/// and time or level is part of a text.
fn after_prefix(line: &str) -> Option<Members> {
    let start = line.find("{\"").filter(|_| line.ends_with('}'))?;
    let members = object(line.get(start..)?)?;
    let has = |names: &[&str]| names.iter().any(|name| members.has(&key_of(name)));
    let is_line = has(&["message", "msg", "event", "fields.message"])
        && has(&[
            "level",
            "log.level",
            "severity",
            "time",
            "timestamp",
            "ts",
            "@timestamp",
        ]);
    is_line.then_some(members)
}

/// The time of a line from its logger and from the container runtime. The logger's is exact to its unit, and within the unit the runtime's
/// decides. So the order of lines stays the same, also of a logger that writes whole seconds.
fn within(own: Time, stored: Time) -> i64 {
    let last = own.nanos.saturating_add(own.unit.nanos() - 1);
    stored.nanos.clamp(own.nanos, last)
}

/// Returns the tag of a container that Docker's option `tag` writes on each line.
fn tag(line: &[u8]) -> Option<String> {
    let line: Value = serde_json::from_slice(line).ok()?;
    Some(line.get("attrs")?.get("tag")?.as_str()?.to_owned())
}
