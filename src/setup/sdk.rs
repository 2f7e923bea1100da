//! The settings of OpenTelemetry's SDK.
//!
//! The SDK reads these variables too, but it ignores invalid values silently, and accepts other words than the specification has. So they
//! are read here and set in code.

use super::env::Env;
use opentelemetry_sdk::trace::{BatchConfig, BatchConfigBuilder, Sampler, TracerProviderBuilder};
use std::{str::FromStr, time::Duration};

/// The limit for `OTEL_BSP_MAX_QUEUE_SIZE`. The SDK allocates memory for the whole queue at the start.
const MAX_QUEUE_SIZE: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct SdkSettings {
    pub(super) sampler: Option<Sampler>,
    max_attributes: Option<u32>,
    max_events: Option<u32>,
    max_links: Option<u32>,
    schedule_delay: Option<Duration>,
    max_queue_size: Option<usize>,
    max_batch_size: Option<usize>,
    /// The time limit for one export. The SDK's batch processor does not enforce it, so the exporter has to.
    pub(super) export_timeout: Option<Duration>,
}

impl SdkSettings {
    pub(super) fn from_env(env: &Env<'_>) -> Self {
        let count = |name| number::<u32>(env, name, "a number from 0 to 4294967295");
        let max_queue_size = env.parsed(
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "a number of spans from 1 to 1048576",
            |value| {
                value
                    .parse()
                    .ok()
                    .filter(|spans| (1..=MAX_QUEUE_SIZE).contains(spans))
            },
        );
        Self {
            sampler: sampler(env),
            max_attributes: count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
            max_events: count("OTEL_SPAN_EVENT_COUNT_LIMIT"),
            max_links: count("OTEL_SPAN_LINK_COUNT_LIMIT"),
            schedule_delay: milliseconds(env, "OTEL_BSP_SCHEDULE_DELAY"),
            max_queue_size,
            max_batch_size: max_batch_size(env, max_queue_size.unwrap_or(2_048)),
            export_timeout: milliseconds(env, "OTEL_BSP_EXPORT_TIMEOUT"),
        }
    }

    /// Sets sampler and limits.
    pub(super) fn apply(&self, mut builder: TracerProviderBuilder) -> TracerProviderBuilder {
        if let Some(sampler) = &self.sampler {
            builder = builder.with_sampler(sampler.clone());
        }
        if let Some(max) = self.max_attributes {
            builder = builder.with_max_attributes_per_span(max);
        }
        if let Some(max) = self.max_events {
            builder = builder.with_max_events_per_span(max);
        }
        if let Some(max) = self.max_links {
            builder = builder.with_max_links_per_span(max);
        }
        builder
    }

    pub(super) fn batch_config(&self) -> BatchConfig {
        let mut builder = BatchConfigBuilder::default();
        if let Some(delay) = self.schedule_delay {
            builder = builder.with_scheduled_delay(delay);
        }
        if let Some(max) = self.max_queue_size {
            builder = builder.with_max_queue_size(max);
        }
        if let Some(max) = self.max_batch_size {
            builder = builder.with_max_export_batch_size(max);
        }
        builder.build()
    }
}

#[derive(Clone, Copy)]
enum Root {
    On,
    Off,
    Ratio,
}

fn sampler(env: &Env<'_>) -> Option<Sampler> {
    let words = [
        ("always_on", (Root::On, false)),
        ("always_off", (Root::Off, false)),
        ("traceidratio", (Root::Ratio, false)),
        ("parentbased_always_on", (Root::On, true)),
        ("parentbased_always_off", (Root::Off, true)),
        ("parentbased_traceidratio", (Root::Ratio, true)),
    ];
    let (root, is_parent_based) = env.one_of("OTEL_TRACES_SAMPLER", &words)?;
    let root = match root {
        Root::On => Sampler::AlwaysOn,
        Root::Off => Sampler::AlwaysOff,
        Root::Ratio => Sampler::TraceIdRatioBased(ratio(env).unwrap_or(1.0)),
    };
    Some(if is_parent_based {
        Sampler::ParentBased(Box::new(root))
    } else {
        root
    })
}

fn ratio(env: &Env<'_>) -> Option<f64> {
    env.parsed(
        "OTEL_TRACES_SAMPLER_ARG",
        "a ratio from 0.0 to 1.0",
        |value| {
            value
                .parse()
                .ok()
                .filter(|ratio| (0.0..=1.0).contains(ratio))
        },
    )
}

fn max_batch_size(env: &Env<'_>, queue: usize) -> Option<usize> {
    let expected = format!("a number of spans from 1 to OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
    env.parsed("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", &expected, |value| {
        value
            .parse()
            .ok()
            .filter(|spans| (1..=queue).contains(spans))
    })
}

/// The variables of OpenTelemetry's specification that are set and not supported.
pub(super) fn unsupported(env: &Env<'_>) -> Vec<&'static str> {
    UNSUPPORTED
        .into_iter()
        .filter(|name| env.text(name).is_some())
        .collect()
}

const UNSUPPORTED: [&str; 10] = [
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_CONFIG_FILE",
];

pub(super) fn number<T: FromStr>(env: &Env<'_>, name: &str, expected: &str) -> Option<T> {
    env.parsed(name, expected, |value| value.parse().ok())
}

/// A duration of at least one millisecond. Without a pause between batches the SDK's thread would never rest.
pub(super) fn milliseconds(env: &Env<'_>, name: &str) -> Option<Duration> {
    env.parsed(name, "a number of milliseconds from 1 on", |value| {
        let milliseconds = value.parse().ok().filter(|number| *number > 0);
        milliseconds.map(Duration::from_millis)
    })
}
