//! An explicit parent decides.

use super::scene::{Setup, local};
use tracing::{Span, info, info_span};

#[test]
fn ids_follow_the_events_explicit_parent_and_none_has_none() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let first = info_span!(parent: None, "first");
            let second = info_span!(parent: None, "second");
            first.in_scope(|| info!("in the first"));
            second.in_scope(|| {
                info!("in the second");
                info!(parent: &first, "of the first");
                info!(parent: &second, "of the second");
                info!(parent: None, "of none");
                info!(parent: first.id(), "of the first's id");
            });
            info!(parent: &first, "of the first, outside");
        });
        let first = scene.exported_ids("first");
        let second = scene.exported_ids("second");
        assert_eq!(scene.ids("in the first"), first);
        assert_eq!(scene.ids("of the first"), first);
        assert_eq!(scene.ids("of the first's id"), first);
        assert_eq!(scene.ids("of the first, outside"), first);
        assert_eq!(scene.ids("in the second"), second);
        assert_eq!(scene.ids("of the second"), second);
        assert_eq!(scene.ids("of none"), None);
    });
}

#[test]
fn parent_none_has_no_ids_below_an_attached_context_either() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let _attached = local(1, 2).attach();
            info!(parent: None, "of none");
            let _entered = info_span!("span").entered();
            info!(parent: None, "of none, in a span");
        });
        assert_eq!(scene.ids("of none"), None);
        assert_eq!(scene.ids("of none, in a span"), None);
    });
}

#[test]
fn a_disabled_span_as_parent_is_none() {
    Setup::new().env_filter("info").everywhere(|scene| {
        scene.run(|| {
            let _entered = info_span!("span").entered();
            let disabled = tracing::debug_span!("disabled");
            assert!(disabled.is_disabled());
            info!(parent: &disabled, "of a disabled span");
            info!(parent: &Span::none(), "of no span");
        });
        assert_eq!(scene.ids("of a disabled span"), None);
        assert_eq!(scene.ids("of no span"), None);
    });
}

#[test]
fn a_parent_not_yet_entered_gives_its_nearest_started_ancestor_or_none() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let lone = info_span!("lone");
            info!(parent: &lone, "of a lone span");
            let outer = info_span!("outer").entered();
            let inner = info_span!("inner");
            let innermost = inner.in_scope(|| info_span!("innermost"));
            let asleep = info_span!("asleep");
            info!(parent: &innermost, "of the innermost");
            info!(parent: &asleep, "of one asleep");
            let outer = outer.exit();
            info!(parent: &asleep, "of one asleep, outside");
            innermost.in_scope(|| info!("in the innermost"));
            info!(parent: &innermost, "of the innermost, awake");
            drop((lone, inner, outer));
        });
        let outer = scene.exported_ids("outer");
        assert_eq!(scene.ids("of a lone span"), None);
        assert_eq!(scene.ids("of the innermost"), scene.exported_ids("inner"));
        assert_eq!(scene.ids("of one asleep"), outer);
        assert_eq!(scene.ids("of one asleep, outside"), outer);
        let innermost = scene.exported_ids("innermost");
        assert_eq!(scene.ids("in the innermost"), innermost);
        assert_eq!(scene.ids("of the innermost, awake"), innermost);
    });
}

#[test]
fn an_explicit_parent_goes_before_an_attached_context() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let span = info_span!("span");
            let _entered = span.enter();
            info!("in the span");
            let _attached = local(1, 2).attach();
            info!(parent: &span, "of the span");
            info!("of the attached context");
        });
        let span = scene.exported_ids("span");
        assert_eq!(scene.ids("in the span"), span);
        assert_eq!(scene.ids("of the span"), span);
        assert_ne!(scene.ids("of the attached context"), span);
    });
}

#[test]
fn an_explicit_parent_gives_its_ids_if_its_first_line_is_below_an_attached_context() {
    Setup::new().everywhere_but_in_the_first_span(|scene| {
        scene.run(|| {
            let span = info_span!("span");
            let _entered = span.enter();
            let _attached = local(1, 2).attach();
            info!(parent: &span, "of the span");
        });
        assert_eq!(scene.ids("of the span"), scene.exported_ids("span"));
    });
}

#[test]
fn an_explicit_parent_that_was_left_long_ago_gives_its_ids() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let span = info_span!("span");
            span.in_scope(|| ());
            info!(parent: &span, "nothing was logged in it");
            info_span!(parent: None, "other").in_scope(|| {
                info!(parent: &span, "from another trace");
            });
        });
        let span = scene.exported_ids("span");
        assert_eq!(scene.ids("nothing was logged in it"), span);
        assert_eq!(scene.ids("from another trace"), span);
    });
}

#[test]
fn a_span_with_an_explicit_parent_has_its_own_ids_in_its_parents_trace() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let parent = info_span!("parent");
            parent.in_scope(|| ());
            info_span!(parent: None, "elsewhere").in_scope(|| {
                let child = info_span!(parent: &parent, "child");
                info!(parent: &child, "of the sleeping child");
                child.in_scope(|| {
                    info!("in the child");
                    info!(parent: &parent, "of the parent");
                });
                info!("elsewhere again");
            });
        });
        let parent = scene.exported.span("parent").span_context;
        let child = scene.exported.span("child");
        assert_eq!(child.span_context.trace_id(), parent.trace_id());
        assert_eq!(child.parent_span_id, parent.span_id());
        assert_eq!(
            scene.ids("of the sleeping child"),
            scene.exported_ids("parent")
        );
        assert_eq!(scene.ids("in the child"), scene.exported_ids("child"));
        assert_eq!(scene.ids("of the parent"), scene.exported_ids("parent"));
        assert_eq!(
            scene.ids("elsewhere again"),
            scene.exported_ids("elsewhere")
        );
    });
}

#[test]
fn a_span_started_because_of_its_child_never_gives_the_ids_of_another_trace() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let parent = info_span!(parent: None, "parent");
            let _elsewhere = info_span!(parent: None, "elsewhere").entered();
            // OpenTelemetry's layer starts the parent here, although it was never entered.
            let child = info_span!(parent: &parent, "child");
            info!(parent: &parent, "of the parent");
            child.in_scope(|| info!("in the child"));
            info!(parent: &parent, "of the parent, later");
        });
        let parent = scene.exported_ids("parent");
        // Layers may differ here: only some are in a position to learn the parent's ids.
        for lines in &scene.lines {
            for message in ["of the parent", "of the parent, later"] {
                let ids = lines.with_message(message).ids();
                assert!(ids.is_none() || ids == parent, "{message}: {ids:?}");
            }
        }
        assert_eq!(scene.ids("in the child"), scene.exported_ids("child"));
    });
}

#[test]
fn a_span_entered_twice_at_once_keeps_its_ids() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let outer = info_span!("outer");
            let inner = info_span!(parent: &outer, "inner");
            let once = outer.enter();
            let between = inner.enter();
            let twice = outer.enter();
            info!("entered twice");
            drop(twice);
            info!("entered once, below the inner");
            drop(between);
            info!("entered once");
            drop(once);
            info!("left");
            info!(parent: &outer, "of the outer");
        });
        let outer = scene.exported_ids("outer");
        assert_eq!(scene.ids("entered twice"), outer);
        assert_eq!(
            scene.ids("entered once, below the inner"),
            scene.exported_ids("inner")
        );
        assert_eq!(scene.ids("entered once"), outer);
        assert_eq!(scene.ids("left"), None);
        assert_eq!(scene.ids("of the outer"), outer);
    });
}
