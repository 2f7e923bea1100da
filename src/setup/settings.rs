//! The settings that environment variables make.

use super::{
    burst, compression,
    env::Env,
    exporter::Target,
    level_key::{self, LevelKey},
    propagators::PropagatorName,
    redaction, resource,
    sdk::{SdkSettings, unsupported},
    shipping,
    span_events::SpanEvents,
};
use crate::{burst::Burst, schema::Schema};
use log_redaction::Redaction;
use opentelemetry::KeyValue;
use std::path::PathBuf;
use tracing_core::LevelFilter;

/// The format of lines, set by `LOG_FORMAT` or [`Setup::with_format`](super::Setup::with_format).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object per line.
    #[default]
    Json,
    /// Text for a terminal, with the ids at the end of the line. It has colours on a terminal, unless `NO_COLOR` is set.
    Pretty,
}

/// The standard stream for lines that go to neither a file nor a writer, set by `LOG_OUTPUT` or
/// [`Setup::with_output`](super::Setup::with_output).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Standard output.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}

/// The settings of the environment. `None` leaves a setting at its default.
#[derive(Default)]
pub(super) struct EnvSettings {
    pub(super) filter: Option<String>,
    pub(super) schema: Option<Schema>,
    pub(super) format: Option<Format>,
    pub(super) log_file: Option<PathBuf>,
    pub(super) log_file_gzip: Option<bool>,
    pub(super) output: Option<Output>,
    pub(super) background: Option<bool>,
    pub(super) span_events: Option<SpanEvents>,
    pub(super) parent_span_id: Option<bool>,
    pub(super) burst: Option<Burst>,
    pub(super) hold: Option<String>,
    pub(super) hold_release: Option<LevelFilter>,
    pub(super) redaction: Option<Redaction>,
    pub(super) shipping: shipping::ShipTarget,
    pub(super) level_key: LevelKey,
    pub(super) is_disabled: bool,
    pub(super) sdk: SdkSettings,
    pub(super) target: Option<Target>,
    pub(super) propagators: Option<Vec<PropagatorName>>,
    pub(super) resource: Vec<KeyValue>,
    pub(super) unsupported: Vec<&'static str>,
}

#[derive(Clone, Copy)]
enum SchemaName {
    Otel,
    Ecs,
    Gcp,
    Datadog,
}

impl EnvSettings {
    /// Reads all variables. Invalid values are collected in `env`.
    pub(super) fn read(env: &Env<'_>) -> Self {
        let sdk = SdkSettings::from_env(env);
        let schema = env.one_of(
            "LOG_SCHEMA",
            &[
                ("otel", SchemaName::Otel),
                ("ecs", SchemaName::Ecs),
                ("gcp", SchemaName::Gcp),
                ("datadog", SchemaName::Datadog),
            ],
        );
        Self {
            filter: env.text("RUST_LOG"),
            schema: schema.and_then(|name| schema_of(env, name)),
            format: env.one_of(
                "LOG_FORMAT",
                &[("json", Format::Json), ("pretty", Format::Pretty)],
            ),
            log_file: env.text("LOG_FILE").map(PathBuf::from),
            log_file_gzip: compression::from_env(env),
            output: env.one_of(
                "LOG_OUTPUT",
                &[("stdout", Output::Stdout), ("stderr", Output::Stderr)],
            ),
            background: env.one_of("LOG_BACKGROUND", &[("true", true), ("false", false)]),
            span_events: SpanEvents::from_env(env),
            parent_span_id: env.one_of("LOG_PARENT_SPAN_ID", &[("true", true), ("false", false)]),
            burst: burst::from_env(env),
            hold: env.text("LOG_HOLD"),
            hold_release: env.one_of(
                "LOG_HOLD_RELEASE",
                &[
                    ("error", LevelFilter::ERROR),
                    ("warn", LevelFilter::WARN),
                    ("info", LevelFilter::INFO),
                ],
            ),
            redaction: redaction::from_env(env),
            shipping: shipping::from_env(env),
            level_key: level_key::from_env(env),
            // By OpenTelemetry's specification, every value but `true` means false.
            is_disabled: env
                .text("OTEL_SDK_DISABLED")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            target: Target::from_env(env, sdk.export_timeout),
            sdk,
            propagators: PropagatorName::from_env(env),
            resource: resource::from_env(env),
            unsupported: unsupported(env),
        }
    }
}

fn schema_of(env: &Env<'_>, name: SchemaName) -> Option<Schema> {
    match name {
        SchemaName::Otel => Some(Schema::otel()),
        SchemaName::Ecs => Some(Schema::ecs()),
        SchemaName::Datadog => Some(Schema::datadog()),
        SchemaName::Gcp => {
            let project = env.text("GOOGLE_CLOUD_PROJECT");
            if project.is_none() {
                env.problem(
                    "LOG_SCHEMA is `gcp`, which needs the id of the project in GOOGLE_CLOUD_PROJECT"
                        .to_owned(),
                );
            }
            project.map(Schema::gcp)
        }
    }
}
