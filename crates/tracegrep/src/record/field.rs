use super::{
    assemble,
    error_details::ErrorDetails,
    ids,
    level::Level,
    members::key_of,
    names::{self, Meaning},
    understood::Record,
};
use serde_json::Value;
use std::{error::Error, fmt, str::FromStr, time::Duration};

/// A field with its value, such as `order=1017`, that a line must have.
///
/// ```
/// use tracegrep::{Field, Reader};
///
/// # fn main() -> Result<(), tracegrep::InvalidField> {
/// let line = br#"{"level":"info","msg":"order placed","order":1017,"http":{"status":"201"}}"#;
/// let record = Reader::new().read(line);
/// assert!("order=1017".parse::<Field>()?.is_in(&record));
/// assert!("http.status=201".parse::<Field>()?.is_in(&record));
/// assert!(!"order=101".parse::<Field>()?.is_in(&record));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    value: String,
}

/// The text is not a name and a value with `=` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField;

/// A text of fewer bytes is in many lines.
const MIN_TEXT_BYTES: usize = 4;

impl Field {
    /// Whether a line has this field with this value. A number and a string with the same digits are equal. The name is one of
    /// [`Record::fields`], or one that loggers give to the message, the level, the service, the name of the span, an id, an error or a duration
    /// with its unit.
    #[must_use]
    pub fn is_in(&self, record: &Record) -> bool {
        let is_it = |(name, value): &(String, Value)| *name == self.name && self.is_value(value);
        record.fields.iter().any(is_it) || self.is_part(record)
    }

    /// The longest text that each line with this field has, however the logger has escaped it. It can be empty.
    pub(crate) fn text(&self) -> &str {
        let value = longest_plain(&self.value);
        let last = self.name.rsplit('.').next().unwrap_or_default();
        match self.part() {
            // The line may have another name or number.
            Some(
                Meaning::Level
                | Meaning::TraceId
                | Meaning::SpanId
                | Meaning::ParentSpanId
                | Meaning::Duration,
            ) => "",
            Some(_) => value,
            None if value.len() >= MIN_TEXT_BYTES => value,
            None => [value, longest_plain(last)]
                .into_iter()
                .max_by_key(|text| text.len())
                .unwrap_or_default(),
        }
    }

    /// What the name means, if a record has that in another place than its fields.
    fn part(&self) -> Option<Meaning> {
        use Meaning::{
            Duration, ErrorKind, ErrorText, Level, Message, ParentSpanId, Service, SpanId,
            SpanName, TraceId,
        };
        let (meaning, _) = names::meaning(&key_of(&self.name))?;
        let is_part = matches!(
            meaning,
            Level
                | Message
                | Service
                | SpanName
                | TraceId
                | SpanId
                | ParentSpanId
                | ErrorText
                | ErrorKind
                | Duration
        );
        is_part.then_some(meaning)
    }

    fn is_part(&self, record: &Record) -> bool {
        let key = key_of(&self.name);
        let (value, digits) = (Value::from(&*self.value), names::digits(&key));
        let of_error =
            |part: fn(&ErrorDetails) -> &Option<String>| record.error.as_ref().map_or(&None, part);
        let text = match self.part() {
            Some(Meaning::Level) => {
                let level = Level::of_name(&self.value);
                return level.is_some() && level == record.level;
            }
            Some(Meaning::Message) => &record.message,
            Some(Meaning::Service) => &record.service,
            Some(Meaning::SpanName) => &record.span_name,
            Some(Meaning::ErrorText) => of_error(|error| &error.message),
            Some(Meaning::ErrorKind) => of_error(|error| &error.kind),
            Some(Meaning::Duration) => {
                let wanted = self.duration();
                return wanted.is_some() && wanted == record.duration;
            }
            Some(Meaning::TraceId) => {
                let id = ids::trace_id(&value, digits);
                return id.is_some() && id == record.trace_id;
            }
            Some(Meaning::SpanId) => {
                let id = ids::span_id(&value, digits);
                return id.is_some() && id == record.span_id;
            }
            Some(Meaning::ParentSpanId) => {
                let id = ids::span_id(&value, digits);
                return id.is_some() && id == record.parent_span_id;
            }
            _ => return false,
        };
        text.as_ref() == Some(&self.value)
    }

    /// Returns the duration that the name and the number say.
    fn duration(&self) -> Option<Duration> {
        let value = serde_json::from_str(&self.value).ok()?;
        assemble::duration(&key_of(&self.name), &value, None)
    }

    fn is_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => *text == self.value,
            Value::Number(number) => {
                let is_equal = |wanted: f64| number.as_f64() == Some(wanted);
                number.to_string() == self.value || self.value.parse().is_ok_and(is_equal)
            }
            other => {
                let text = other.to_string();
                text == self.value
            }
        }
    }
}

impl FromStr for Field {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let (name, value) = text.split_once('=').ok_or(InvalidField)?;
        if name.is_empty() {
            return Err(InvalidField);
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a name and a value, such as order=1017")
    }
}

impl Error for InvalidField {}

/// Returns the longest part of a text that no logger escapes.
fn longest_plain(text: &str) -> &str {
    let is_escaped = |c: char| !c.is_ascii_alphanumeric() && !" .:-_,;@#+*".contains(c);
    let parts = text.split(is_escaped);
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::reader::Reader, *};

    fn field(text: &str) -> Field {
        text.parse().expect("a field")
    }

    #[test]
    fn values_of_all_types_are_compared_as_text() {
        let line = br#"{"level":"error","msg":"card \"x\" declined","service":"pay","order":1017,"ratio":0.50,"ok":true,"none":null,"name":"1017","a":{"b":{"c":"d"}},"list":[1]}"#;
        let record = Reader::new().read(line);
        for is_in in [
            "order=1017",
            "ratio=0.5",
            "ratio=0.50",
            "ok=true",
            "none=null",
            "name=1017",
            "a.b.c=d",
            "list=[1]",
            "level=ERROR",
            "severity=error",
            "message=card \"x\" declined",
            "service.name=pay",
        ] {
            assert!(field(is_in).is_in(&record), "{is_in}");
        }
        for is_not in [
            "order=101",
            "order=",
            "Order=1017",
            "b.c=d",
            "level=",
            "level=warn",
            "x=1",
        ] {
            assert!(!field(is_not).is_in(&record), "{is_not}");
        }
    }

    #[test]
    fn understood_parts_are_found_by_their_names() {
        let line = br#"{"level":"error","msg":"m","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"53995c3f42cd8ad8","error":"declined","duration_ms":5}"#;
        let record = Reader::new().read(line);
        for is_in in [
            "trace_id=4BF92F3577B34DA6A3CE929D0E0E4736",
            "span_id=00f067aa0ba902b7",
            "parent_span_id=53995c3f42cd8ad8",
            "error=declined",
            "err=declined",
            "duration_ms=5",
        ] {
            assert!(field(is_in).is_in(&record), "{is_in}");
        }
        for is_not in [
            "span_id=53995c3f42cd8ad8",
            "trace_id=",
            "error=",
            "duration_ms=6",
        ] {
            assert!(!field(is_not).is_in(&record), "{is_not}");
        }
    }

    #[test]
    fn the_text_to_search_for_is_not_changed_by_escapes() {
        for (given, text) in [
            ("order=1017", "1017"),
            ("http.status=5", "status"),
            ("customer=Zoë \"the\" customer", " customer"),
            ("path=/checkout/<id>", "checkout"),
            ("level=error", ""),
            ("msg=no", "no"),
            ("name=", "name"),
        ] {
            assert_eq!(field(given).text(), text, "{given}");
        }
        assert_eq!("order".parse::<Field>(), Err(InvalidField));
        assert_eq!("=1".parse::<Field>(), Err(InvalidField));
    }
}
