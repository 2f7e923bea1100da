//! The settings of lines, with everything that depends only on them.

use super::{
    parent_key::ParentKey,
    record_uid::RecordUid,
    resource,
    settings::{LineSettings, SpanFields},
};
use crate::{
    json::{Members, Padded, Reserved, Rules, push_escaped, push_string},
    schema::{FixedKey, IdKeys},
};
use log_redaction::KeyRule;

pub(in crate::layer) struct Format {
    pub(in crate::layer) settings: LineSettings,
    /// `{"timestamp":"`
    pub(super) start: Padded<16>,
    pub(super) resource: Members,
    pub(super) reserved: Reserved,
    /// The names reserved within an object of the list of spans.
    list_reserved: Reserved,
    pub(super) ids: IdKeys,
    /// `None` if lines have no id of their own.
    pub(super) record_uid: Option<RecordUid>,
    pub(super) rules: Rules,
    /// The keys of the baggage members that have a rule.
    pub(super) baggage_rules: Box<[(String, KeyRule)]>,
    /// Whether the buffers are not yet ready for a line when the values of its event have been collected.
    pub(super) needs_preparation: bool,
    /// Whether lines have nothing that a setting adds.
    pub(super) is_plain: bool,
    pub(super) thread_id: Box<[u8]>,
    pub(super) thread_name: Box<[u8]>,
    pub(super) spans: Box<[u8]>,
    pub(super) suppressed: Box<[u8]>,
    /// `truncated`, escaped.
    pub(super) truncated: Box<[u8]>,
    /// `,"held":true`
    pub(super) held: Box<[u8]>,
    pub(super) parent: ParentKey,
    pub(super) closing: ClosingKeys,
}

/// The rendered keys of closing lines.
pub(super) struct ClosingKeys {
    pub(super) start: Box<[u8]>,
    pub(super) duration: Box<[u8]>,
    pub(super) busy: Box<[u8]>,
    pub(super) idle: Box<[u8]>,
}

impl Format {
    pub(super) fn new(settings: LineSettings) -> Self {
        let schema = &settings.schema;
        let rules = Rules::new(
            schema.non_finite,
            schema.sources_suffix,
            settings.max_line_bytes,
            settings.redactor.clone(),
        );
        let baggage_rules = settings.baggage.iter();
        let baggage_rules = baggage_rules.filter_map(|key| Some((key.clone(), rules.key(key)?)));
        let resource = resource::members(&settings.resource, schema, &rules);
        let reserved = schema.fields_reserved().and_keys(resource.keys());
        let key = |key: FixedKey| {
            let mut out = b",".to_vec();
            push_string(&mut out, schema.name(key));
            out.push(b':');
            out
        };
        let mut truncated = Vec::new();
        push_escaped(&mut truncated, schema.name(FixedKey::Truncated));
        let mut start = b"{".to_vec();
        start.extend_from_slice(&key(FixedKey::Timestamp)[1..]);
        start.push(b'"');
        let needs_preparation =
            settings.thread_ids || settings.thread_names || rules.patterns().is_some();
        Self {
            start: Padded::new(start),
            resource,
            reserved,
            list_reserved: schema.reserve(["name"]),
            ids: IdKeys::new(schema),
            record_uid: settings.record_uid.then(|| RecordUid::new(schema)),
            baggage_rules: baggage_rules.collect(),
            needs_preparation,
            is_plain: !needs_preparation
                && !settings.record_uid
                && !settings.parent_span_id
                && settings.baggage.is_empty()
                && settings.span_fields == SpanFields::Flatten,
            rules,
            thread_id: key(FixedKey::ThreadId).into(),
            thread_name: key(FixedKey::ThreadName).into(),
            spans: key(FixedKey::Spans).into(),
            suppressed: key(FixedKey::Suppressed).into(),
            truncated: truncated.into(),
            held: [&*key(FixedKey::Held), b"true"].concat().into(),
            parent: ParentKey::new(schema),
            closing: ClosingKeys {
                start: key(FixedKey::StartTime).into(),
                duration: key(FixedKey::Duration).into(),
                busy: key(FixedKey::BusyMs).into(),
                idle: key(FixedKey::IdleMs).into(),
            },
            settings,
        }
    }

    /// The names that a span's own fields cannot take.
    pub(super) fn span_reserved(&self) -> &Reserved {
        match self.settings.span_fields {
            SpanFields::Flatten | SpanFields::Off => &self.reserved,
            SpanFields::List => &self.list_reserved,
        }
    }
}
