//! OpenTelemetry's layer with context activation switched off. A line has the attached context's ids. Without an attached context it
//! has its span's own ids or none. Logging never starts a span, nor does entering it.

use super::scene::{Ids, Scene, Setup, each, ids_in, local, named, remote};
use opentelemetry::{
    Context,
    trace::{TraceContextExt as _, TraceFlags, Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

const SAMPLED: TraceFlags = TraceFlags::SAMPLED;

fn without_activation() -> Setup {
    Setup::new().without_activation().span_events(FmtSpan::FULL)
}

/// Contexts that a caller may attach. None is the span's own.
fn contexts() -> [Context; 3] {
    let provider = SdkTracerProvider::builder().build();
    let recording = provider.tracer("api").start("recording");
    [
        local(1, 2),
        remote(1, 2, SAMPLED),
        Context::new().with_span(recording),
    ]
}

#[test]
fn a_line_has_the_attached_contexts_ids_or_none() {
    for attached in contexts() {
        without_activation().everywhere(|scene| {
            scene.run(|| {
                info!("outside");
                {
                    let _guard = attached.clone().attach();
                    info!("below the context");
                    info_span!("span").in_scope(|| info!("in a span below the context"));
                }
                info_span!("another").in_scope(|| info!("in a span"));
            });
            assert_eq!(scene.ids("outside"), None);
            assert_eq!(scene.ids("below the context"), ids_in(&attached));
            assert_eq!(scene.ids("in a span below the context"), ids_in(&attached));
            assert_own_or_none(scene, "in a span", "another");
        });
    }
}

#[track_caller]
fn assert_own_or_none(scene: &Scene, message: &str, span: &str) {
    let ids: Option<Ids> = scene.ids(message).ids;
    assert!(
        ids.is_none() || ids == scene.exported_ids(span),
        "{message} in the span {span}: {ids:?}"
    );
}

#[test]
fn a_context_attached_inside_a_span_is_gone_from_the_lines_after_it() {
    for attached in contexts() {
        without_activation().everywhere(|scene| {
            scene.run(|| {
                let span = info_span!("span");
                let _entered = span.enter();
                info!("first");
                {
                    let _guard = attached.clone().attach();
                    info!("below the context");
                }
                info!("after the context");
                info!(parent: &span, "named after the context");
            });
            assert_own_or_none(scene, "first", "span");
            assert_eq!(scene.ids("below the context"), ids_in(&attached));
            assert_own_or_none(scene, "after the context", "span");
            assert_own_or_none(scene, "named after the context", "span");
        });
    }
}

type Pattern = fn(Context, Span);

/// Ways to combine a context and a span. None must look like a layer that activates contexts.
const PATTERNS: [(&str, Pattern); 9] = [
    ("attach within the span", |context, span| {
        let _entered = span.enter();
        let _guard = context.attach();
        info!("line");
    }),
    ("attach around the span", |context, span| {
        let _guard = context.attach();
        let _entered = span.enter();
        info!("line");
    }),
    (
        "attach around the whole span in the body",
        |context, span| {
            let _guard = context.attach();
            span.in_scope(|| info!("line"));
            drop(span);
        },
    ),
    ("attach, enter, detach, leave", |context, span| {
        let guard = context.attach();
        let entered = span.enter();
        info!("line");
        drop(guard);
        drop(entered);
    }),
    ("enter, attach, leave, detach", |context, span| {
        let entered = span.enter();
        let guard = context.attach();
        info!("line");
        drop(entered);
        drop(guard);
    }),
    ("attach and detach before leaving", |context, span| {
        let _entered = span.enter();
        {
            let _guard = context.attach();
            info!("line");
        }
        info!("another line");
    }),
    ("attach around each of two nested spans", |context, span| {
        let _guard = context.clone().attach();
        span.in_scope(|| {
            let inner = info_span!("inner");
            let _guard = context.attach();
            inner.in_scope(|| info!("line"));
        });
    }),
    ("the span's own context, around it", |_, span| {
        let _guard = span.context().attach();
        let _entered = span.enter();
        info!("line");
    }),
    ("the span's own context, within it", |_, span| {
        let _entered = span.enter();
        let _guard = span.context().attach();
        info!("line");
    }),
];

#[test]
fn set_parent_still_returns_ok_after_lines_and_after_entering() {
    each(PATTERNS, |(name, pattern)| {
        for attached in contexts() {
            named(name, || {
                without_activation().everywhere(|scene| {
                    scene.run(|| {
                        for _ in 0..2 {
                            pattern(attached.clone(), info_span!("used"));
                        }
                        let span = info_span!("span");
                        info!(parent: &span, "before");
                        span.in_scope(|| {
                            info!("inside");
                            let _guard = attached.clone().attach();
                            info!("below the context");
                        });
                        info!(parent: &span, "after");
                        span.set_parent(remote(8, 9, SAMPLED))
                            .expect("nobody has started the span");
                    });
                    let span = scene.exported.span("span");
                    assert_eq!(span.parent_span_id.to_string(), format!("{:016x}", 9));
                    assert_eq!(scene.ids("below the context"), ids_in(&attached));
                });
            });
        }
    });
}

#[test]
fn set_parent_still_returns_ok_if_no_context_was_ever_attached() {
    without_activation().everywhere(|scene| {
        scene.run(|| {
            for _ in 0..3 {
                let _outer = info_span!("outer").entered();
                info!("line");
                info_span!("inner").in_scope(|| info!("deeper"));
            }
            let span = info_span!("span");
            span.in_scope(|| info!("inside"));
            span.set_parent(remote(8, 9, SAMPLED))
                .expect("nobody has started the span");
        });
        let span = scene.exported.span("span");
        assert_eq!(span.parent_span_id.to_string(), format!("{:016x}", 9));
        assert_own_or_none(scene, "inside", "span");
    });
}
