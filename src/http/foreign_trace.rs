//! Headers in which tracing systems other than the W3C's propagate a trace.

use http::{HeaderMap, HeaderName};

/// Zipkin's B3 in one header, AWS X-Ray, Jaeger, Google Cloud, Sentry, OpenTracing's binary form, OpenCensus over gRPC, Elastic APM,
/// New Relic, Dynatrace, SkyWalking.
const NAMES: [&str; 18] = [
    "b3",
    "x-amzn-trace-id",
    "uber-trace-id",
    "jaeger-debug-id",
    "jaeger-baggage",
    "x-cloud-trace-context",
    "sentry-trace",
    "x-ot-span-context",
    "grpc-trace-bin",
    "elastic-apm-traceparent",
    "newrelic",
    "x-newrelic-id",
    "x-newrelic-transaction",
    "x-dynatrace",
    "x-dynatrace-test",
    "dtctx",
    "traceparent-bin",
    "sw8",
];

/// B3 in several headers, Jaeger's baggage, Datadog, OpenTracing with its baggage, Instana, SkyWalking's extensions.
const PREFIXES: [&str; 7] = [
    "x-b3-",
    "uberctx-",
    "x-datadog-",
    "ot-tracer-",
    "ot-baggage-",
    "x-instana-",
    "sw8-",
];

/// Removes the headers, no matter which propagator this process has: the next service may have another one.
pub(super) fn remove(headers: &mut HeaderMap) {
    let found: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_foreign_trace(name.as_str()))
        .cloned()
        .collect();
    for name in found {
        headers.remove(name);
    }
}

/// `HeaderName` is always in lower case.
fn is_foreign_trace(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
