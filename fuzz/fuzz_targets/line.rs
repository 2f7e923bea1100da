//! Logs arbitrary keys and values with arbitrary schemas, resources and limits. Each line must be one JSON object without repeated keys.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! cargo +nightly fuzz run --sanitizer none line -- -max_total_time=60 -rss_limit_mb=8192
//! ```
//!
//! A call site lives as long as its process, so the call sites created here are leaked. Hence the high memory limit, and no sanitizer: it
//! would report the leaks, and finds little else in a library without unsafe code.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use support::{
    Line, Lines,
    dynamic::{Given, Parent, Site},
};
use tracing::Level;
use tracing_core::Kind;
use tracing_stamp::{FixedKey, Schema, SpanFields};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

#[derive(Arbitrary, Debug)]
struct Input {
    schema: u8,
    renamed: Option<String>,
    span_fields: u8,
    /// Added to the minimum limit.
    limit: u16,
    flags: [bool; 5],
    resource: Vec<(String, String)>,
    target: String,
    outer: Vec<(Name, Value)>,
    inner: Vec<(Name, Value)>,
    /// The values recorded on the outer span, field by field.
    recorded: Vec<Value>,
    event: Vec<(Name, Value)>,
}

/// A name. In half of all cases one that the library treats specially.
#[derive(Arbitrary, Debug)]
enum Name {
    Any(String),
    Known(u8),
}

#[derive(Arbitrary, Debug)]
enum Value {
    Nothing,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(String),
    /// A text and how often it is repeated, for values that are cut.
    Long(String, u8),
    Bytes(Vec<u8>),
    Debug(String),
    Error(String, Vec<String>),
}

const KNOWN: &[&str] = &[
    "message",
    "level",
    "field.level",
    "field.field.level",
    "level.sources",
    "field.level.sources",
    "timestamp",
    "spans",
    "name",
    "a",
    "a.sources",
    "a_sources",
    "field",
    "log",
    "log.level",
    "suppressed",
    "truncated",
];

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Any(name) => name,
            Self::Known(index) => KNOWN[usize::from(*index) % KNOWN.len()],
        }
    }
}

impl Value {
    fn given(&self) -> Given {
        match self {
            Self::Nothing => Given::Nothing,
            Self::Bool(value) => Given::Bool(*value),
            Self::I64(value) => Given::I64(*value),
            Self::U64(value) => Given::U64(*value),
            Self::I128(value) => Given::I128(*value),
            Self::U128(value) => Given::U128(*value),
            Self::F64(value) => Given::F64(*value),
            Self::Str(value) => Given::Str(value.clone()),
            Self::Long(value, times) => Given::Str(value.repeat(usize::from(*times))),
            Self::Bytes(value) => Given::Bytes(value.clone()),
            Self::Debug(value) => Given::Debug(value.clone()),
            Self::Error(message, sources) => Given::Error(
                std::iter::once(message)
                    .chain(sources.iter().take(100))
                    .cloned()
                    .collect(),
            ),
        }
    }
}

fn site(kind: Kind, target: &str, fields: &[(Name, Value)]) -> Site {
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.text()).collect();
    Site::new(kind, target, target, Level::INFO, &names)
}

fn values(fields: &[(Name, Value)]) -> Vec<Given> {
    fields.iter().map(|(_, value)| value.given()).collect()
}

fuzz_target!(|input: Input| {
    let mut schema = match input.schema % 4 {
        0 => Schema::otel(),
        1 => Schema::ecs(),
        2 => Schema::gcp("p"),
        _ => Schema::datadog(),
    };
    if let Some(name) = input.renamed {
        // Time, level and ids are never cut, so only the target's key is renamed: a long name of theirs could fill a line.
        schema = schema
            .clone()
            .rename(FixedKey::Target, name)
            .unwrap_or(schema);
    }
    let limit = 1_024 + usize::from(input.limit);
    let [life, file, line, ids, names] = input.flags;
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_schema(schema)
        .with_resource(input.resource)
        .with_span_fields(match input.span_fields % 3 {
            0 => SpanFields::Flatten,
            1 => SpanFields::List,
            _ => SpanFields::Off,
        })
        .with_max_line_bytes(limit)
        .with_span_events(if life { FmtSpan::FULL } else { FmtSpan::NONE })
        .with_file(file)
        .with_line_number(line)
        .with_thread_ids(ids)
        .with_thread_names(names)
        .with_record_uid(ids)
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let outer_site = site(Kind::SPAN, &input.target, &input.outer);
        let outer = outer_site.open(Parent::Current, &values(&input.outer));
        let inner = site(Kind::SPAN, &input.target, &input.inner)
            .open(Parent::Span(&outer), &values(&input.inner));
        let event = site(Kind::EVENT, &input.target, &input.event);
        inner.in_scope(|| event.log(Parent::Current, &values(&input.event)));
        if !input.outer.is_empty() {
            for (index, value) in input.recorded.iter().take(20).enumerate() {
                let mut recorded = vec![Given::Nothing; input.outer.len()];
                recorded[index % input.outer.len()] = value.given();
                outer_site.record(&outer, &recorded);
            }
        }
        inner.in_scope(|| event.log(Parent::Current, &values(&input.event)));
    });
    let text = lines.text();
    let count = text.split_inclusive('\n').map(|line| {
        assert!(
            line.len() <= limit,
            "{} bytes although the limit is {limit}",
            line.len()
        );
        Line::parse(
            line.strip_suffix('\n')
                .expect("each line ends with a newline"),
        )
    });
    assert!(count.count() >= 2);
});
