//! The current context decides, with or without a tracing span.

use super::scene::{Setup, ids_in, remote};
use opentelemetry::{
    Context,
    trace::{Span as _, SpanKind, TraceContextExt as _, TraceFlags, Tracer as _},
};
use std::collections::HashSet;
use tracing::{info, info_span};

#[test]
fn three_nested_spans_have_three_span_ids_and_one_trace_id() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let _one = info_span!("one").entered();
            info!("in one");
            let _two = info_span!("two").entered();
            info!("in two");
            let three = info_span!("three").entered();
            info!("in three");
            drop(three);
            info!("in two again");
        });
        let mut traces = HashSet::new();
        let mut spans = HashSet::new();
        for name in ["one", "two", "three"] {
            let ids = scene.exported_ids(name);
            assert_eq!(scene.ids(&format!("in {name}")), ids);
            let (trace, span) = ids.expect("exported");
            traces.insert(trace);
            spans.insert(span);
        }
        assert_eq!((traces.len(), spans.len()), (1, 3));
        assert_eq!(scene.ids("in two again"), scene.exported_ids("two"));
    });
}

#[test]
fn no_context_means_that_the_keys_are_absent() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            info!("outside");
            {
                let _attached = Context::new().attach();
                info!("below an empty context");
            }
            info_span!("span").in_scope(|| ());
            info!("after a span");
        });
        for message in ["outside", "below an empty context", "after a span"] {
            assert_eq!(scene.ids(message), None, "{message}");
        }
        let text = scene.lines[0].text();
        assert!(!text.contains("00000000"), "no ids of zeros: {text}");
    });
}

#[test]
fn the_current_context_without_a_tracing_span_stamps_too() {
    Setup::new().everywhere(|scene| {
        let tracer = scene.exported.tracer();
        scene.run(|| {
            tracer.in_span("made by the api", |_| {
                info!("in it");
                tracer.in_span("below it", |_| info!("in the one below"));
                info!("in it again");
            });
            info!("after it");
        });
        let outer = scene.exported_ids("made by the api");
        assert_eq!(scene.ids("in it"), outer);
        assert_eq!(
            scene.ids("in the one below"),
            scene.exported_ids("below it")
        );
        assert_eq!(scene.ids("in it again"), outer);
        assert_eq!(scene.ids("after it"), None);
    });
}

#[test]
fn spans_of_the_api_and_of_tracing_nest_in_each_other() {
    Setup::new().everywhere(|scene| {
        let tracer = scene.exported.tracer();
        scene.run(|| {
            tracer.in_span("api outside", |_| {
                let span = info_span!("tracing");
                span.in_scope(|| {
                    // There is no hook before the context changes. The attached context must not count as the span's.
                    tracer.in_span("api inside", |_| {
                        info!("in the inner api span");
                        info_span!("leaf").in_scope(|| info!("in the leaf"));
                    });
                    info!("in the tracing span");
                });
                info!("in the outer api span");
                info!(parent: &span, "of the tracing span");
            });
        });
        let tracing = scene.exported.span("tracing");
        let inside = scene.exported.span("api inside");
        assert_eq!(
            tracing.parent_span_id,
            scene.exported.span("api outside").span_context.span_id()
        );
        assert_eq!(inside.parent_span_id, tracing.span_context.span_id());
        assert_eq!(
            scene.exported.span("leaf").parent_span_id,
            inside.span_context.span_id()
        );
        assert_eq!(
            scene.ids("in the inner api span"),
            scene.exported_ids("api inside")
        );
        assert_eq!(scene.ids("in the leaf"), scene.exported_ids("leaf"));
        assert_eq!(
            scene.ids("in the tracing span"),
            scene.exported_ids("tracing")
        );
        assert_eq!(
            scene.ids("in the outer api span"),
            scene.exported_ids("api outside")
        );
        assert_eq!(
            scene.ids("of the tracing span"),
            scene.exported_ids("tracing")
        );
    });
}

#[test]
fn a_context_attached_inside_a_span_goes_before_the_span() {
    Setup::new().everywhere(|scene| {
        let tracer = scene.exported.tracer();
        let attached = remote(3, 4, TraceFlags::SAMPLED);
        scene.run(|| {
            let _entered = info_span!("span").entered();
            info!("in the span");
            {
                let _guard = attached.clone().attach();
                info!("below the remote context");
            }
            info!("in the span again");
            let span = tracer
                .span_builder("client")
                .with_kind(SpanKind::Client)
                .start(&tracer);
            {
                let _guard = Context::current_with_span(span).attach();
                info!("below the client span");
            }
            info!("in the span at last");
        });
        let span = scene.exported_ids("span");
        assert_eq!(scene.ids("in the span"), span);
        assert_eq!(scene.ids("below the remote context"), ids_in(&attached));
        assert_eq!(scene.ids("in the span again"), span);
        assert_eq!(
            scene.ids("below the client span"),
            scene.exported_ids("client")
        );
        assert_eq!(scene.ids("in the span at last"), span);
    });
}

#[test]
fn a_remote_context_attached_without_any_span_stamps() {
    Setup::new().everywhere(|scene| {
        let attached = remote(3, 4, TraceFlags::SAMPLED);
        scene.run(|| {
            let _guard = attached.clone().attach();
            info!("in the request");
            info_span!("handler").in_scope(|| info!("in the handler"));
            info!("in the request again");
        });
        assert_eq!(scene.ids("in the request"), ids_in(&attached));
        assert_eq!(scene.ids("in the handler"), scene.exported_ids("handler"));
        assert_eq!(scene.ids("in the request again"), ids_in(&attached));
        let handler = scene.exported.span("handler").span_context;
        assert_eq!(
            handler.trace_id().to_string(),
            ids_in(&attached).expect("valid").0
        );
    });
}

#[test]
fn below_an_empty_context_the_current_tracing_span_stamps() {
    Setup::new().everywhere_but_in_the_first_span(|scene| {
        scene.run(|| {
            let _entered = info_span!("span").entered();
            info!("in the span");
            let _guard = Context::new().attach();
            info!("below an empty context");
        });
        assert_eq!(scene.ids("in the span"), scene.exported_ids("span"));
        assert_eq!(
            scene.ids("below an empty context"),
            scene.exported_ids("span")
        );
    });
}

#[test]
fn below_an_empty_context_that_hides_the_span_from_its_first_line_the_span_stamps() {
    Setup::new().everywhere_but_in_the_first_span(|scene| {
        scene.run(|| {
            let _entered = info_span!("span").entered();
            let _guard = Context::new().attach();
            info!("below an empty context");
        });
        assert_eq!(
            scene.ids("below an empty context"),
            scene.exported_ids("span")
        );
    });
}

#[test]
fn a_span_ended_by_the_api_stamps_while_it_is_current() {
    Setup::new().everywhere(|scene| {
        let tracer = scene.exported.tracer();
        scene.run(|| {
            let mut span = tracer.start("ended");
            span.end();
            let _guard = Context::current_with_span(span).attach();
            info!("below it");
        });
        assert_eq!(scene.ids("below it"), scene.exported_ids("ended"));
    });
}
