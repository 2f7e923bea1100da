//! Labels and ids come from the resource and the fixed keys, never from a field of the application.

use super::{Folder, server::Server, shipper};
use std::{collections::BTreeSet, fs::File};
use tracing_stamp::{FixedKey, Schema};
use tracing_subscriber::layer::SubscriberExt as _;

/// Writes lines of this crate. Each has fields with every name that any schema has for service, level and ids, and other values in them.
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
fn no_field_of_the_application_makes_a_stream_or_an_id() {
    for schema in [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("project"),
        Schema::datadog(),
    ] {
        for (service, label) in [(None, "unknown_service"), (Some("orders"), "orders")] {
            let (folder, server) = (Folder::new(), Server::accepting());
            let file = File::create(folder.at("orders.jsonl")).expect("the file is created");
            write(file, schema.clone(), service);
            let report = shipper(&server, &folder.0)
                .run_once()
                .expect("shipping succeeds");
            assert_eq!(report.stats().shipped(), 200);
            let entries = server.entries();
            let streams: BTreeSet<&str> = entries.iter().map(|entry| &*entry.labels).collect();
            let expected = format!("{{level=\"info\", service_name=\"{label}\"}}");
            assert_eq!(streams.into_iter().collect::<Vec<_>>(), [expected]);
            for entry in entries {
                assert!(entry.metadata.is_empty(), "{entry:?}");
            }
        }
    }
}

/// Returns a schema in which the trace id, the span id and the level are renamed.
fn renamed() -> Schema {
    Schema::otel()
        .rename(FixedKey::TraceId, "traceId")
        .and_then(|schema| schema.rename(FixedKey::SpanId, "spanId"))
        .and_then(|schema| schema.rename(FixedKey::Level, "lvl"))
        .expect("the names are not used")
}

fn log_in_a_span(layer: tracing_stamp::StampLayer<File>) {
    use tracing_stamp::opentelemetry::trace::TracerProvider as _;

    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let tracer = provider.tracer("test");
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(tracer, |layer| layer))
        .with(layer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("job").in_scope(|| tracing::warn!("renamed"));
    });
}

#[test]
fn a_renamed_trace_id_is_structured_metadata_and_a_renamed_level_a_label() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let file = File::create(folder.at("orders.jsonl")).expect("the file is created");
    let layer = tracing_stamp::layer().with_schema(renamed());
    log_in_a_span(layer.with_writer(file));
    let shipper = shipper(&server, &folder.0).with_key_names(&renamed());
    shipper.run_once().expect("shipping succeeds");
    let entries = server.entries();
    let [line] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    assert!(line.labels.contains(r#"level="warn""#), "{line:?}");
    let keys: Vec<&str> = line.metadata.keys().map(String::as_str).collect();
    assert_eq!(keys, ["span_id", "trace_flags", "trace_id"]);
}

#[cfg(feature = "setup")]
#[test]
fn init_ships_with_the_schema_of_its_layer() {
    use std::time::Duration;
    use tracing_stamp::{setup, ship::Loki};

    let (folder, server) = (Folder::new(), Server::accepting());
    let loki = Loki::new(server.url().as_str()).expect("the address is valid");
    let (dispatch, guard) = setup()
        .with_log_file(folder.at("orders.jsonl"))
        .with_shipping(loki)
        // The schema is set only on the layer.
        .configure_layer(|layer| layer.with_schema(renamed()))
        .build()
        .expect("the shipper starts");
    tracing::dispatcher::with_default(&dispatch, || {
        tracing::info_span!("job").in_scope(|| tracing::warn!("renamed"));
    });
    let _ = guard.shutdown(Duration::MAX);
    let entries = server.entries();
    assert!(
        entries.len() == 1 && entries[0].metadata.contains_key("trace_id"),
        "{entries:?}"
    );
}
