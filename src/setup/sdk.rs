//! What OpenTelemetry's SDK is told. It reads these variables itself too, but is silent about what is wrong, and takes other words than
//! the specification has: so what was read here is said in code.

use super::env::Env;
use opentelemetry_sdk::trace::{BatchConfig, BatchConfigBuilder, Sampler, TracerProviderBuilder};
use std::{str::FromStr, time::Duration};

/// More spans than this are no queue: the SDK takes memory for all of them at the start.
const LONGEST_QUEUE: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Sdk {
    pub(super) sampler: Option<Sampler>,
    attributes: Option<u32>,
    events: Option<u32>,
    links: Option<u32>,
    delay: Option<Duration>,
    queue: Option<usize>,
    batch: Option<usize>,
    /// How long an export may take; the SDK's thread leaves that to the exporter.
    pub(super) export_timeout: Option<Duration>,
}

impl Sdk {
    pub(super) fn from_env(env: &Env<'_>) -> Self {
        let count = |name| number::<u32>(env, name, "a number from 0 to 4294967295");
        let queue = env.parsed(
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "a number of spans from 1 to 1048576",
            |value| {
                value
                    .parse()
                    .ok()
                    .filter(|spans| (1..=LONGEST_QUEUE).contains(spans))
            },
        );
        Self {
            sampler: sampler(env),
            attributes: count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
            events: count("OTEL_SPAN_EVENT_COUNT_LIMIT"),
            links: count("OTEL_SPAN_LINK_COUNT_LIMIT"),
            delay: milliseconds(env, "OTEL_BSP_SCHEDULE_DELAY"),
            queue,
            batch: batch(env, queue.unwrap_or(2_048)),
            export_timeout: milliseconds(env, "OTEL_BSP_EXPORT_TIMEOUT"),
        }
    }

    /// Says limits and sampler.
    pub(super) fn apply(&self, mut builder: TracerProviderBuilder) -> TracerProviderBuilder {
        if let Some(sampler) = &self.sampler {
            builder = builder.with_sampler(sampler.clone());
        }
        if let Some(attributes) = self.attributes {
            builder = builder.with_max_attributes_per_span(attributes);
        }
        if let Some(events) = self.events {
            builder = builder.with_max_events_per_span(events);
        }
        if let Some(links) = self.links {
            builder = builder.with_max_links_per_span(links);
        }
        builder
    }

    pub(super) fn batch_config(&self) -> BatchConfig {
        let mut builder = BatchConfigBuilder::default();
        if let Some(delay) = self.delay {
            builder = builder.with_scheduled_delay(delay);
        }
        if let Some(queue) = self.queue {
            builder = builder.with_max_queue_size(queue);
        }
        if let Some(batch) = self.batch {
            builder = builder.with_max_export_batch_size(batch);
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

fn batch(env: &Env<'_>, queue: usize) -> Option<usize> {
    let accepted = format!("a number of spans from 1 to OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
    env.parsed("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", &accepted, |value| {
        value
            .parse()
            .ok()
            .filter(|spans| (1..=queue).contains(spans))
    })
}

/// Variables of OpenTelemetry's specification that nothing here honours, of those that are set.
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

pub(super) fn number<T: FromStr>(env: &Env<'_>, name: &str, accepted: &str) -> Option<T> {
    env.parsed(name, accepted, |value| value.parse().ok())
}

/// At least one: without any pause the SDK's thread would never rest.
pub(super) fn milliseconds(env: &Env<'_>, name: &str) -> Option<Duration> {
    env.parsed(name, "a number of milliseconds from 1 on", |value| {
        let milliseconds = value.parse().ok().filter(|number| *number > 0);
        milliseconds.map(Duration::from_millis)
    })
}
