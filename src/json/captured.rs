use super::{
    escape::push_string,
    number::NonFinite,
    redacted::redact_json,
    repeated_keys::without_repeated_keys,
    rules::Rules,
    value::{MAX_SOURCES, Value},
};
use std::{error::Error, fmt};

/// An owned field value: any kind that a `tracing` field can have, or JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Captured {
    /// The field has no value.
    Nothing,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(String),
    Bytes(Vec<u8>),
    Error(Box<CapturedError>),
    /// One JSON value, already escaped by this crate's rules and without repeated keys.
    Json(String),
}

impl Captured {
    /// Captures the messages of an error and its sources. Runs user code.
    pub(crate) fn error(error: &(dyn Error + 'static)) -> Self {
        Self::Error(Box::new(CapturedError::new(error, MAX_SOURCES)))
    }

    /// Appends the value as JSON.
    pub(crate) fn push(&self, out: &mut Vec<u8>, rules: &Rules) {
        let value = match self {
            Self::Nothing => return out.extend_from_slice(b"null"),
            Self::Json(json) => return out.extend_from_slice(json.as_bytes()),
            Self::Bool(value) => Value::Bool(*value),
            Self::I64(value) => Value::I64(*value),
            Self::U64(value) => Value::U64(*value),
            Self::I128(value) => Value::I128(*value),
            Self::U128(value) => Value::U128(*value),
            Self::F64(value) => Value::F64(*value),
            Self::Text(value) => Value::Str(value),
            Self::Error(value) => Value::Error(&**value),
            Self::Bytes(value) => Value::Bytes(value),
        };
        value.push(out, rules);
    }

    /// Appends the value of a field as JSON, without the secrets within a nested value.
    pub(crate) fn push_of(&self, name: &str, out: &mut Vec<u8>, rules: &Rules) {
        let start = out.len();
        self.push(out, rules);
        if let Self::Json(_) = self {
            redact_json(out, start, name, rules);
        }
    }
}

/// An error's message, and its source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CapturedError {
    message: String,
    source: Option<Box<Self>>,
}

impl CapturedError {
    fn new(error: &(dyn Error + 'static), sources: usize) -> Self {
        let source = error.source().filter(|_| sources > 0);
        Self {
            message: error.to_string(),
            source: source.map(|source| Box::new(Self::new(source, sources - 1))),
        }
    }
}

impl fmt::Display for CapturedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CapturedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_deref()?)
    }
}

/// Formats the fields as one JSON object. If a name occurs more than once, the last field wins.
pub(crate) fn object(fields: &[(String, Captured)]) -> String {
    let rules = Rules::new(NonFinite::Text, "", usize::MAX, None);
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(if out.is_empty() { b'{' } else { b',' });
        push_string(&mut out, name);
        out.push(b':');
        value.push(&mut out, &rules);
    }
    if out.is_empty() {
        out.push(b'{');
    }
    out.push(b'}');
    String::from_utf8(without_repeated_keys(out)).unwrap_or_default()
}
