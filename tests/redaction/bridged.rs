//! Records of `log` and slog.

use super::{REDACTED, SECRET, TOKEN, assert_redacted, line, logger, support::Line};
use log::{Log as _, kv};
use serde_json::json;
use slog::{KV, Key, Logger, Record, Serializer, o};
use std::{io, sync::LazyLock};
use tracing_stamp::{Redaction, Replacement, bridge::slog::TracingDrain};

fn root() -> Logger {
    Logger::root(TracingDrain::new(), o!())
}

#[test]
fn key_values_of_log_are_redacted_in_all_schemas() {
    let logger = logger();
    let error = io::Error::other(io::Error::other(SECRET));
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        log::info!(logger: logger, password = SECRET; "login");
        log::info!(logger: logger, password:? = SECRET, note = 1; "login");
        log::info!(logger: logger, password:serde = [SECRET], note = 1; "login");
        log::info!(logger: logger, password:err = error; "login");
    });
}

#[test]
fn values_and_the_context_of_slog_are_redacted_in_all_schemas() {
    assert_redacted(&Redaction::new().secret_keys(), REDACTED, || {
        let child = root().new(o!("api_key" => SECRET));
        slog::info!(child, "login"; "user" => 1);
        slog::info!(root(), "login"; "password" => SECRET);
        slog::info!(root(), "login"; "password" => ?SECRET);
        slog::info!(root(), "login"; "password" => slog::Serde([SECRET]));
        slog::info!(root(), "login"; "token" => slog::FnValue(|_| SECRET));
    });
}

#[test]
fn patterns_apply_to_records_in_all_schemas() {
    let logger = logger();
    assert_redacted(&Redaction::new().secrets(), REDACTED, || {
        log::info!(logger: logger, note = TOKEN; "login");
        log::info!(logger: logger, note = 1; "got {TOKEN}");
        slog::info!(root().new(o!("note" => TOKEN)), "login");
        slog::info!(root(), "got {}", TOKEN; "note" => TOKEN);
    });
}

/// More keys than a call site can have, so that the record has none of its own.
struct Many;

static PLAIN: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..70).map(|index| format!("plain_{index}")).collect());

impl kv::Source for Many {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn kv::VisitSource<'kvs>) -> Result<(), kv::Error> {
        for name in PLAIN.iter() {
            visitor.visit_pair(name.as_str().into(), 1.into())?;
        }
        visitor.visit_pair("password".into(), SECRET.into())?;
        visitor.visit_pair("has_token".into(), true.into())?;
        visitor.visit_pair("note".into(), TOKEN.into())
    }
}

impl KV for Many {
    fn serialize(&self, _: &Record<'_>, serializer: &mut dyn Serializer) -> slog::Result {
        for name in PLAIN.iter() {
            serializer.emit_u64(Key::from(name.as_str()), 1)?;
        }
        serializer.emit_str(Key::from("password"), SECRET)?;
        serializer.emit_bool(Key::from("has_token"), true)?;
        serializer.emit_str(Key::from("note"), TOKEN)
    }
}

fn log_many() {
    logger().log(
        &log::Record::builder()
            .level(log::Level::Info)
            .args(format_args!("login"))
            .key_values(&Many)
            .build(),
    );
}

fn slog_many() {
    slog::info!(root(), "login"; Many);
}

fn many(redaction: &Redaction) -> [Line; 2] {
    [log_many, slog_many].map(|log| line(redaction.clone(), log))
}

#[test]
fn a_record_without_a_call_site_is_redacted() {
    for line in many(&Redaction::new().secret_keys()) {
        assert_eq!(line.get("password"), REDACTED);
        assert_eq!(line.get("has_token"), &json!(true));
        assert_eq!(line.get("note"), TOKEN);
        assert_eq!(line.get("plain_0"), &json!(1));
    }
    let removing = Redaction::new().replaced_by(Replacement::Remove);
    for line in many(&removing.secret_keys()) {
        assert!(!line.has("password"));
    }
}

#[test]
fn patterns_apply_to_a_record_without_a_call_site() {
    for line in many(&Redaction::new().secrets()) {
        assert_eq!(line.get("note"), REDACTED);
    }
}
