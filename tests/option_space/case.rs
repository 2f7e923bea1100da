//! A test case: what is logged, through a layer with which options. Also the strategies that generate cases.

use super::support::dynamic::Given;
use proptest::prelude::*;
use tracing::Level;
use tracing_stamp::{
    FixedKey, Precision, Schema, SpanFields, TraceContext,
    opentelemetry::{
        self,
        trace::{SpanId, TraceFlags, TraceId},
    },
};
use tracing_subscriber::fmt::format::FmtSpan;

pub(crate) type Fields = Vec<(String, Given)>;

#[derive(Clone, Debug)]
/// The options of the layer.
pub(crate) struct Options {
    pub(crate) schema: Which,
    pub(crate) renames: Vec<(FixedKey, String)>,
    pub(crate) span_fields: SpanFields,
    pub(crate) resource: Vec<(String, Attribute)>,
    pub(crate) baggage: Vec<String>,
    pub(crate) limit: Option<usize>,
    pub(crate) precision: Precision,
    pub(crate) target: bool,
    pub(crate) file: bool,
    pub(crate) line_number: bool,
    pub(crate) thread_ids: bool,
    pub(crate) thread_names: bool,
    pub(crate) record_uid: bool,
    /// Which lines of a span's life are written: new, enter, exit, close.
    pub(crate) life: [bool; 4],
    pub(crate) has_context: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Which {
    Otel,
    Ecs,
    Gcp,
    Datadog,
}

#[derive(Clone, Debug)]
pub(crate) enum Attribute {
    Bool(bool),
    I64(i64),
    F64(f64),
    Text(String),
}

/// The parent of a span or an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ParentChoice {
    Current,
    Root,
    /// One of the spans created so far, by its index modulo their number.
    Span(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct SpanCase {
    pub(crate) name: String,
    pub(crate) target: String,
    pub(crate) parent: ParentChoice,
    pub(crate) fields: Fields,
    /// The values recorded after all spans were created and the events were logged once.
    pub(crate) recorded: Vec<Vec<Given>>,
}

#[derive(Clone, Debug)]
pub(crate) struct EventCase {
    pub(crate) target: String,
    pub(crate) level: Level,
    pub(crate) parent: ParentChoice,
    pub(crate) fields: Fields,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) options: Options,
    pub(crate) baggage: Vec<(String, String)>,
    pub(crate) spans: Vec<SpanCase>,
    /// The events. Each is logged twice: before and after the spans record.
    pub(crate) events: Vec<EventCase>,
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "e",
        "e.sources",
        "e_sources",
        "a.b",
        "a..b",
        "a.b.c",
        "field.a",
        "_id",
        "_id.x",
        "b. ",
        "",
        "name",
        "name.first",
        "field.name",
        "level",
        "message",
        "message.sources",
        "level.sources",
        "field.level.sources",
        "field",
        "target",
        "timestamp",
        "@timestamp",
        "time",
        "severity",
        "status",
        "trace_id",
        "span_name",
        "spans",
        "suppressed",
        "truncated",
        "duration_ms",
        "busy_ms",
        "start_time",
        "log",
        "log.level",
        "log.origin",
        "trace",
        "trace.id",
        "ecs.version",
        "service",
        "service.name",
        "event.dataset",
        "field.level",
        "field.message",
        "field.field.level",
        "field.log",
        "renamed",
        "a\"b",
        "a\u{1b}",
        "a\u{9b}",
        "\\",
        "\n",
        "é",
    ]);
    prop_oneof![
        8 => known.prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<String>().prop_map(|text| text.chars().take(5).collect()),
    ]
}

/// Generates a name for a resource attribute or a schema key. It must not take the prefix: if dots nest, nothing can be below `field`
/// once `field` is a value.
fn free_name() -> impl Strategy<Value = String> {
    name().prop_filter("the name would take the prefix", |name| {
        !name.is_empty() && name != "field" && !name.ends_with("field")
    })
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        3 => Just(Given::Nothing),
        1 => any::<bool>().prop_map(Given::Bool),
        1 => any::<i64>().prop_map(Given::I64),
        1 => any::<u64>().prop_map(Given::U64),
        1 => any::<i128>().prop_map(Given::I128),
        1 => any::<i64>().prop_map(|value| Given::I128(value.into())),
        1 => any::<u128>().prop_map(Given::U128),
        1 => any::<u64>().prop_map(|value| Given::U128(value.into())),
        1 => any::<f64>().prop_map(Given::F64),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).prop_map(Given::F64),
        2 => any::<String>().prop_map(Given::Str),
        1 => "[\\x00-\\x1f\u{7f}-\u{9f}\"\\\\]{0,5}".prop_map(Given::Str),
        1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Given::Bytes),
        1 => any::<String>().prop_map(Given::Debug),
        3 => prop::collection::vec("[a-z\"\u{1b}]{0,3}", 1..4).prop_map(Given::Error),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    prop::collection::vec((name(), given()), 0..6)
}

fn parent() -> impl Strategy<Value = ParentChoice> {
    prop_oneof![
        4 => Just(ParentChoice::Current),
        1 => Just(ParentChoice::Root),
        2 => (0..6_usize).prop_map(ParentChoice::Span),
    ]
}

fn span_case() -> impl Strategy<Value = SpanCase> {
    (name(), name(), parent(), fields()).prop_flat_map(|(name, target, parent, fields)| {
        let recorded = prop::collection::vec(prop::collection::vec(given(), fields.len()), 0..3);
        recorded.prop_map(move |recorded| SpanCase {
            name: name.clone(),
            target: target.clone(),
            parent,
            fields: fields.clone(),
            recorded,
        })
    })
}

fn event_case() -> impl Strategy<Value = EventCase> {
    let level = prop::sample::select(vec![
        Level::TRACE,
        Level::DEBUG,
        Level::INFO,
        Level::WARN,
        Level::ERROR,
    ]);
    (name(), level, parent(), fields()).prop_map(|(target, level, parent, fields)| EventCase {
        target,
        level,
        parent,
        fields,
    })
}

fn options() -> impl Strategy<Value = Options> {
    let attribute = prop_oneof![
        any::<bool>().prop_map(Attribute::Bool),
        any::<i64>().prop_map(Attribute::I64),
        prop_oneof![any::<f64>(), Just(f64::NAN)].prop_map(Attribute::F64),
        any::<String>().prop_map(Attribute::Text),
    ];
    let renamed = prop::sample::select(vec![
        FixedKey::Timestamp,
        FixedKey::Level,
        FixedKey::Message,
        FixedKey::Target,
        FixedKey::SpanName,
        FixedKey::TraceId,
        FixedKey::Truncated,
        FixedKey::StartTime,
    ]);
    (
        (
            prop::sample::select(vec![Which::Otel, Which::Ecs, Which::Gcp, Which::Datadog]),
            prop::collection::vec((renamed, free_name()), 0..2),
            prop::sample::select(vec![
                SpanFields::Flatten,
                SpanFields::Flatten,
                SpanFields::List,
                SpanFields::Off,
            ]),
            prop::collection::vec((free_name(), attribute), 0..4),
            prop::collection::vec(baggage_name(), 0..4),
            prop_oneof![3 => Just(None), 1 => (1_024..2_048_usize).prop_map(Some)],
        ),
        (
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
        ),
        any::<[bool; 4]>(),
        any::<bool>(),
    )
        .prop_map(|(first, second, life, has_context)| {
            let (schema, renames, span_fields, resource, baggage, limit) = first;
            let (nanoseconds, target, file, line_number, thread_ids, thread_names, record_uid) =
                second;
            Options {
                schema,
                renames,
                span_fields,
                resource,
                baggage,
                limit,
                precision: if nanoseconds {
                    Precision::Nanoseconds
                } else {
                    Precision::Microseconds
                },
                target,
                file,
                line_number,
                thread_ids,
                thread_names,
                record_uid,
                life,
                has_context,
            }
        })
}

/// Generates a key of OpenTelemetry's baggage, which must be a token.
fn baggage_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "b",
        "e",
        "e.sources",
        "level",
        "field.level",
        "service.name",
        "log",
        "message",
    ])
    .prop_map(str::to_owned)
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    (
        options(),
        prop::collection::vec((baggage_name(), "[a-z]{0,3}"), 0..4),
        prop::collection::vec(span_case(), 0..=6),
        prop::collection::vec(event_case(), 1..3),
    )
        .prop_map(|(options, baggage, spans, events)| Case {
            options,
            baggage,
            spans,
            events,
        })
}

impl Options {
    pub(crate) fn schema(&self) -> Schema {
        let mut schema = match self.schema {
            Which::Otel => Schema::otel(),
            Which::Ecs => Schema::ecs(),
            Which::Gcp => Schema::gcp("p"),
            Which::Datadog => Schema::datadog(),
        };
        for (key, name) in &self.renames {
            // A rejected name leaves the schema unchanged.
            schema = schema.clone().rename(*key, name.clone()).unwrap_or(schema);
        }
        schema
    }

    fn context(&self) -> Option<TraceContext> {
        let context = TraceContext::new(
            TraceId::from(0xabc),
            SpanId::from(0xdef),
            TraceFlags::SAMPLED,
        );
        context.filter(|_| self.has_context)
    }

    pub(crate) fn layer(&self) -> tracing_stamp::StampLayer {
        let [new, enter, exit, close] = self.life;
        let mut life = FmtSpan::NONE;
        for (on, kind) in [
            (new, FmtSpan::NEW),
            (enter, FmtSpan::ENTER),
            (exit, FmtSpan::EXIT),
            (close, FmtSpan::CLOSE),
        ] {
            if on {
                life |= kind;
            }
        }
        let context = self.context();
        let resource = self.resource.iter().map(|(name, attribute)| {
            let value: opentelemetry::Value = match attribute {
                Attribute::Bool(value) => (*value).into(),
                Attribute::I64(value) => (*value).into(),
                Attribute::F64(value) => (*value).into(),
                Attribute::Text(value) => value.clone().into(),
            };
            (name.clone(), value)
        });
        let layer = tracing_stamp::layer()
            .with_schema(self.schema())
            .with_span_fields(self.span_fields)
            .with_resource(resource)
            .with_baggage(self.baggage.clone())
            .with_precision(self.precision)
            .with_target(self.target)
            .with_file(self.file)
            .with_line_number(self.line_number)
            .with_thread_ids(self.thread_ids)
            .with_thread_names(self.thread_names)
            .with_record_uid(self.record_uid)
            .with_span_events(life)
            .with_context_source(move || context)
            .with_diagnostics(|_| ());
        match self.limit {
            Some(limit) => layer.with_max_line_bytes(limit),
            None => layer,
        }
    }
}
