//! Variables that the SDK reads itself, and where it is silent about what is wrong.

use super::env::Env;
use std::str::FromStr;

/// Looks at them; the SDK takes them from the environment.
pub(super) fn check(env: &Env<'_>) {
    let sampler = env.one_of(
        "OTEL_TRACES_SAMPLER",
        &[
            ("always_on", false),
            ("always_off", false),
            ("traceidratio", true),
            ("parentbased_always_on", false),
            ("parentbased_always_off", false),
            ("parentbased_traceidratio", true),
        ],
    );
    if sampler == Some(true) {
        env.parsed(
            "OTEL_TRACES_SAMPLER_ARG",
            "a ratio from 0.0 to 1.0",
            |value| {
                value
                    .parse()
                    .ok()
                    .filter(|ratio| (0.0..=1.0).contains(ratio))
            },
        );
    }
    for name in [
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "OTEL_SPAN_LINK_COUNT_LIMIT",
    ] {
        number::<u32>(env, name, "a number from 0 to 4294967295");
    }
    for name in ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT"] {
        number::<u64>(env, name, "a number of milliseconds");
    }
    let queue = positive(env, "OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2_048);
    if let Some(batch) = positive(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE")
        && batch > queue
    {
        let accepted = format!("at most OTEL_BSP_MAX_QUEUE_SIZE, which is {queue}");
        env.wrong(
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            &batch.to_string(),
            &accepted,
        );
    }
}

/// Variables of OpenTelemetry's specification that nothing here honours, of those that are set.
pub(super) fn unsupported(env: &Env<'_>) -> Vec<&'static str> {
    UNSUPPORTED
        .into_iter()
        .filter(|name| env.text(name).is_some())
        .collect()
}

const UNSUPPORTED: [&str; 8] = [
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_CONFIG_FILE",
];

pub(super) fn number<T: FromStr>(env: &Env<'_>, name: &str, accepted: &str) -> Option<T> {
    env.parsed(name, accepted, |value| value.parse().ok())
}

fn positive(env: &Env<'_>, name: &str) -> Option<usize> {
    env.parsed(name, "a number from 1 on", |value| {
        value.parse().ok().filter(|number| *number > 0)
    })
}
