//! Runs the examples of the guide in `docs/` as documentation tests. The crate `tracing-stamp-reqwest` tests the pages that use it.

#![cfg(all(
    feature = "http",
    feature = "level-token",
    feature = "log",
    feature = "redact",
    feature = "setup",
    feature = "ship",
    feature = "slog",
    feature = "testing"
))]

macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[doc = include_str!(concat!("../docs/", $path))]
            struct $name;
        )*
    };
}

pages! {
    Agents: "agents.md",
    Bursts: "bursts.md",
    Elasticsearch: "elasticsearch.md",
    ExistingRegistry: "existing-registry.md",
    Frameworks: "frameworks.md",
    Hold: "hold.md",
    LogAndSlog: "log-and-slog.md",
    Loki: "loki.md",
    Migration: "migration.md",
    OneRequest: "one-request.md",
    OpenTelemetryVersions: "opentelemetry-versions.md",
    Performance: "performance.md",
    Platforms: "platforms.md",
    Redaction: "redaction.md",
    Schemas: "schemas.md",
    Shipping: "shipping.md",
    StartUp: "start-up.md",
    TasksAndThreads: "tasks-and-threads.md",
    Tracegrep: "tracegrep.md",
    Traceship: "traceship.md",
}

#[cfg(all(unix, feature = "signals"))]
#[doc = include_str!("../docs/writers.md")]
struct Writers;
