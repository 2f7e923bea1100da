//! Spans that a filter hides from a layer.

use super::scene::{Scene, Setup, ids_in, remote};
use opentelemetry::trace::TraceFlags;
use tracing::{Level, Metadata, info, info_span, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

fn at_warn(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN
}

/// Hides spans with this prefix of their name.
fn not_hidden(metadata: &Metadata<'_>) -> bool {
    !metadata.name().starts_with("hidden")
}

#[test]
fn at_rust_log_warn_a_warning_still_carries_the_incoming_trace_id() {
    Setup::new().env_filter("warn").everywhere(|scene| {
        let caller = remote(8, 9, TraceFlags::SAMPLED);
        scene.run(|| {
            let _attached = caller.clone().attach();
            let request = info_span!("request");
            assert!(request.is_disabled());
            let _entered = request.enter();
            warn!("slow");
        });
        assert_eq!(scene.ids("slow"), ids_in(&caller));
    });
}

#[test]
fn a_filter_that_hides_the_request_span_from_the_stamping_layer_alone_hides_no_ids() {
    Setup::new().stamp_sees(at_warn).everywhere(|scene| {
        scene.run(|| {
            let request = info_span!("request");
            let caller = remote(8, 9, TraceFlags::SAMPLED);
            request.set_parent(caller).expect("not started");
            let _entered = request.enter();
            info!("not written");
            warn!("slow");
            warn!(parent: &request, "named");
            info_span!("hidden too").in_scope(|| warn!("deeper"));
            tracing::error_span!("visible").in_scope(|| warn!("visible again"));
            warn!(parent: None, "of none");
        });
        let request = scene.exported_ids("request");
        assert_eq!(request.clone().expect("exported").0, format!("{:032x}", 8));
        assert_eq!(scene.ids("slow"), request);
        let named = scene.ids("named");
        // A layer that watches cannot distinguish the span's own context from one attached by hand.
        assert!(
            named == request || !scene.reports() && named.ids.is_none(),
            "{named:?}"
        );
        assert_eq!(scene.ids("deeper"), scene.exported_ids("hidden too"));
        assert_eq!(scene.ids("visible again"), scene.exported_ids("visible"));
        assert_eq!(scene.ids("of none"), None);
    });
}

#[test]
fn a_parent_hidden_from_the_stamping_layer_never_gives_the_ids_of_another_trace() {
    Setup::new().stamp_sees(at_warn).everywhere(|scene| {
        scene.run(|| {
            let outer = tracing::error_span!("outer");
            let hidden = outer.in_scope(|| info_span!("hidden"));
            hidden.in_scope(|| ());
            let _elsewhere = tracing::error_span!(parent: None, "elsewhere").entered();
            warn!(parent: &hidden, "named");
        });
        let right = [
            None,
            scene.exported_ids("outer"),
            scene.exported_ids("hidden"),
        ];
        let ids = scene.ids("named").ids;
        assert!(right.contains(&ids), "{ids:?} is none of {right:?}");
    });
}

#[test]
fn a_span_closes_with_its_ids_and_parent_below_one_hidden_from_the_stamping_layer() {
    Setup::new()
        .stamp_sees(at_warn)
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _outer = tracing::error_span!("outer").entered();
                let _hidden = info_span!("hidden").entered();
                tracing::error_span!("leaf").in_scope(|| warn!("in the leaf"));
            });
            assert_eq!(scene.ids("in the leaf"), scene.exported_ids("leaf"));
            assert_eq!(
                scene.lifecycle_ids("close", "leaf"),
                scene.exported_ids("leaf")
            );
            let hidden = scene.exported.span("hidden").span_context.span_id();
            scene.assert_parent("leaf", Some(hidden));
        });
}

#[test]
fn a_span_hidden_from_opentelemetry_gives_the_ids_of_its_nearest_visible_ancestor() {
    Setup::new().otel_sees(not_hidden).everywhere(|scene| {
        scene.run(|| {
            let outer = info_span!("outer").entered();
            let hidden = info_span!("hidden");
            let hidden_too = hidden.in_scope(|| {
                info!("in the hidden");
                let hidden_too = info_span!("hidden too");
                hidden_too.in_scope(|| info!("in the other hidden"));
                info_span!("leaf").in_scope(|| info!("in the leaf"));
                hidden_too
            });
            drop(outer);
            let _elsewhere = info_span!(parent: None, "elsewhere").entered();
            info!(parent: &hidden, "of the hidden");
            info!(parent: &hidden_too, "of the other hidden");
        });
        let outer = scene.exported_ids("outer");
        for message in [
            "in the hidden",
            "in the other hidden",
            "of the hidden",
            "of the other hidden",
        ] {
            assert_eq!(scene.ids(message), outer, "{message}");
        }
        assert_eq!(scene.ids("in the leaf"), scene.exported_ids("leaf"));
        assert_eq!(
            scene.exported.span("leaf").parent_span_id,
            scene.exported.span("outer").span_context.span_id()
        );
    });
}

#[test]
fn a_span_hidden_from_opentelemetry_outside_of_any_trace_has_no_ids() {
    Setup::new()
        .otel_sees(not_hidden)
        .span_events(FmtSpan::FULL)
        .everywhere(|scene| {
            scene.run(|| {
                let hidden = info_span!("hidden");
                hidden.in_scope(|| {
                    info!("in the hidden");
                    info_span!("leaf").in_scope(|| info!("in the leaf"));
                    info!("in the hidden again");
                });
                info!(parent: &hidden, "of the hidden");
            });
            for message in ["in the hidden", "in the hidden again", "of the hidden"] {
                assert_eq!(scene.ids(message), None, "{message}");
            }
            for kind in ["new", "enter", "exit", "close"] {
                assert_eq!(scene.lifecycle_ids(kind, "hidden"), None, "{kind}");
            }
            assert_eq!(scene.ids("in the leaf"), scene.exported_ids("leaf"));
            assert!(!scene.lifecycle_line("close", "leaf").has("parent_span_id"));
        });
}

/// A hidden span's closing line has the trace, and the surrounding context as its parent.
#[track_caller]
fn assert_closes_as_hidden(scene: &Scene, around: &str) {
    let close = scene.lifecycle_line("close", "hidden");
    if scene.may_be_unsure() && !close.has("trace_id") {
        return;
    }
    let (trace, span) = scene.exported_ids(around).expect("exported");
    assert_eq!(close.get("trace_id"), &trace);
    assert!(!close.has("span_id"), "it has none of its own: {close:?}");
    assert_eq!(close.get("parent_span_id"), &span);
}

#[test]
fn the_closing_line_of_a_span_hidden_from_opentelemetry_has_its_trace_and_its_ancestor_as_parent() {
    Setup::new()
        .otel_sees(not_hidden)
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _outer = info_span!("outer").entered();
                info_span!("hidden").in_scope(|| info!("in the hidden"));
            });
            assert_eq!(scene.ids("in the hidden"), scene.exported_ids("outer"));
            assert_closes_as_hidden(scene, "outer");
        });
}

#[test]
fn a_hidden_span_closes_with_the_ids_of_its_body_while_another_trace_is_current() {
    Setup::new()
        .otel_sees(not_hidden)
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let outer = info_span!("outer").entered();
                let hidden = info_span!("hidden");
                hidden.in_scope(|| {
                    info_span!("leaf").in_scope(|| info!("in the leaf"));
                    info!("in the hidden");
                });
                drop(outer);
                info_span!(parent: None, "elsewhere").in_scope(|| drop(hidden));
            });
            assert_eq!(scene.ids("in the hidden"), scene.exported_ids("outer"));
            assert_closes_as_hidden(scene, "outer");
        });
}

#[test]
fn a_span_with_a_named_parent_hidden_from_opentelemetry_starts_a_trace_without_a_parent() {
    Setup::new()
        .otel_sees(not_hidden)
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _outer = info_span!("outer").entered();
                let hidden = info_span!("hidden");
                info_span!(parent: &hidden, "child").in_scope(|| info!("in the child"));
            });
            let child = scene.exported.span("child");
            assert_ne!(
                child.span_context.trace_id(),
                scene.exported.span("outer").span_context.trace_id(),
                "OpenTelemetry's layer does not look beyond a hidden parent"
            );
            assert_eq!(scene.ids("in the child"), scene.exported_ids("child"));
            assert_eq!(
                scene.lifecycle_ids("close", "child"),
                scene.exported_ids("child")
            );
            assert!(!scene.lifecycle_line("close", "child").has("parent_span_id"));
        });
}
