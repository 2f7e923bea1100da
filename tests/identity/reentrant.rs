//! A value's `Debug` may do anything. Under a scoped default, `tracing` itself drops events that are logged meanwhile, so each
//! scenario runs in a process with a global default.

use super::{
    alone::each_alone,
    scene::{ORDERS, Order, PATIENCE, Scene, Setup},
};
use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};
use tracing::{Span, field, info, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

/// A value with a `Debug` and a `Display` that run user code first.
struct Runs<F>(F);

impl<F: Fn()> fmt::Debug for Runs<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)();
        f.write_str("result")
    }
}

impl<F: Fn()> fmt::Display for Runs<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The orders of the layers, each with layers that have seen a span before and with layers that have not.
pub(crate) const VARIANTS: [&str; 6] = [
    "Before fresh",
    "Before used",
    "After fresh",
    "After used",
    "Both fresh",
    "Both used",
];

/// The variants with layers that have seen a span: see `Setup::everywhere_but_in_the_first_span`.
pub(crate) const USED: [&str; 3] = ["Before used", "After used", "Both used"];

pub(crate) fn order_and_age(variant: &str) -> (Order, bool) {
    let order = ORDERS
        .into_iter()
        .find(|order| variant.starts_with(&format!("{order:?}")))
        .expect("each variant names an order");
    (order, variant.ends_with("used"))
}

/// Runs a scenario with a scene as the global default, in a process of its own for each variant.
pub(crate) fn globally<T>(test: T, setup: &Setup, scenario: impl Fn(&Scene)) {
    globally_in(&VARIANTS, test, setup, scenario);
}

/// Runs a scenario in some of the variants.
pub(crate) fn globally_in<T>(
    variants: &[&'static str],
    test: T,
    setup: &Setup,
    scenario: impl Fn(&Scene),
) {
    each_alone(test, variants, |variant| {
        let (order, is_warm) = order_and_age(variant);
        let mut scene = setup.scene(order);
        scene.is_fresh = !is_warm;
        tracing::dispatcher::set_global_default(scene.dispatch.clone())
            .expect("the first of this process");
        if is_warm {
            info_span!("warm-up").in_scope(|| info!("warm-up"));
        }
        scenario(&scene);
    });
}

/// Calls each hook that runs a value's code, within the current span `outer`. Each call leaves `result` on a line.
fn everywhere_in_outer(run: impl Fn() + Send + Sync + Copy + 'static) {
    let outer = info_span!("outer", late = field::Empty);
    let _entered = outer.enter();
    info!(value = ?Runs(run), "a field");
    info!(value = %Runs(run), "a displayed field");
    info!("a message with a {}", Runs(run));
    info!(parent: &outer, value = ?Runs(run), "a field, parent named");
    info_span!("inner", value = ?Runs(run)).in_scope(|| info!("in the inner"));
    info_span!(parent: &outer, "named inner", value = ?Runs(run))
        .in_scope(|| info!("in the named inner"));
    outer.record("late", field::debug(Runs(run)));
    info!("after all");
}

#[track_caller]
fn assert_all_in_outer(scene: &Scene) {
    let outer = scene.exported_ids("outer");
    for message in [
        "a field",
        "a displayed field",
        "a message with a result",
        "a field, parent named",
        "after all",
    ] {
        assert_eq!(scene.ids(message), outer, "{message}");
    }
    assert_eq!(scene.ids("in the inner"), scene.exported_ids("inner"));
    assert_eq!(
        scene.ids("in the named inner"),
        scene.exported_ids("named inner")
    );
    assert_eq!(scene.line("a field").get("value"), "result");
    assert_eq!(scene.line("after all").get("late"), "result");
}

/// Every layer has at least one line with this message for each place, all with the same ids.
#[track_caller]
fn assert_each(scene: &Scene, message: &str, ids: Option<super::scene::Ids>) {
    for lines in &scene.lines {
        let found: Vec<_> = lines
            .all()
            .into_iter()
            .filter(|line| line.get("message") == message)
            .collect();
        assert!(found.len() >= 7, "{message}: {}", lines.text());
        for line in found {
            assert_eq!(scene.ids_on(&line), ids, "{line:?}");
        }
    }
}

#[test]
fn a_debug_that_logs_gets_its_lines_and_leaves_the_outer_line_whole() {
    globally(
        a_debug_that_logs_gets_its_lines_and_leaves_the_outer_line_whole,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            everywhere_in_outer(|| info!(of = "a value", "from within"));
            assert_all_in_outer(scene);
            assert_each(scene, "from within", scene.exported_ids("outer"));
        },
    );
}

#[test]
fn a_debug_that_logs_two_deep_gets_its_lines() {
    globally(
        a_debug_that_logs_two_deep_gets_its_lines,
        &Setup::new(),
        |scene| {
            everywhere_in_outer(|| {
                info!(value = ?Runs(|| info!("from within the within")), "from within");
            });
            assert_all_in_outer(scene);
            assert_each(scene, "from within", scene.exported_ids("outer"));
            assert_each(scene, "from within the within", scene.exported_ids("outer"));
        },
    );
}

#[test]
fn a_debug_that_opens_spans_gets_their_ids() {
    globally(
        a_debug_that_opens_spans_gets_their_ids,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            everywhere_in_outer(|| {
                let _entered = info_span!("opened within").entered();
                info!("in the opened");
            });
            assert_all_in_outer(scene);
            let opened: Vec<_> = scene
                .exported
                .spans()
                .into_iter()
                .filter(|span| span.name == "opened within")
                .map(|span| span.span_context.span_id().to_string())
                .collect();
            let trace = scene.exported_ids("outer").expect("exported").0;
            for lines in &scene.lines {
                let inside: Vec<_> = lines
                    .all()
                    .into_iter()
                    .filter(|line| line.get("message") == "in the opened")
                    .map(|line| line.ids().expect("in a trace"))
                    .collect();
                assert!(inside.len() >= 7);
                assert!(
                    inside
                        .iter()
                        .all(|ids| ids.0 == trace && opened.contains(&ids.1))
                );
            }
        },
    );
}

#[test]
fn a_debug_may_open_a_span_of_the_call_site_that_its_value_belongs_to() {
    fn nested(depth: u64) -> Span {
        let opens = Runs(|| {
            if let Some(less) = depth.checked_sub(1) {
                nested(less).in_scope(|| info!("in a nested"));
            }
        });
        info_span!("nested", before = depth, value = ?opens, after = depth)
    }
    globally(
        a_debug_may_open_a_span_of_the_call_site_that_its_value_belongs_to,
        &Setup::new(),
        |scene| {
            // The later spans reuse the memory of the earlier ones.
            (0..3).for_each(|_| nested(2).in_scope(|| info!("in a nested")));
            for lines in &scene.lines {
                let all = lines.all();
                let inside = all
                    .iter()
                    .filter(|line| line.get("message") == "in a nested");
                let depths: Vec<_> = inside
                    .map(|line| {
                        assert_eq!(line.get("value"), "result", "{line:?}");
                        assert_eq!(line.get("before"), line.get("after"), "{line:?}");
                        line.get("before").as_u64().expect("a number")
                    })
                    .collect();
                // Each layer formats the value, so there are more lines of the inner spans.
                let of = |depth| depths.iter().filter(|&&of| of == depth).count();
                assert!(of(0) > of(1) && of(1) >= 3 && of(2) == 3, "{depths:?}");
            }
        },
    );
}

#[test]
fn a_debug_that_records_on_the_current_span_is_seen_on_later_lines() {
    globally(
        a_debug_that_records_on_the_current_span_is_seen_on_later_lines,
        &Setup::new(),
        |scene| {
            let outer = info_span!("outer", late = field::Empty, count = field::Empty);
            let _entered = outer.enter();
            let record = || {
                Span::current().record("count", 7);
            };
            info!(value = ?Runs(record), "a field");
            info!("after it");
            info_span!("inner", value = ?Runs(|| { Span::current().record("count", 8); }))
                .in_scope(|| info!("in the inner"));
            outer.record(
                "late",
                field::debug(Runs(|| {
                    Span::current().record("count", 9);
                })),
            );
            info!("after all");
            drop(_entered);
            drop(outer);
            assert_eq!(scene.line("a field").get("value"), "result");
            assert_eq!(scene.line("after it").get("count"), 7);
            assert_eq!(scene.line("in the inner").get("count"), 8);
            assert_eq!(scene.line("after all").get("count"), 9);
            assert_eq!(scene.line("after all").get("late"), "result");
            assert_eq!(scene.ids("after all"), scene.exported_ids("outer"));
        },
    );
}

#[test]
fn a_debug_may_panic_and_the_next_line_is_whole() {
    globally(
        a_debug_may_panic_and_the_next_line_is_whole,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            fn fails() {
                panic!("a Debug that panics");
            }
            let outer = info_span!("outer", late = field::Empty);
            let entered = outer.enter();
            let panics: [&dyn Fn(); 6] = [
                &|| info!(before = 1, value = ?Runs(fails), "not written"),
                &|| info!("a message with a {}", Runs(fails)),
                &|| info!(parent: &outer, value = ?Runs(fails), "not written"),
                // Without a parent, which would never close: the registry keeps the half-created child.
                &|| drop(info_span!(parent: None, "not made", value = ?Runs(fails))),
                &|| {
                    outer.record("late", field::debug(Runs(fails)));
                },
                &|| info!(value = ?Runs(|| info!(value = ?Runs(fails), "not written")), "not written"),
            ];
            for (index, panic) in panics.iter().enumerate() {
                catch_unwind(AssertUnwindSafe(panic))
                    .expect_err("the panic reaches the code that logs");
                info!(index, "after {index}");
                info_span!("inner", index).in_scope(|| info!("in {index}"));
            }
            let count = panics.len();
            drop(entered);
            drop(outer);
            let outer = scene.exported_ids("outer");
            for index in 0..count {
                let line = scene.line(&format!("after {index}"));
                assert_eq!(line.ids(), outer);
                assert_eq!(line.get("index"), index);
                assert!(
                    !line.has("before") && !line.has("value"),
                    "left over: {line:?}"
                );
                assert!(scene.ids(&format!("in {index}")).ids.is_some());
            }
            assert_eq!(scene.lifecycle_ids("close", "outer"), outer);
        },
    );
}

#[test]
fn a_debug_may_wait_for_another_thread_that_logs() {
    globally(
        a_debug_may_wait_for_another_thread_that_logs,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            everywhere_in_outer(|| {
                let (done, is_done) = mpsc::channel();
                let span = Span::current();
                thread::spawn(move || {
                    info!("from a thread");
                    info!(parent: &span, "about the span from a thread");
                    span.in_scope(|| info!("in the span from a thread"));
                    drop(span);
                    // Fails only if the test has already failed.
                    let _ = done.send(());
                });
                is_done
                    .recv_timeout(PATIENCE)
                    .expect("the other thread waits for nothing of ours");
            });
            let outer = scene.exported_ids("outer");
            // `enter` and `exit` of the other thread included, the outer span has its ids everywhere.
            assert_each(scene, "from a thread", None);
            assert_each(scene, "about the span from a thread", outer.clone());
            assert_each(scene, "in the span from a thread", outer);
            assert_all_in_outer(scene);
        },
    );
}

#[test]
fn a_debug_may_change_the_default_subscriber() {
    globally(
        a_debug_may_change_the_default_subscriber,
        &Setup::new(),
        |scene| {
            everywhere_in_outer(|| {
                let other = Setup::new().scene(Order::After);
                other.run(|| {
                    info!("in the other subscriber");
                    info_span!("of the other").in_scope(|| info!("in its span"));
                });
                assert_eq!(other.ids("in its span"), other.exported_ids("of the other"));
                tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::new(), || {
                    info!("lost");
                });
            });
            assert_all_in_outer(scene);
            assert!(!scene.lines[0].text().contains("lost"));
        },
    );
}

#[test]
fn a_subscriber_may_be_set_within_a_span_of_another() {
    Setup::new().span_events(FmtSpan::FULL).everywhere(|outer| {
        Setup::new().span_events(FmtSpan::FULL).everywhere(|inner| {
            outer.run(|| {
                let _entered = info_span!("mine").entered();
                inner.run(|| {
                    info!("below the context of the other");
                    let yours = info_span!("yours");
                    yours.in_scope(|| info!("in yours"));
                    info!(parent: &yours, "of yours");
                });
            });
            outer.run(|| info!("after"));
            assert_eq!(inner.ids("in yours"), inner.exported_ids("yours"));
            assert_eq!(inner.ids("of yours"), inner.exported_ids("yours"));
            assert_eq!(
                inner.lifecycle_ids("close", "yours"),
                inner.exported_ids("yours")
            );
            // The outer scene is used for several inner ones.
            let mine = inner.exported.span("yours").span_context.trace_id();
            assert!(
                outer
                    .exported
                    .spans()
                    .iter()
                    .any(|span| span.span_context.trace_id() == mine)
            );
        });
    });
}

/// An error that logs when its source is requested.
#[derive(Debug)]
struct Logs;

impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!("from the display of an error");
        f.write_str("an error")
    }
}

impl Error for Logs {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        info!("from the source of an error");
        Some(&fmt::Error)
    }
}

#[test]
fn an_errors_source_may_log() {
    globally(an_errors_source_may_log, &Setup::new(), |scene| {
        let outer = info_span!("outer").entered();
        info!(error = &Logs as &dyn Error, "failed");
        drop(outer);
        let line = scene.line("failed");
        assert_eq!(line.get("error"), "an error");
        assert_eq!(line.ids(), scene.exported_ids("outer"));
        for lines in &scene.lines {
            let inner = lines.all().into_iter().filter(|line| {
                line.get("message")
                    .as_str()
                    .is_some_and(|text| text.ends_with("of an error"))
            });
            assert!(inner.clone().count() >= 2);
            for line in inner {
                assert_eq!(line.ids(), scene.exported_ids("outer"), "{line:?}");
            }
        }
    });
}
