//! Labels and ids come from fixed keys and the resource alone.

use super::{
    files::{Folder, append},
    lines::ago,
    run_once, shipper,
    stand::Stand,
};
use log_files::{KeyNames, OTEL};
use std::collections::BTreeSet;

#[test]
fn fields_of_the_application_make_no_streams_and_no_ids() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let lines: String = (0..50)
        .map(|number| {
            let time = ago(10);
            format!(
                "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"n={number};\",\"service\":\"peer-{number}\",\
                 \"trace.id\":\"{number:032x}\",\"service.instance\":\"i-{number}\"}}\n"
            )
        })
        .collect();
    append(&folder.at("app.jsonl"), &lines);
    run_once(&stand, &folder.0);
    let entries = stand.entries();
    assert_eq!(entries.len(), 50);
    let streams: BTreeSet<&str> = entries.iter().map(|entry| entry.labels.as_str()).collect();
    assert_eq!(streams.len(), 1, "{streams:?}");
    assert!(entries.iter().all(|entry| entry.metadata.is_empty()));
}

#[test]
fn a_renamed_trace_id_becomes_metadata() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let (time, id) = (ago(10), format!("{:032x}", 7));
    append(
        &folder.at("app.jsonl"),
        &format!(
            "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"n=0;\",\"traceId\":\"{id}\",\"span_id\":\"{:016x}\"}}\n",
            8
        ),
    );
    let names = KeyNames {
        trace_id: "traceId",
        ..OTEL
    };
    let shipper = shipper(&stand, &folder.0).with_key_names(names);
    shipper.run_once().expect("shipping succeeds");
    let entries = stand.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].metadata.get("trace_id"), Some(&id));
    assert!(entries[0].metadata.contains_key("span_id"));
}
