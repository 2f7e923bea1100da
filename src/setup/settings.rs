//! What the environment says.

use super::{
    env::Env,
    exporter::Target,
    propagators::Propagation,
    resource,
    sdk::{Sdk, unsupported},
    shipping,
};
use crate::schema::Schema;
use opentelemetry::KeyValue;
use std::path::PathBuf;

/// The form of lines.
///
/// ```
/// use tracing_stamp::setup::Format;
///
/// let setup = tracing_stamp::setup().with_format(Format::Pretty);
/// # let _ = setup;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object each.
    #[default]
    Json,
    /// For reading on a terminal; the ids are at the end.
    Pretty,
}

/// The standard stream that lines are written to, where they have no file.
///
/// ```
/// use tracing_stamp::setup::Output;
///
/// let setup = tracing_stamp::setup().with_output(Output::Stderr);
/// # let _ = setup;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Standard output.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}

/// What was set; `None` is left to defaults.
#[derive(Default)]
pub(super) struct FromEnv {
    pub(super) filter: Option<String>,
    pub(super) schema: Option<Schema>,
    pub(super) format: Option<Format>,
    pub(super) file: Option<PathBuf>,
    pub(super) output: Option<Output>,
    pub(super) background: Option<bool>,
    pub(super) ship: shipping::ShipTo,
    pub(super) is_disabled: bool,
    pub(super) sdk: Sdk,
    pub(super) target: Option<Target>,
    pub(super) propagation: Option<Vec<Propagation>>,
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

impl FromEnv {
    /// What is wrong, `env` knows afterwards.
    pub(super) fn read(env: &Env<'_>) -> Self {
        let sdk = Sdk::from_env(env);
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
            file: env.text("LOG_FILE").map(PathBuf::from),
            output: env.one_of(
                "LOG_OUTPUT",
                &[("stdout", Output::Stdout), ("stderr", Output::Stderr)],
            ),
            background: env.one_of("LOG_BACKGROUND", &[("true", true), ("false", false)]),
            ship: shipping::from_env(env),
            // Any other value than `true` is false, by the specification.
            is_disabled: env
                .text("OTEL_SDK_DISABLED")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            target: Target::from_env(env, sdk.export_timeout),
            sdk,
            propagation: Propagation::from_env(env),
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
                    "LOG_SCHEMA is `gcp`, which needs the project's id in GOOGLE_CLOUD_PROJECT"
                        .to_owned(),
                );
            }
            project.map(Schema::gcp)
        }
    }
}
