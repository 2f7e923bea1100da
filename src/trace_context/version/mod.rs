//! The OpenTelemetry version that the application has.
//!
//! Each release of `opentelemetry` has types of its own, and the `Context` of one version is invisible to another. So this crate
//! takes ids from the application's own crates. [`opentelemetry_of!`](crate::opentelemetry_of) names them, and expands to an
//! implementation of [`OpenTelemetry`] in the application.
//!
//! | part of this crate | how it gets the version |
//! |---|---|
//! | the layer with its baggage, and the bridges that write through it | [`StampLayer::with_opentelemetry`](crate::StampLayer::with_opentelemetry) |
//! | ids for records that stay in slog, and events that go to slog | `with_opentelemetry` of the drain and of `SlogLayer` in [`bridge::slog`](https://docs.rs/tracing-stamp/latest/tracing_stamp/bridge/slog/) |
//! | jobs on other threads | [`carry`](crate::carry) takes along the contexts of every version that a layer in the process uses |
//! | `init`, `http`, `w3c` | they work only with the re-exported [`opentelemetry`](crate::opentelemetry) |

mod captured;
mod current;
mod extension_ids;
pub(crate) mod known;
mod object;
mod open_telemetry;
mod opentelemetry_of;
mod otel_layer_of;
mod request;
#[doc(hidden)]
pub mod support;
mod watch;

pub(crate) use self::object::AnyVersion;
pub use self::{
    captured::Captured,
    current::Current,
    extension_ids::ExtensionIds,
    open_telemetry::{OpenTelemetry, SpanIds},
    request::SpanRequest,
    watch::Watch,
};
