//! Shared by the tests: captures lines and parses them strictly, and records spans as an exporter receives them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it, some of them from a module in a folder"
)]

pub mod dynamic;
mod lines;

pub use self::lines::Lines;

use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TracerProvider as _};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, InMemorySpanExporterBuilder, SdkTracer, SdkTracerProvider, ShouldSample,
    SpanData, SpanProcessor,
};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;
use tracing_stamp::{FixedKey, TraceContext};

/// All keys that a schema names.
pub const FIXED_KEYS: [FixedKey; 21] = [
    FixedKey::Timestamp,
    FixedKey::Level,
    FixedKey::Message,
    FixedKey::Target,
    FixedKey::TraceId,
    FixedKey::SpanId,
    FixedKey::TraceFlags,
    FixedKey::RecordUid,
    FixedKey::File,
    FixedKey::Line,
    FixedKey::ThreadId,
    FixedKey::ThreadName,
    FixedKey::SpanName,
    FixedKey::Spans,
    FixedKey::Suppressed,
    FixedKey::Truncated,
    FixedKey::ParentSpanId,
    FixedKey::StartTime,
    FixedKey::Duration,
    FixedKey::BusyMs,
    FixedKey::IdleMs,
];

/// Returns a context with the ids of the documented lines. No tracer has created it.
pub fn context() -> Option<TraceContext> {
    TraceContext::new(
        TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736),
        SpanId::from(0x00f0_67aa_0ba9_02b7),
        TraceFlags::SAMPLED,
    )
}

impl Lines {
    /// All lines so far, each checked to be one JSON object without a repeated key.
    pub fn all(&self) -> Vec<Line> {
        self.text().lines().map(Line::parse).collect()
    }

    /// The only line with this message.
    pub fn with_message(&self, message: &str) -> Line {
        let mut found: Vec<Line> = self.all();
        found.retain(|line| line.get("message") == &Value::from(message));
        assert_eq!(found.len(), 1, "lines with {message:?} in {}", self.text());
        found.remove(0)
    }
}

/// The members of a line, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Line(pub Vec<(String, Value)>);

impl Line {
    pub fn parse(text: &str) -> Self {
        assert!(
            !text.contains(|c: char| {
                c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            }),
            "a raw control character in {text:?}"
        );
        let line: Self =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        line
    }

    /// The value of a key, or `null` if it is absent.
    pub fn get(&self, key: &str) -> &Value {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map_or(&Value::Null, |(_, value)| value)
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    pub fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| &**name).collect()
    }

    /// The ids, as text.
    pub fn ids(&self) -> Option<(String, String)> {
        let text = |key| self.get(key).as_str().map(str::to_owned);
        Some((text("trace_id")?, text("span_id")?))
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Line;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Strict>()? {
                    if members.iter().any(|(other, _)| *other == key) {
                        return Err(A::Error::custom(format_args!(
                            "the key {key:?} is repeated"
                        )));
                    }
                    members.push((key, value.0));
                }
                Ok(Line(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A value in which no object, at any depth, has a repeated key.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Strict;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Strict, A::Error> {
                let line = Line::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Strict(Value::Object(line.0.into_iter().collect())))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Strict, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element::<Strict>()? {
                    values.push(value.0);
                }
                Ok(Strict(Value::Array(values)))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }

            fn visit_unit<E: Error>(self) -> Result<Strict, E> {
                Ok(Strict(Value::Null))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A tracer provider that exports spans to memory. Tests compare ids on lines with those of the exported spans.
pub struct Exported {
    pub provider: SdkTracerProvider,
    pub exporter: InMemorySpanExporter,
}

impl Exported {
    pub fn new() -> Self {
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self { provider, exporter }
    }

    /// Exports only spans that `sampler` samples.
    pub fn with_sampler(sampler: impl ShouldSample + 'static) -> Self {
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_simple_exporter(exporter.clone())
            .build();
        Self { provider, exporter }
    }

    /// Passes spans to another processor too.
    pub fn with_processor(processor: impl SpanProcessor + 'static) -> Self {
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_simple_exporter(exporter.clone())
            .build();
        Self { provider, exporter }
    }

    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer("test")
    }

    pub fn spans(&self) -> Vec<SpanData> {
        self.exporter
            .get_finished_spans()
            .expect("the exporter works")
    }

    /// The only exported span of this name.
    pub fn span(&self, name: &str) -> SpanData {
        let mut found = self.spans();
        found.retain(|span| span.name == name);
        assert_eq!(found.len(), 1, "exported spans named {name:?}");
        found.remove(0)
    }

    /// The ids of the exported span of this name, as a line would have them.
    pub fn ids(&self, name: &str) -> Option<(String, String)> {
        let context = self.span(name).span_context;
        Some((
            context.trace_id().to_string(),
            context.span_id().to_string(),
        ))
    }
}
