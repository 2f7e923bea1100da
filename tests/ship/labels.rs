//! Labels and ids come from the resource and the fixed keys, never from a user's field.

use super::{Folder, server::Server, shipper};
use std::{collections::BTreeSet, fs::File};
use tracing_stamp::Schema;
use tracing_subscriber::layer::SubscriberExt as _;

/// Lines of this crate, each with another value of every name that any schema has for service, level and ids.
fn write(file: File, schema: Schema, service: Option<&'static str>) {
    let resource = service.map(|service| ("service.name", service));
    let layer = tracing_stamp::layer()
        .with_schema(schema)
        .with_resource(resource)
        .with_writer(file);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for number in 0..50 {
            let peer = format!("peer-{number}");
            let id = format!("{number:032x}");
            tracing::info!(service = %peer, service.name = %peer, level = %peer, status = %peer, "one");
            tracing::info!(severity = %peer, log.level = %peer, env = %peer, job = %peer, "two");
            tracing::info!(trace.id = %id, trace_id = %id, dd.trace_id = %id, trace_flags = "01", "three");
            tracing::info!(span.id = %id, span_id = %id, dd.span_id = %id, "four");
        }
    });
}

#[test]
fn no_field_of_a_user_makes_a_stream_or_an_id() {
    for schema in [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("project"),
        Schema::datadog(),
    ] {
        for (service, label) in [(None, "unknown_service"), (Some("orders"), "orders")] {
            let (folder, server) = (Folder::new(), Server::taking());
            let file = File::create(folder.at("orders.jsonl")).expect("a file");
            write(file, schema.clone(), service);
            let report = shipper(&server, &folder.0).run_once().expect("it ships");
            assert_eq!(report.stats().shipped(), 200);
            let kept = server.kept();
            let streams: BTreeSet<&str> = kept.iter().map(|kept| &*kept.labels).collect();
            let expected = format!("{{level=\"info\", service_name=\"{label}\"}}");
            assert_eq!(streams.into_iter().collect::<Vec<_>>(), [expected]);
            for kept in kept {
                assert!(kept.metadata.is_empty(), "{kept:?}");
            }
        }
    }
}
