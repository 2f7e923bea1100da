//! Logs one set of keys and values through each crate.

use super::support::dynamic::{Chain, Given, Parent, Site};
use log::{Log as _, kv};
use slog::{
    BorrowedKV, KV, Key, Level, OwnedKVList, Record, RecordLocation, RecordStatic, Serializer, o,
};
use std::fmt;
use tracing_stamp::bridge;

/// The crate through which a test logs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Tracing,
    Log,
    Slog,
}

pub(crate) const WAYS: [Way; 3] = [Way::Tracing, Way::Log, Way::Slog];

pub(crate) type Fields = Vec<(String, Given)>;

impl Way {
    /// Logs `message` at INFO with these fields, from the target `dynamic`.
    pub(crate) fn log(self, message: &str, fields: &[(String, Given)]) {
        match self {
            Self::Tracing => through_tracing(message, fields),
            Self::Log => through_log(message, fields),
            Self::Slog => through_slog(message, fields, &o!().into()),
        }
    }
}

fn through_tracing(message: &str, fields: &[(String, Given)]) {
    let names: Vec<&str> = std::iter::once("message")
        .chain(fields.iter().map(|(name, _)| name.as_str()))
        .collect();
    let message = Given::Debug(message.to_owned());
    let values: Vec<Given> = std::iter::once(message)
        .chain(fields.iter().map(|(_, given)| given.clone()))
        .collect();
    Site::event(&names).log(Parent::Current, &values);
}

fn chain(messages: &[String]) -> Chain {
    Chain::new(messages.iter().map(String::as_str))
}

/// A value that writes its text unchanged in its `Debug`.
struct Raw<'a>(&'a str);

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn through_log(message: &str, fields: &[(String, Given)]) {
    let errors: Vec<Option<Chain>> = fields
        .iter()
        .map(|(_, given)| match given {
            Given::Error(messages) => Some(chain(messages)),
            _ => None,
        })
        .collect();
    let raw: Vec<Raw<'_>> = fields
        .iter()
        .map(|(_, given)| match given {
            Given::Debug(text) => Raw(text),
            _ => Raw(""),
        })
        .collect();
    let pairs: Vec<(&str, kv::Value<'_>)> = fields
        .iter()
        .zip(&errors)
        .zip(&raw)
        .map(|(((name, given), error), raw)| {
            let value = match given {
                Given::Nothing => kv::Value::null(),
                Given::Bool(value) => kv::Value::from(*value),
                Given::I64(value) => kv::Value::from(*value),
                Given::U64(value) => kv::Value::from(*value),
                Given::I128(value) => kv::Value::from(*value),
                Given::U128(value) => kv::Value::from(*value),
                Given::F64(value) => kv::Value::from(*value),
                Given::Str(value) => kv::Value::from(value.as_str()),
                Given::Bytes(value) => kv::Value::from_serde(AsBytes::wrap(value)),
                Given::Debug(_) => kv::Value::from_debug(raw),
                Given::Error(_) => kv::Value::from_dyn_error(error.as_ref().expect("made above")),
            };
            (name.as_str(), value)
        })
        .collect();
    bridge::log::Logger::new().log(
        &log::Record::builder()
            .args(format_args!("{message}"))
            .level(log::Level::Info)
            .target("dynamic")
            .file(Some("src/dynamic.rs"))
            .line(Some(7))
            .module_path(Some("dynamic"))
            .key_values(&pairs.as_slice())
            .build(),
    );
}

/// Bytes for `log`, which supports them only through `serde`.
#[repr(transparent)]
struct AsBytes(Vec<u8>);

impl AsBytes {
    fn wrap(bytes: &[u8]) -> &'static Self {
        Box::leak(Box::new(Self(bytes.to_owned())))
    }
}

impl serde::Serialize for AsBytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// Logs through slog, with the key-values of `loggers`.
pub(crate) fn through_slog(message: &str, fields: &[(String, Given)], loggers: &OwnedKVList) {
    let location = RecordLocation {
        file: "src/dynamic.rs",
        line: 7,
        column: 0,
        function: "",
        module: "dynamic",
    };
    let fixed = RecordStatic {
        location: &location,
        tag: "",
        level: Level::Info,
    };
    let record = &KeyValues(fields);
    let Ok(()) = slog::Drain::log(
        &bridge::slog::TracingDrain::new(),
        &Record::new(&fixed, &format_args!("{message}"), BorrowedKV(record)),
        loggers,
    );
}

/// Fields as slog key-values. slog passes the last one first.
struct KeyValues<'a>(&'a [(String, Given)]);

impl KV for KeyValues<'_> {
    fn serialize(&self, _: &Record<'_>, serializer: &mut dyn Serializer) -> slog::Result {
        for (name, given) in self.0.iter().rev() {
            let key: Key = Box::leak(Box::<str>::from(name.as_str()));
            match given {
                Given::Nothing => serializer.emit_none(key)?,
                Given::Bool(value) => serializer.emit_bool(key, *value)?,
                Given::I64(value) => serializer.emit_i64(key, *value)?,
                Given::U64(value) => serializer.emit_u64(key, *value)?,
                Given::I128(value) => serializer.emit_i128(key, *value)?,
                Given::U128(value) => serializer.emit_u128(key, *value)?,
                Given::F64(value) => serializer.emit_f64(key, *value)?,
                Given::Str(value) => serializer.emit_str(key, value)?,
                Given::Bytes(value) => {
                    serializer.emit_bytes(key, value, slog::BytesKind::Stream)?
                }
                Given::Debug(value) => {
                    serializer.emit_arguments(key, &format_args!("{:?}", Raw(value)))?
                }
                Given::Error(messages) => serializer.emit_error(key, &chain(messages))?,
            }
        }
        Ok(())
    }
}
