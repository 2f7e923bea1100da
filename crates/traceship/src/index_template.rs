//! The index template for the documents that are sent.

use serde_json::{Map, Value, json};

/// The product that an index template is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Product {
    #[default]
    Elasticsearch,
    OpenSearch,
}

/// Fields with an exact value, in lines of this crate and of common loggers. Without this, the first value would decide the type, and an
/// id of digits alone would make a number of the field.
const KEYWORDS: &[&str] = &[
    "dd.span_id",
    "dd.trace_id",
    "event.dataset",
    "level",
    "log.level",
    "log.logger",
    "log.record.uid",
    "event.id",
    "parent.id",
    "parent_span_id",
    "process.thread.name",
    "service.environment",
    "service.name",
    "service.node.name",
    "service.version",
    "severity",
    "severity_text",
    "span.id",
    "span_id",
    "span_name",
    "target",
    "thread_name",
    "trace.id",
    "trace_flags",
    "trace_id",
    "transaction.id",
];

const TIMES: &[&str] = &["event.start", "start_time", "timestamp"];

/// The longest string that is indexed as a keyword, in characters. Longer ones are stored, and not found by their value. Lucene rejects a
/// document with a keyword over 32,766 bytes, and a character has at most four.
const MAX_KEYWORD: u32 = 1_024;

/// The most fields that an index has. A service that makes keys of data would otherwise slow down the whole cluster.
const MAX_FIELDS: u32 = 2_000;

/// Returns a template for the data streams and indices with names that begin with `index`. It lets the server store whatever services
/// log: a value of the wrong type is kept in the document, and not indexed.
pub(super) fn index_template(index: &str, product: Product) -> Value {
    let mut settings = json!({
        "index.mapping.ignore_malformed": true,
        "index.mapping.total_fields.limit": MAX_FIELDS,
    });
    let mut mappings = json!({
        "date_detection": false,
        "numeric_detection": false,
        "dynamic_templates": [
            { "strings": { "match_mapping_type": "string", "mapping": keyword() } },
            // The default is `float`, to which 1e300 does not fit.
            { "fractions": { "match_mapping_type": "double", "mapping": { "type": "double" } } },
        ],
        "properties": properties(),
    });
    // The fields `a` and `a.b` can exist together, and objects beside values.
    match product {
        Product::Elasticsearch => {
            settings["index.mapping.total_fields.ignore_dynamic_beyond_limit"] = json!(true);
            mappings["subobjects"] = json!(false);
        }
        Product::OpenSearch => mappings["disable_objects"] = json!(true),
    }
    json!({
        "index_patterns": [format!("{index}*")],
        "data_stream": {},
        "priority": 200,
        "template": { "settings": settings, "mappings": mappings },
    })
}

fn keyword() -> Value {
    json!({ "type": "keyword", "ignore_above": MAX_KEYWORD })
}

fn properties() -> Map<String, Value> {
    let keywords = KEYWORDS.iter().map(|name| (*name, keyword()));
    let times = TIMES.iter().map(|name| (*name, json!({ "type": "date" })));
    let others = [
        // A data stream does not allow `ignore_malformed` for its time.
        (
            "@timestamp",
            json!({ "type": "date", "ignore_malformed": false }),
        ),
        ("message", json!({ "type": "match_only_text" })),
    ];
    let all = keywords.chain(times).chain(others);
    all.map(|(name, mapping)| (name.to_owned(), mapping))
        .collect()
}
