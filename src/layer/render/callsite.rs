//! The parts of a call site's lines that never change, rendered once.

use super::{format::Format, log_tracer::is_log_tracers};
use crate::{
    burst::{CallSiteLimit, Limits},
    hold::{Decision, has_failure_fields},
    json::{Keys, Padded, Place, push_escaped, push_string, push_u64},
    schema::{FixedKey, Location},
    site::{self, Site},
    stats::{Stats, UnstampedCounter},
};
use tracing_core::Metadata;

/// The target of the spans that this crate creates for requests.
const OWN_SPANS: &str = "tracing_stamp::http";

/// The field from which OpenTelemetry's layer takes a span's name, such as `POST /orders/{order}`.
pub(super) const EXPORTED_NAME: &str = "otel.name";

fn place_in_event(name: &str) -> Place {
    if name == "message" {
        Place::Message
    } else {
        Place::Member
    }
}

/// The other fields of a record of `tracing-log` are its location.
fn place_in_record(name: &str) -> Place {
    if name == "message" {
        Place::Message
    } else {
        Place::Nowhere
    }
}

/// The fields `otel.…` of these spans are for OpenTelemetry's layer. Lines have the exported name as their `span_name`.
fn place_in_own_span(name: &str) -> Place {
    if name.starts_with("otel.") {
        Place::Nowhere
    } else {
        Place::Member
    }
}

/// The call site of an event or a span, as one layer writes it.
#[derive(Debug)]
pub(in crate::layer) struct Callsite {
    pub(in crate::layer) metadata: &'static Metadata<'static>,
    /// From the timestamp's closing quote to the message's opening quote: the level.
    pub(super) head: Padded<32>,
    /// From the message's closing quote to the ids: constants of the schema, target.
    pub(super) tail: Padded<64>,
    /// After the ids: resource, file, line.
    pub(super) after_ids: Box<[u8]>,
    /// `,"span_name":"…"`, of a span.
    pub(super) span_name: Padded<32>,
    /// `,"span_name":`, of a span with an exported name.
    pub(super) span_name_key: Box<[u8]>,
    /// Whether spans of this call site are exported under a name that is a field's value.
    pub(super) has_exported_name: bool,
    /// `{"name":"…"`, of a span.
    pub(super) list_head: Box<[u8]>,
    pub(super) keys: Keys,
    /// Whether this is OpenTelemetry's own call site. Its events must not touch any context or span.
    pub(in crate::layer) is_opentelemetrys: bool,
    /// Whether its events come from another logging crate.
    is_bridged: bool,
    /// Whether its events may come from this crate's own clients, through `log` or `tracing-log`: see `quiet`.
    pub(in crate::layer) may_be_own: bool,
    /// Whether its events are records that have no call site of their own, or do not show it.
    pub(in crate::layer) is_shared: bool,
    /// Whether none of the above holds, all of its events are written, and no setting adds anything to their lines.
    pub(in crate::layer) is_plain: bool,
    /// Whether its events come from `LogTracer`: see [`log_tracer`](super::log_tracer).
    pub(super) is_log_tracers: bool,
    /// `None` if all of its events are written.
    pub(in crate::layer) limit: Option<CallSiteLimit>,
    /// Whether its spans have fields that say whether their work has failed.
    pub(in crate::layer) has_failure_fields: bool,
    /// What a filter that can change has decided about its events.
    pub(in crate::layer) written: Decision,
    unstamped: UnstampedCounter,
}

impl Callsite {
    pub(super) fn new(
        format: &Format,
        limits: Option<&Limits>,
        metadata: &'static Metadata<'static>,
    ) -> Self {
        let site = site::of(metadata);
        let is_bridged = site.is_some();
        let limit = limits.and_then(|limits| limits.of(metadata, is_bridged));
        let may_be_own = is_bridged || metadata.target() == "log";
        let is_shared = site.is_some_and(Site::is_shared) || is_log_tracers(metadata);
        let at = Self::at(format, metadata, metadata);
        Self {
            is_plain: format.is_plain
                && limit.is_none()
                && !may_be_own
                && !is_shared
                && !at.is_opentelemetrys,
            limit,
            is_bridged,
            may_be_own,
            is_shared,
            ..at
        }
    }

    /// Creates a call site with the level, target, file and line of `location`, which may differ from those of the metadata.
    pub(super) fn at(
        format: &Format,
        metadata: &'static Metadata<'static>,
        location: &Metadata<'_>,
    ) -> Self {
        let settings = &format.settings;
        let schema = &settings.schema;

        let mut head = b"\"".to_vec();
        push_member(&mut head, schema.name(FixedKey::Level), |out| {
            push_string(out, schema.level(*location.level()));
        });
        push_member(&mut head, schema.name(FixedKey::Message), |out| {
            out.push(b'"')
        });

        let mut tail = b"\"".to_vec();
        for (name, value) in schema.constants() {
            push_member(&mut tail, name, |out| push_string(out, value));
        }
        if settings.target {
            push_member(&mut tail, schema.name(FixedKey::Target), |out| {
                push_string(out, location.target());
            });
        }

        let mut after_ids = format.resource.text().to_vec();
        push_location(&mut after_ids, format, location);

        let has_exported_name =
            metadata.target() == OWN_SPANS && metadata.fields().field(EXPORTED_NAME).is_some();
        let mut span_name_key = Vec::new();
        if has_exported_name {
            push_member(&mut span_name_key, schema.name(FixedKey::SpanName), |_| ());
        }
        let mut span_name = Vec::new();
        let mut list_head = Vec::new();
        let fields = metadata.fields().iter().map(|field| field.name());
        // Looked up here once, by the name that no schema has changed.
        let rule_of = |name: &str| format.rules.key(name);
        let keys = if metadata.is_span() {
            let name = format.rules.redacted(metadata.name());
            push_member(&mut span_name, schema.name(FixedKey::SpanName), |out| {
                push_string(out, &name);
            });
            list_head.extend_from_slice(b"{\"name\":");
            push_string(&mut list_head, &name);
            let place_of = if metadata.target() == OWN_SPANS {
                place_in_own_span
            } else {
                |_: &str| Place::Member
            };
            Keys::new(fields, format.span_reserved(), place_of, rule_of)
        } else {
            let place_of = if is_log_tracers(metadata) {
                place_in_record
            } else {
                place_in_event
            };
            Keys::new(fields, &format.reserved, place_of, rule_of)
        };

        Self {
            metadata,
            head: Padded::new(head),
            tail: Padded::new(tail),
            after_ids: after_ids.into(),
            span_name: Padded::new(span_name),
            span_name_key: span_name_key.into(),
            has_exported_name,
            list_head: list_head.into(),
            keys,
            is_opentelemetrys: is_opentelemetrys(location),
            is_bridged: false,
            may_be_own: false,
            is_shared: false,
            is_plain: false,
            is_log_tracers: is_log_tracers(metadata),
            limit: None,
            has_failure_fields: metadata.is_span() && has_failure_fields(metadata),
            written: Decision::default(),
            unstamped: UnstampedCounter::default(),
        }
    }
}

impl Callsite {
    /// Returns the fields of the current event that write JSON in their `Debug`, one bit per field index.
    #[inline]
    pub(super) fn json_fields(&self) -> u64 {
        if self.is_bridged {
            site::json_fields()
        } else {
            0
        }
    }

    /// Counts a line without ids. OpenTelemetry's own lines never have any, so they point to no forgotten context.
    #[inline]
    pub(super) fn count_unstamped(&self, stats: &Stats) {
        stats.count_unstamped();
        if !self.is_opentelemetrys {
            self.unstamped.count(stats, self.metadata);
        }
    }

    #[inline]
    pub(super) fn is_span(&self) -> bool {
        !self.span_name.is_empty()
    }
}

/// Returns whether this is OpenTelemetry's own call site. OpenTelemetry logs while it holds its own borrows and locks.
pub(crate) fn is_opentelemetrys(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("opentelemetry")
}

/// Appends `,"name":`, and then the value by calling `push`.
fn push_member(out: &mut Vec<u8>, name: &str, push: impl FnOnce(&mut Vec<u8>)) {
    out.push(b',');
    push_string(out, name);
    out.push(b':');
    push(out);
}

fn push_location(out: &mut Vec<u8>, format: &Format, metadata: &Metadata<'_>) {
    let settings = &format.settings;
    let schema = &settings.schema;
    let file = metadata.file().filter(|_| settings.file);
    let line = metadata.line().filter(|_| settings.line_number);
    match schema.location {
        Location::Keys => {
            if let Some(file) = file {
                push_member(out, schema.name(FixedKey::File), |out| {
                    push_string(out, file)
                });
            }
            if let Some(line) = line {
                push_member(out, schema.name(FixedKey::Line), |out| {
                    push_u64(out, line.into())
                });
            }
        }
        Location::Object if file.is_some() || line.is_some() => {
            push_member(out, schema.name(FixedKey::File), |out| {
                out.extend_from_slice(b"{\"file\":\"");
                push_escaped(out, file.unwrap_or_default());
                out.extend_from_slice(b"\",\"line\":\"");
                // In this format, an unknown line is zero.
                push_u64(out, line.unwrap_or_default().into());
                out.extend_from_slice(b"\"}");
            });
        }
        Location::Object => {}
    }
}
