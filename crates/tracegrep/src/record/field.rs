use super::{
    level::Level,
    members::key_of,
    names::{self, Meaning},
    understood::Record,
};
use serde_json::Value;
use std::{error::Error, fmt, str::FromStr};

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
    /// [`Record::fields`], or one that loggers give to the message, the level, the service or the name of the span.
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
            // The line may have another name.
            Some(Meaning::Level) => "",
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
        use Meaning::{Level, Message, Service, SpanName};
        let (meaning, _) = names::meaning(&key_of(&self.name))?;
        matches!(meaning, Level | Message | Service | SpanName).then_some(meaning)
    }

    fn is_part(&self, record: &Record) -> bool {
        let text = match self.part() {
            Some(Meaning::Level) => {
                let level = Level::of_name(&self.value);
                return level.is_some() && level == record.level;
            }
            Some(Meaning::Message) => &record.message,
            Some(Meaning::Service) => &record.service,
            Some(Meaning::SpanName) => &record.span_name,
            _ => return false,
        };
        text.as_ref() == Some(&self.value)
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
