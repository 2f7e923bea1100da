//! Records of `log` and slog.

use super::case::Case;
use crate::support::dynamic::Chain;
use log::{Log as _, kv};
use serde_json::{Value, json};
use slog::{Logger, OwnedKV, SingleKV, o};
use std::collections::BTreeMap;
use tracing_stamp::bridge::{log::Logger as LogLogger, slog::TracingDrain};

fn log(message: std::fmt::Arguments<'_>, source: &dyn kv::Source) {
    log::set_max_level(log::LevelFilter::Trace);
    let mut record = log::Record::builder();
    record.level(log::Level::Info).target("table");
    LogLogger::new().log(&record.args(message).key_values(&source).build());
}

pub(crate) fn log_message(text: &str) {
    log(format_args!("{text}"), &[("n", 1)]);
}

pub(crate) fn log_value(case: &Case, value: kv::Value<'_>) {
    log(format_args!("login"), &[(case.key.as_str(), value)]);
}

pub(crate) fn log_error(case: &'static Case) {
    let error = Chain::new(["failed", &case.text]);
    log_value(case, kv::Value::from_dyn_error(&error));
}

fn nested(case: &Case) -> Value {
    json!({ "user": "ada", "list": [{ (case.key.as_str()): case.text }], (case.key.as_str()): case.text })
}

pub(crate) fn log_serde(case: &'static Case) {
    let nested = nested(case);
    let value = kv::Value::from_serde(&nested);
    log(format_args!("login"), &[("login", value)]);
}

pub(crate) fn log_sval(case: &'static Case) {
    let nested = BTreeMap::from([(case.key.as_str(), vec![Some(case.text.as_str())])]);
    let value = kv::Value::from_sval(&nested);
    log(format_args!("login"), &[("login", value)]);
}

fn root() -> Logger {
    Logger::root(TracingDrain::new(), o!())
}

pub(crate) fn slog_message(text: &str) {
    slog::info!(root(), "{}", text; "n" => 1);
}

pub(crate) fn slog_value(case: &'static Case) {
    slog::info!(root(), "login"; SingleKV(case.key.as_str(), case.text.as_str()));
}

pub(crate) fn slog_debug(case: &'static Case) {
    let value = format_args!("{:?}", case.text);
    slog::info!(root(), "login"; SingleKV(case.key.as_str(), value));
}

pub(crate) fn slog_context(case: &'static Case) {
    let pair = SingleKV(case.key.as_str(), case.text.as_str());
    let child = root().new(OwnedKV(pair)).new(o!("n" => 1));
    slog::info!(child, "login");
}

pub(crate) fn slog_serde(case: &'static Case) {
    slog::info!(root(), "login"; "login" => slog::Serde(nested(case)));
}
