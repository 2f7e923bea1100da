//! A layer recognises a span's own context when the span is entered, without asking OpenTelemetry.

use super::{
    scene::{Order, Setup, local, without_hanging},
    support::{Exported, Lines},
};
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{SpanContext, SpanId, TraceContextExt as _},
};
use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
};
use tracing::{Id, Metadata, Span, field::Empty, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{filter::dynamic_filter_fn, prelude::*};

fn not_hidden(metadata: &Metadata<'_>) -> bool {
    metadata.name() != "hidden"
}

#[test]
fn a_span_named_for_the_first_time_after_it_was_left_gives_its_own_ids() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let outer = info_span!("outer");
            let inner = outer.in_scope(|| info_span!("inner"));
            inner.in_scope(|| ());
            let _elsewhere = local(1, 2).attach();
            info!(parent: &inner, "of the inner");
            info!(parent: &outer, "of the outer");
        });
        assert_eq!(scene.ids("of the inner"), scene.exported_ids("inner"));
        assert_eq!(scene.ids("of the outer"), scene.exported_ids("outer"));
    });
}

#[test]
fn a_hidden_span_that_was_entered_below_an_attached_context_gives_its_ancestors_ids() {
    Setup::new()
        .otel_sees(not_hidden)
        .everywhere_but_in_the_first_span(|scene| {
            scene.run(|| {
                // Judged by the current context alone, the attached context would be the hidden span's.
                let (hidden, sibling) =
                    info_span!("outer").in_scope(|| (info_span!("hidden"), info_span!("sibling")));
                {
                    let _attached = local(1, 2).attach();
                    hidden.in_scope(|| info!(parent: &hidden, "within"));
                }
                sibling.in_scope(|| info!(parent: &hidden, "of the hidden"));
            });
            let outer = scene.exported_ids("outer");
            assert_eq!(scene.ids("within"), outer);
            assert_eq!(scene.ids("of the hidden"), outer);
        });
}

#[test]
fn a_span_below_one_that_was_never_entered_gives_the_ids_above_if_it_is_hidden_from_the_stamping_layer()
 {
    Setup::new()
        .stamp_sees(not_hidden)
        .everywhere_but_in_the_first_span(|scene| {
            scene.run(|| {
                let asleep = info_span!("outer").in_scope(|| info_span!("asleep"));
                let hidden = info_span!(parent: &asleep, "hidden");
                info!(parent: &hidden, "of the hidden");
            });
            // It was started because of its child, which a layer knows only if the tracer reports it.
            let nearest = if scene.reports() { "asleep" } else { "outer" };
            assert_eq!(scene.ids("of the hidden"), scene.exported_ids(nearest));
        });
}

#[test]
fn naming_a_span_that_was_never_entered_does_not_start_it() {
    Setup::new().everywhere(|scene| {
        scene.run(|| {
            let entered = info_span!("entered");
            entered.in_scope(|| ());
            let asleep = entered.in_scope(|| info_span!("asleep"));
            info!(parent: &asleep, "of one asleep");
            assert!(asleep.set_parent(local(3, 4)).is_ok());
            asleep.in_scope(|| ());
        });
        assert_eq!(scene.ids("of one asleep"), scene.exported_ids("entered"));
    });
}

#[test]
fn a_current_span_gives_its_ids_where_its_context_is_hidden_by_an_empty_one() {
    Setup::new().everywhere_but_in_the_first_span(|scene| {
        scene.run(|| {
            let _outer = info_span!("outer").entered();
            let _inner = info_span!("inner").entered();
            let _nothing = Context::new().attach();
            info!("in the inner");
        });
        assert_eq!(scene.ids("in the inner"), scene.exported_ids("inner"));
    });
}

/// Another context of the current trace.
fn in_this_trace(span_id: u64, is_remote: bool) -> Context {
    let current = Context::current();
    let current = current.span().span_context().clone();
    Context::new().with_remote_span_context(SpanContext::new(
        current.trace_id(),
        SpanId::from(span_id),
        current.trace_flags(),
        is_remote,
        current.trace_state().clone(),
    ))
}

#[test]
fn a_context_attached_between_a_spans_creation_and_its_entry_is_not_its_own() {
    Setup::new()
        .otel_sees(not_hidden)
        .everywhere_but_in_the_first_span(|scene| {
            scene.run(|| {
                let outer = info_span!("outer").entered();
                let seen = info_span!("seen");
                let hidden = {
                    let _attached = in_this_trace(2, false).attach();
                    seen.in_scope(|| ());
                    let hidden = info_span!("hidden");
                    let _attached = in_this_trace(4, false).attach();
                    hidden.in_scope(|| info!(parent: &hidden, "of the hidden, within"));
                    hidden
                };
                info!(parent: &seen, "of the seen");
                info!(parent: &hidden, "of the hidden");
                drop(outer);
            });
            assert_eq!(scene.ids("of the seen"), scene.exported_ids("seen"));
            let outer = scene.exported_ids("outer");
            assert_eq!(scene.ids("of the hidden, within"), outer);
            assert_eq!(scene.ids("of the hidden"), outer);
        });
}

static IS_DARK: AtomicBool = AtomicBool::new(false);

/// Runs rounds in which a dynamic filter hides a span from OpenTelemetry, for the first time in the fifth.
///
/// `play` creates and enters that span. It is given a span that was created before.
fn darken(is_root: bool, play: impl Fn(&Span) -> Span) {
    let exported = Exported::new();
    let lines = Lines::default();
    let otel = tracing_opentelemetry::layer()
        .with_tracer(exported.tracer())
        .with_filter(dynamic_filter_fn(|metadata, _| {
            let is_dark = metadata.name() == "sometimes" && IS_DARK.load(Ordering::Relaxed);
            metadata.is_span() && !is_dark
        }));
    let subscriber = tracing_subscriber::registry()
        .with(otel)
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    let is_dark = |round: i64| round % 5 == 4;
    tracing::subscriber::with_default(subscriber, || {
        info_span!("warm-up").in_scope(|| ());
        for round in 0..10 {
            IS_DARK.store(is_dark(round), Ordering::Relaxed);
            let outer = info_span!("outer", round).entered();
            let other = info_span!("other");
            let span = play(&other);
            span.record("round", round);
            info!(parent: &span, round, "of it");
            drop(outer);
        }
    });
    let ids_of = |name: &str, round: i64| {
        let of_round = KeyValue::new("round", round);
        let spans = exported.spans();
        let mut spans = spans
            .iter()
            .filter(|span| span.name == name && span.attributes.contains(&of_round));
        let context = &spans.next().expect("exported").span_context;
        Some((
            context.trace_id().to_string(),
            context.span_id().to_string(),
        ))
    };
    let lines = lines.all();
    assert_eq!(lines.len(), 10);
    for (round, line) in (0..).zip(lines) {
        let expected = match (is_dark(round), is_root) {
            (false, _) => ids_of("sometimes", round),
            (true, false) => ids_of("outer", round),
            (true, true) => None,
        };
        assert_eq!(line.ids(), expected, "round {round}");
    }
}

#[test]
fn a_span_that_is_sometimes_hidden_has_its_own_ids_when_it_is_not() {
    let contextual = || info_span!("sometimes", round = Empty);
    darken(false, |_| {
        let span = contextual();
        span.in_scope(|| ());
        span
    });
    darken(false, |_| {
        let _attached = in_this_trace(2, false).attach();
        let span = contextual();
        span.in_scope(|| ());
        span
    });
    darken(false, |_| {
        let span = contextual();
        let _attached = local(1, 2).attach();
        span.in_scope(|| ());
        span
    });
    darken(false, |_| {
        let span = contextual();
        let _attached = in_this_trace(2, true).attach();
        span.in_scope(|| ());
        span
    });
    darken(false, |made_before| {
        let span = contextual();
        made_before.in_scope(|| span.in_scope(|| ()));
        span
    });
    darken(true, |_| {
        let span = info_span!(parent: None, "sometimes", round = Empty);
        span.in_scope(|| ());
        span
    });
}

#[test]
fn a_layer_before_opentelemetrys_recognises_its_position() {
    let attach_its_own = || {
        let span = info_span!("fooling");
        let _attached = span.context().attach();
        span.in_scope(|| ());
    };
    let leave_another_behind = || {
        let entered = info_span!("fooling").entered();
        let attached = local(1, 2).attach();
        drop(entered);
        drop(attached);
    };
    let ways: [&dyn Fn(); 2] = [&attach_its_own, &leave_another_behind];
    for fool in ways {
        let scene = Setup::new().scene(Order::Before);
        (0..3).for_each(|_| scene.warm_up());
        scene.run(|| {
            fool();
            for round in 0..3 {
                let _outer = info_span!("outer").entered();
                let span = info_span!("span", round);
                let attached = in_this_trace(2, false).attach();
                span.in_scope(|| ());
                drop(attached);
                info!(parent: &span, "round {round}");
            }
        });
        let mut spans = scene.exported.spans();
        spans.retain(|span| span.name == "span");
        assert_eq!(spans.len(), 3);
        for (round, span) in spans.iter().enumerate() {
            let context = &span.span_context;
            let ids = (
                context.trace_id().to_string(),
                context.span_id().to_string(),
            );
            assert_eq!(scene.ids(&format!("round {round}")), Some(ids));
        }
    }
}

/// A registry reuses a number after some thousand spans, and a thread may still keep the old span as its recent one by then.
#[test]
fn a_span_with_the_number_of_one_that_was_left_here_has_its_own_ids() {
    for is_last in [true, false] {
        reuse_a_number(is_last);
    }
}

/// `is_last` is whether the first span with the number is the last one that was used on its thread when it closes.
fn reuse_a_number(is_last: bool) {
    let mut scene = Setup::new().scene(Order::After);
    (0..3).for_each(|_| scene.warm_up());
    scene.is_fresh = false;
    scene.run(|| {
        let (leave, left) = mpsc::channel::<Span>();
        let (again, is_again) = mpsc::channel();
        let dispatch = scene.dispatch.clone();
        let there = thread::spawn(move || {
            tracing::dispatcher::with_default(&dispatch, || {
                for span in left {
                    span.in_scope(|| ());
                    again.send(span).expect("somebody waits");
                }
            });
        });
        let enter_there = |span| {
            leave.send(span).expect("somebody waits");
            is_again.recv().expect("left there")
        };
        let first = enter_there(info_span!("first"));
        let id = first.id();
        let _other = (!is_last).then(|| info_span!("other"));
        drop(first);
        let second = (0..1_000_000)
            .map(|_| info_span!("second"))
            .find(|span| span.id() == id)
            .expect("a number comes again");
        let second = enter_there(second);
        info!(parent: &second, "of the second");
        drop((leave, second));
        there.join().expect("no panic");
    });
    let spans = scene.exported.spans();
    let last = spans.iter().rfind(|span| span.name == "second");
    let context = &last.expect("exported").span_context;
    let ids = (
        context.trace_id().to_string(),
        context.span_id().to_string(),
    );
    assert_eq!(scene.ids("of the second"), Some(ids));
}

/// The naming thread has an id, and nothing that keeps the span open.
#[test]
fn spans_may_close_while_another_thread_names_them() {
    const SPANS: i64 = 30_000;
    without_hanging("spans that close", || {
        // OpenTelemetry's layer sees no events, since it has a bug of this kind itself.
        let scene = Setup::new()
            .otel_sees(|metadata| metadata.is_span())
            .scene(Order::After);
        (0..4).for_each(|_| scene.warm_up());
        let named = AtomicU64::new(0);
        let is_done = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                scene.run(|| {
                    while !is_done.load(Ordering::Acquire) {
                        let id = named.load(Ordering::Acquire);
                        if id != 0 {
                            info!(parent: Id::from_u64(id), "of one that closes");
                        }
                    }
                });
            });
            scene.run(|| {
                for number in 1..=SPANS {
                    let span = info_span!("short", number);
                    span.in_scope(|| ());
                    named.store(span.id().map_or(0, |id| id.into_u64()), Ordering::Release);
                }
            });
            is_done.store(true, Ordering::Release);
        });

        let spans = scene.exported.spans();
        let ids: HashMap<i64, String> = spans
            .iter()
            .filter_map(|span| {
                let number = span
                    .attributes
                    .iter()
                    .find(|kv| kv.key.as_str() == "number")?;
                match number.value {
                    Value::I64(number) => Some((number, span.span_context.span_id().to_string())),
                    _ => None,
                }
            })
            .collect();
        assert_eq!(ids.len() as i64, SPANS);
        let mut with_ids = 0;
        for line in scene.lines[0].all() {
            if let (Some(number), Some((_, span_id))) = (line.get("number").as_i64(), line.ids()) {
                assert_eq!(ids[&number], span_id, "{line:?}");
                with_ids += 1;
            }
        }
        assert!(with_ids > 0, "no span was named in time");
    });
}
