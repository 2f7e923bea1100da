//! Lifecycle lines.

use super::{
    scene::{Ids, Scene, Setup, ids_in, local, remote},
    support::Lines,
};
use opentelemetry::trace::{SpanId, TraceFlags, Tracer as _};
use std::thread;
use tracing::{Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

/// The closing line has the exported ids and the exported parent.
#[track_caller]
fn assert_closed(scene: &Scene, span: &str) {
    assert_eq!(
        scene.lifecycle_ids("close", span),
        scene.exported_ids(span),
        "{span}"
    );
    scene.assert_parent(span, scene.exported_parent(span));
}

#[test]
fn the_closing_line_carries_the_ids_of_the_bodys_lines() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _one = info_span!("one").entered();
                info!("in one");
                let _two = info_span!("two").entered();
                info!("in two");
                info_span!("three").in_scope(|| info!("in three"));
            });
            for name in ["one", "two", "three"] {
                assert_closed(scene, name);
                assert_eq!(
                    scene.lifecycle_ids("close", name),
                    scene.ids(&format!("in {name}")),
                    "{name}"
                );
            }
        });
}

#[test]
fn a_span_in_which_nothing_was_logged_closes_with_its_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
            });
            assert_closed(scene, "inner");
            assert_closed(scene, "outer");
        });
}

#[test]
fn a_span_closed_on_another_thread_closes_with_its_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            let (silent, loud) = scene.run(|| {
                let silent = info_span!("silent");
                silent.in_scope(|| ());
                let loud = info_span!("loud");
                loud.in_scope(|| info!("in the loud"));
                (silent, loud)
            });
            thread::scope(|threads| {
                threads.spawn(move || drop((silent, loud)));
            });
            for name in ["silent", "loud"] {
                assert_closed(scene, name);
            }
        });
}

#[test]
fn a_span_and_its_parent_closed_on_another_thread_close_with_their_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            let inner = scene.run(|| {
                let _outer = info_span!("outer").entered();
                let inner = info_span!("inner");
                inner.in_scope(|| ());
                inner
            });
            thread::scope(|threads| {
                // The registry closes the parent through the default of this thread.
                threads.spawn(|| scene.run(|| drop(inner)));
            });
            assert_closed(scene, "inner");
            assert_closed(scene, "outer");
        });
}

#[test]
fn a_span_closed_on_another_thread_within_another_span_closes_with_its_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            let span = scene.run(|| {
                let span = info_span!("span");
                span.in_scope(|| info!("in the span"));
                span
            });
            thread::scope(|threads| {
                threads.spawn(|| {
                    scene.run(|| info_span!("elsewhere").in_scope(|| drop(span)));
                });
            });
            assert_closed(scene, "span");
            assert_closed(scene, "elsewhere");
        });
}

#[test]
fn a_span_closed_while_another_span_or_context_is_current_closes_with_its_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let one = info_span!("one");
                one.in_scope(|| ());
                let two = info_span!("two");
                two.in_scope(|| info!("in two"));
                info_span!("elsewhere").in_scope(|| drop(one));
                let _attached = local(1, 2).attach();
                drop(two);
            });
            for name in ["one", "two", "elsewhere"] {
                assert_closed(scene, name);
            }
        });
}

#[test]
fn a_span_that_outlives_its_parent_closes_with_its_ids() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let parent = info_span!("parent");
                let child = parent.in_scope(|| info_span!("child"));
                drop(parent);
                child.in_scope(|| info!("in the child"));
                drop(child);
            });
            assert_closed(scene, "child");
            assert_closed(scene, "parent");
        });
}

#[test]
fn the_parent_on_a_closing_line_is_the_one_that_was_exported() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            let tracer = scene.exported.tracer();
            scene.run(|| {
                info_span!("root").in_scope(|| {
                    info_span!("child").in_scope(|| ());
                    info_span!(parent: None, "a root within").in_scope(|| ());
                    tracer.in_span("api", |_| info_span!("below api").in_scope(|| ()));
                    let named = info_span!("named");
                    named.in_scope(|| ());
                    info_span!("elsewhere").in_scope(|| {
                        info_span!(parent: &named, "child of the named").in_scope(|| ());
                    });
                    let _attached = remote(3, 4, TraceFlags::SAMPLED).attach();
                    info_span!("below a remote context").in_scope(|| ());
                });
            });
            for name in [
                "root",
                "child",
                "a root within",
                "below api",
                "named",
                "elsewhere",
                "child of the named",
                "below a remote context",
            ] {
                assert_closed(scene, name);
            }
        });
}

#[test]
fn the_parent_on_a_closing_line_is_right_if_the_parent_was_named_and_never_entered() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _outer = info_span!("outer").entered();
                let asleep = info_span!("asleep");
                info_span!(parent: &asleep, "child").in_scope(|| info!("in the child"));
            });
            assert_eq!(
                scene.exported.span("child").parent_span_id,
                scene.exported.span("asleep").span_context.span_id()
            );
            assert_parent_right_or_absent(scene, "child");
        });
}

#[test]
fn the_parent_on_a_closing_line_is_right_if_two_ancestors_were_named_and_never_entered() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere_but_in_the_first_span(|scene| {
            scene.run(|| {
                let _outer = info_span!("outer").entered();
                let grandparent = info_span!("grandparent");
                let parent = info_span!(parent: &grandparent, "parent");
                info_span!(parent: &parent, "child").in_scope(|| info!("in the child"));
            });
            assert_parent_right_or_absent(scene, "child");
            assert_parent_right_or_absent(scene, "parent");
            assert_parent_right_or_absent(scene, "grandparent");
        });
}

/// The closing line has the exported parent, or none if the layer does not know it. If the span was not started by entering it,
/// the line has the exported `span_id` or none.
#[track_caller]
fn assert_parent_right_or_absent(scene: &Scene, span: &str) {
    let close = scene.lifecycle_line("close", span);
    let exported = scene.exported.span(span);
    if close.has("span_id") {
        assert_eq!(close.ids(), scene.exported_ids(span), "{span}");
        if close.has("parent_span_id") {
            let parent = exported.parent_span_id.to_string();
            assert_eq!(close.get("parent_span_id"), &parent, "{span}");
        }
    } else if close.has("trace_id") {
        let trace = exported.span_context.trace_id().to_string();
        assert_eq!(close.get("trace_id"), &trace, "{span}");
    }
}

#[test]
fn a_parent_set_late_in_another_trace_is_the_parent_on_the_closing_line_or_none_is() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene| {
            scene.run(|| {
                let _outer = info_span!("outer").entered();
                let moved = info_span!("moved");
                let caller = remote(3, 4, TraceFlags::SAMPLED);
                moved.set_parent(caller).expect("not started");
                moved.in_scope(|| ());
            });
            let close = scene.lifecycle_line("close", "moved");
            let ids = scene.exported_ids("moved");
            assert_eq!(ids.clone().expect("exported").0, format!("{:032x}", 3));
            assert_eq!(scene.ids_on(&close), ids);
            scene.assert_parent("moved", Some(SpanId::from(4)));
        });
}

#[test]
fn a_new_span_line_is_written_once_with_the_ids_of_its_span() {
    for look in LOOKS {
        Setup::new().span_events(FmtSpan::NEW).everywhere(|scene| {
            scene.run(|| {
                let outer = info_span!("outer");
                outer.in_scope(|| info_span!("inner").in_scope(|| look(&outer)));
            });
            assert_eq!(
                scene.lifecycle_ids("new", "outer"),
                scene.exported_ids("outer")
            );
            assert_eq!(
                scene.lifecycle_ids("new", "inner"),
                scene.exported_ids("inner")
            );
        });
    }
}

/// What may happen first in an entered span.
const LOOKS: [fn(&Span); 5] = [
    |_| (),
    |_| info!("a line"),
    |outer| info!(parent: outer, "a line of the outer"),
    |_| info_span!("child").in_scope(|| ()),
    |outer| drop(info_span!(parent: outer, "child that sleeps")),
];

#[test]
fn a_line_that_names_a_span_without_ids_does_not_trigger_its_new_span_line() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        scene.run(|| {
            let _around = info_span!("around").entered();
            info!("in the span around");
            let span = info_span!("span");
            info!(parent: &span, "before it is entered");
            let child = info_span!(parent: &span, "child that sleeps");
            info!(parent: &child, "before either is entered");
            drop(child);
            span.in_scope(|| info!("in the span"));
        });
        for kind in ["new", "enter", "exit", "close"] {
            assert_eq!(
                scene.lifecycle_ids(kind, "span"),
                scene.exported_ids("span"),
                "{kind}"
            );
        }
    });
}

#[test]
fn every_lifecycle_line_has_the_ids_of_its_span() {
    for look in LOOKS {
        Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
            scene.run(|| {
                let outer = info_span!("outer");
                outer.in_scope(|| info_span!("inner").in_scope(|| look(&outer)));
            });
            for name in ["outer", "inner"] {
                for kind in ["new", "enter", "exit", "close"] {
                    assert_eq!(
                        scene.lifecycle_ids(kind, name),
                        scene.exported_ids(name),
                        "{kind} of {name}"
                    );
                }
            }
        });
    }
}

#[test]
fn lifecycle_lines_are_written_in_order() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        scene.run(|| {
            let span = info_span!("span");
            span.in_scope(|| info!("in the span"));
            span.in_scope(|| info!("in the span again"));
        });
        for lines in &scene.lines {
            let mut messages: Vec<String> = Vec::new();
            for line in lines.all() {
                if line.get("span_name") == "span" {
                    messages.push(line.get("message").as_str().expect("a string").to_owned());
                    assert_eq!(scene.ids_on(&line), scene.exported_ids("span"), "{line:?}");
                }
            }
            assert_eq!(
                messages,
                [
                    "new",
                    "enter",
                    "in the span",
                    "exit",
                    "enter",
                    "in the span again",
                    "exit",
                    "close"
                ]
            );
        }
    });
}

#[test]
fn a_span_never_entered_has_its_own_ids_those_of_its_nearest_ancestor_or_none() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        scene.run(|| {
            drop(info_span!("lone"));
            let outer = info_span!("outer").entered();
            let asleep = info_span!("asleep");
            drop(outer);
            info_span!(parent: None, "elsewhere").in_scope(|| drop(asleep));
        });
        for line in scene.lines.iter().flat_map(Lines::all) {
            let is_lone = line.get("span_name") == "lone";
            assert!(
                !is_lone || !line.has("trace_id") || line.ids() == scene.exported_ids("lone"),
                "{line:?}"
            );
        }
        assert_new_and_close_in(scene, "asleep", &scene.exported_ids("outer"));
    });
}

#[test]
fn a_span_never_entered_below_an_attached_context_is_of_its_trace_or_none() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|scene| {
        let caller = remote(3, 4, TraceFlags::SAMPLED);
        scene.run(|| {
            let asleep = {
                let _attached = caller.clone().attach();
                info_span!("asleep")
            };
            info_span!(parent: None, "elsewhere").in_scope(|| drop(asleep));
        });
        assert_new_and_close_in(scene, "asleep", &ids_in(&caller));
    });
}

/// The first and last lifecycle lines of a span belong to this trace, or to none.
#[track_caller]
fn assert_new_and_close_in(scene: &Scene, span: &str, around: &Option<Ids>) {
    let (trace, _) = around.clone().expect("known");
    // Layers may differ: only some are in a position to ask OpenTelemetry before it drops the span's data.
    for line in scene.lines.iter().flat_map(Lines::all) {
        let is_it = line.get("span_name") == span;
        if is_it
            && ["new", "close"]
                .iter()
                .any(|kind| line.get("message") == *kind)
        {
            assert!(
                !line.has("trace_id") || line.get("trace_id") == &trace,
                "{line:?}"
            );
        }
    }
}
