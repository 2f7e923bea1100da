//! The contenders. Each installs its logger as the default of the process, and then runs the workload.

#[cfg(feature = "emit")]
mod emit_json;
mod floor;
mod floor_otel;
mod fmt_json;
pub mod go;
mod json_subscriber;
pub mod otel;
mod slog_json;
#[cfg(feature = "stamp")]
mod stamp;
#[cfg(feature = "stamp")]
mod stamp_burst;
#[cfg(feature = "stamp")]
mod stamp_hold;
#[cfg(feature = "stamp")]
mod stamp_log;
#[cfg(feature = "stamp")]
mod stamp_otel_layer;
#[cfg(feature = "stamp")]
mod stamp_parent_id;
#[cfg(feature = "stamp")]
mod stamp_record_uid;
#[cfg(feature = "stamp")]
mod stamp_redaction;
#[cfg(feature = "stamp")]
mod stamp_slog;

use crate::measure::{Reps, Sample};
use crate::scenario::Scenario;
use crate::sink::Sink;

pub struct Contender {
    pub name: &'static str,
    /// What it writes, for the table.
    pub what: &'static str,
    /// Whether it is measured in every scenario, and not only in `event`.
    pub swept: bool,
    /// Called once per process.
    pub run: fn(&Job) -> Sample,
}

pub struct Job {
    pub scenario: Scenario,
    pub reps: Reps,
    pub sink: Sink,
}

/// Writes nothing. The swept contenders are compared with it for spans and disabled events.
pub const BASELINE: &Contender = &otel::CONTENDER;

/// The contenders that the ratios of one event refer to.
pub const REFERENCES: &[&Contender] = &[
    &fmt_json::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp::CONTENDER,
];

/// The contenders that run in this process. Those of [`go::ALL`] do not.
pub const ALL: &[&Contender] = &[
    &floor::CONTENDER,
    &floor_otel::CONTENDER,
    &slog_json::CONTENDER,
    #[cfg(feature = "emit")]
    &emit_json::CONTENDER,
    &fmt_json::CONTENDER,
    &json_subscriber::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_log::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_slog::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_otel_layer::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_record_uid::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_parent_id::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_burst::WRITTEN,
    #[cfg(feature = "stamp")]
    &stamp_burst::SUPPRESSED,
    #[cfg(feature = "stamp")]
    &stamp_burst::BY_KEY,
    #[cfg(feature = "stamp")]
    &stamp_hold::CONTENDER,
    #[cfg(feature = "stamp")]
    &stamp_redaction::KEYS,
    #[cfg(feature = "stamp")]
    &stamp_redaction::PATTERNS,
];

pub fn find(name: &str) -> Result<&'static Contender, String> {
    ALL.iter()
        .chain([&BASELINE])
        .chain(go::ALL)
        .copied()
        .find(|contender| contender.name == name)
        .ok_or_else(|| format!("no contender {name:?}"))
}

/// Installs a registry with the OpenTelemetry layer and the given layer as the global default. This is a macro,
/// because the layer's type depends on the layers below it, and a boxed layer would cost a dynamic call.
macro_rules! install {
    ($job:expr, $layer:expr) => {{
        use tracing::subscriber::set_global_default;
        use tracing_subscriber::filter::LevelFilter;
        use tracing_subscriber::layer::SubscriberExt;
        use $crate::contenders::otel;
        use $crate::scenario::Scenario;

        let registry = tracing_subscriber::registry();
        match $job.scenario {
            Scenario::Event
            | Scenario::Three
            | Scenario::Secret
            | Scenario::Beside
            | Scenario::Hundred
            | Scenario::Request(_)
            | Scenario::Threads(_)
            | Scenario::Depth(_)
            | Scenario::Spans => set_global_default(registry.with(otel::layer()).with($layer)),
            Scenario::Copied => set_global_default(registry.with(otel::unfiltered()).with($layer)),
            Scenario::DisabledOuter => set_global_default(
                registry
                    .with(otel::layer())
                    .with($layer)
                    .with(LevelFilter::INFO),
            ),
            Scenario::DisabledInner => set_global_default(
                registry
                    .with(LevelFilter::INFO)
                    .with(otel::layer())
                    .with($layer),
            ),
        }
        .expect("one contender per process");
    }};
}
pub(crate) use install;
