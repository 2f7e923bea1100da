//! The id of the parent span on each line.

use super::{
    scene::{Scene, Setup, local, remote},
    support::Lines,
};
use opentelemetry::trace::{SpanId, TraceFlags, Tracer as _};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tracing::{info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::{ContextSource, Schema, TraceContext};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

/// The name of the span that no `tracing` span stands for.
const OF_THE_API: &str = "api";

/// Each line with the ids of an exported span has the parent of that span. It has none if the layers watch, or if OpenTelemetry's API has
/// created the span, since a line shows no more of such a span than its context.
#[track_caller]
fn assert_parents(scene: &Scene) {
    let parents: BTreeMap<String, String> = scene
        .exported
        .spans()
        .iter()
        .filter(|span| span.name != OF_THE_API)
        .map(|span| {
            let id = span.span_context.span_id();
            (id.to_string(), span.parent_span_id.to_string())
        })
        .collect();
    let none = SpanId::INVALID.to_string();
    for line in scene.lines.iter().flat_map(Lines::all) {
        let parent = line.get("span_id").as_str().and_then(|id| parents.get(id));
        let parent = parent.filter(|parent| **parent != none && scene.reports());
        assert_eq!(
            line.get("parent_span_id").as_str(),
            parent.map(String::as_str),
            "{line:?}"
        );
    }
}

#[test]
fn each_line_has_the_exported_parent_of_its_span() {
    let setup = Setup::new().parents().span_events(FmtSpan::FULL);
    setup.everywhere(|scene| {
        let tracer = scene.exported.tracer();
        scene.run(|| {
            info!("outside");
            info_span!("root").in_scope(|| {
                info!("in the root");
                let named = info_span!("named");
                named.in_scope(|| info!("in the named"));
                info_span!("child").in_scope(|| {
                    info!("in the child");
                    info!(parent: &named, "names its span");
                    info!(parent: None, "names no span");
                    info_span!(parent: &named, "below").in_scope(|| info!("below the named"));
                });
                info_span!(parent: None, "root within").in_scope(|| info!("in another root"));
                tracer.in_span(OF_THE_API, |_| {
                    info!("in a span of the api");
                    info_span!("below the api").in_scope(|| info!("below the api"));
                });
                let late = info_span!("late");
                let caller = remote(3, 4, TraceFlags::SAMPLED);
                late.set_parent(caller).expect("not started");
                late.in_scope(|| info!("called"));
            });
        });
        assert_parents(scene);
        if scene.reports() {
            let called = scene.line("called");
            assert_eq!(called.get("parent_span_id"), "0000000000000004");
            let child = scene.line("in the child");
            assert!(child.has("parent_span_id"), "{child:?}");
        }
    });
}

#[test]
fn a_line_with_an_attached_context_has_no_parent() {
    Setup::new().parents().everywhere(|scene| {
        scene.run(|| {
            let _root = info_span!("root").entered();
            let _child = info_span!("child").entered();
            for attached in [local(1, 2), remote(3, 4, TraceFlags::SAMPLED)] {
                let _attached = attached.attach();
                info!("in an attached context");
            }
        });
        for line in scene.lines.iter().flat_map(Lines::all) {
            assert!(!line.has("parent_span_id"), "{line:?}");
        }
    });
}

#[test]
fn lines_of_a_span_that_opentelemetry_does_not_see_have_the_parent_of_the_span_around_it() {
    let setup = Setup::new()
        .parents()
        .otel_sees(|metadata| metadata.name() != "hidden");
    setup.everywhere(|scene| {
        scene.run(|| {
            let _root = info_span!("root").entered();
            let _child = info_span!("child").entered();
            info_span!("hidden").in_scope(|| info!("in the hidden"));
        });
        assert_parents(scene);
        let line = scene.line("in the hidden");
        assert_eq!(line.has("parent_span_id"), scene.reports(), "{line:?}");
    });
}

#[test]
fn without_the_option_only_closing_lines_have_a_parent() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        scene.run(|| {
            let _root = info_span!("root").entered();
            info_span!("child").in_scope(|| info!("in the child"));
        });
        let lines = scene.lines.iter().flat_map(Lines::all);
        for line in lines.filter(|line| line.get("message") != "close") {
            assert!(!line.has("parent_span_id"), "{line:?}");
        }
    });
}

#[test]
fn each_schema_has_a_name_for_the_parent_and_no_field_can_take_it() {
    for (schema, key) in [
        (Schema::otel(), "parent_span_id"),
        (Schema::ecs(), "parent.id"),
        (Schema::gcp("shop"), "parent_span_id"),
        (Schema::datadog(), "parent_span_id"),
    ] {
        let lines = Lines::default();
        let exported = super::support::Exported::new();
        let layer = tracing_stamp::layer()
            .with_schema(schema)
            .with_parent_span_id(true)
            .with_writer(lines.clone());
        let otel = tracing_stamp::otel_layer(exported.tracer(), |layer| layer);
        let subscriber = tracing_subscriber::registry().with(otel).with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let _root = info_span!("root").entered();
            info_span!("child").in_scope(|| {
                info!(
                    parent_span_id = "mine",
                    parent.id = "mine too",
                    "in the child"
                )
            });
        });
        let all = lines.all();
        let root = exported.span("root").span_context.span_id().to_string();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].get(key), &root, "{}", lines.text());
    }
}

thread_local! {
    static CURRENT: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A source with spans of its own.
struct Own;

impl ContextSource for Own {
    fn current(&self) -> Option<TraceContext> {
        let span = CURRENT.with_borrow(|spans| spans.last().copied())?;
        TraceContext::from_bytes([1; 16], span.to_be_bytes(), Some(1))
    }
}

#[test]
fn with_a_source_of_the_application_the_parent_is_the_context_that_the_span_was_created_in() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_context_source(Own)
        .with_parent_span_id(true)
        .with_writer(lines.clone());
    let subscriber = Arc::new(tracing_subscriber::registry().with(layer));
    tracing::subscriber::with_default(subscriber, || {
        let outer = info_span!("outer");
        let outer = outer.entered();
        CURRENT.with_borrow_mut(|spans| spans.push(1));
        info!("in the outer");
        let inner = info_span!("inner").entered();
        CURRENT.with_borrow_mut(|spans| spans.push(2));
        info!("in the inner");
        CURRENT.with_borrow_mut(Vec::pop);
        drop(inner);
        CURRENT.with_borrow_mut(Vec::pop);
        drop(outer);
    });
    let parents: BTreeSet<_> = lines
        .all()
        .iter()
        .map(|line| {
            let text = |key| line.get(key).as_str().unwrap_or("none").to_owned();
            (text("message"), text("parent_span_id"))
        })
        .collect();
    let expected = [
        ("in the inner", "0000000000000001"),
        ("in the outer", "none"),
    ];
    let expected = expected.map(|(message, parent)| (message.to_owned(), parent.to_owned()));
    assert_eq!(parents, BTreeSet::from(expected), "{}", lines.text());
}
