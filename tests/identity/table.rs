//! Recognised spans, whose states a layer does not keep in their extensions.

use super::{
    scene::{Ids, Order, Scene, Setup},
    support::{Exported, Lines},
};
use std::{
    mem,
    sync::{Arc, mpsc},
    thread,
};
use tracing::{Dispatch, Span, Subscriber, info, info_span, span};
use tracing_stamp::StampLayer;
use tracing_subscriber::{
    Layer, fmt::format::FmtSpan, layer::Context, prelude::*, registry::LookupSpan, reload,
};

/// A scene whose layers recognise spans.
fn recognising(setup: &Setup) -> Scene {
    let scene = setup.scene(Order::After);
    (0..4).for_each(|_| scene.warm_up());
    scene.forget();
    scene
}

/// The ids of the exported span with this number.
fn ids_of_number(exported: &Exported, number: i64) -> Option<Ids> {
    let spans = exported.spans();
    let of_number = opentelemetry::KeyValue::new("number", number);
    let mut spans = spans
        .iter()
        .filter(|span| span.attributes.contains(&of_number));
    let context = &spans.next().expect("exported").span_context;
    assert!(spans.next().is_none(), "one span has the number {number}");
    Some((
        context.trace_id().to_string(),
        context.span_id().to_string(),
    ))
}

#[test]
fn each_of_many_open_spans_has_its_own_ids_when_it_is_named() {
    const SPANS: i64 = 300;
    for span_events in [FmtSpan::NONE, FmtSpan::CLOSE] {
        let scene = recognising(&Setup::new().span_events(span_events));
        scene.run(|| {
            let spans: Vec<Span> = (0..SPANS)
                .map(|number| {
                    let span = info_span!("one of many", number);
                    span.in_scope(|| ());
                    span
                })
                .collect();
            let name_each = |part: Vec<Span>| {
                for span in &part {
                    info!(parent: span, "named");
                }
                // Closes them in the order of their creation.
                drop(part);
            };
            let dispatch = scene.dispatch.clone();
            let (odd, even) = spans
                .into_iter()
                .enumerate()
                .partition::<Vec<_>, _>(|(index, _)| index % 2 == 1);
            let [odd, even] = [odd, even].map(|part| part.into_iter().map(|(_, span)| span));
            let odd = odd.collect();
            thread::scope(|threads| {
                threads.spawn(|| tracing::dispatcher::with_default(&dispatch, || name_each(odd)));
            });
            name_each(even.rev().collect());
        });
        let mut lines = scene.lines[0].all();
        lines.retain(|line| line.get("message") == "named");
        assert_eq!(lines.len() as i64, SPANS);
        for line in lines {
            let number = line.get("number").as_i64().expect("a field of the span");
            assert_eq!(line.ids(), ids_of_number(&scene.exported, number));
        }
    }
}

#[test]
fn a_span_that_was_closed_on_another_thread_leaves_no_ids_to_the_next_one() {
    let scene = recognising(&Setup::new());
    scene.run(|| {
        let (close, closed) = mpsc::channel::<Span>();
        thread::scope(|threads| {
            threads.spawn(|| drop(closed));
            for number in 0..50_i64 {
                let span = info_span!("moved", number);
                span.in_scope(|| info!("within"));
                if number % 2 == 0 {
                    // Fails after the receiver is dropped, and then the span is closed here.
                    drop(close.send(span));
                }
                let asleep = info_span!(parent: None, "asleep");
                info!(parent: &asleep, number, "of the sleeper");
            }
        });
    });
    for line in scene.lines[0].all() {
        let number = line.get("number").as_i64().expect("a field");
        if line.get("message") == "within" {
            assert_eq!(line.ids(), ids_of_number(&scene.exported, number));
        } else {
            assert_eq!(line.ids(), None, "{line:?}");
        }
    }
}

/// Logs for each span that closes, after all other layers have seen that.
struct NamesClosing;

impl<S> Layer<S> for NamesClosing
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        info!(parent: id, "closing");
    }
}

#[test]
fn a_span_that_closes_gives_its_ids_to_an_event_that_names_it() {
    for span_events in [FmtSpan::NONE, FmtSpan::FULL] {
        let (exported, lines) = (Exported::new(), [(); 3].map(|()| Lines::default()));
        let stamp = |index: usize| {
            tracing_stamp::layer()
                .with_writer(lines[index].clone())
                .with_span_events(span_events.clone())
        };
        let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
        let subscriber = tracing_subscriber::registry()
            .with(otel)
            .with(stamp(0))
            .with(stamp(1))
            .with(stamp(2))
            .with(NamesClosing);
        tracing::subscriber::with_default(subscriber, || {
            (0..4).for_each(|_| info_span!("warm-up").in_scope(|| ()));
            lines.iter().for_each(Lines::clear);
            for number in (0..40).step_by(4) {
                let outer = info_span!("outer", number);
                let inner = outer.in_scope(|| {
                    let number = number + 1;
                    let inner = info_span!("inner", number);
                    inner.in_scope(|| info!("within"));
                    inner
                });
                // The span that closes is not the one that was used last on this thread.
                let number = number + 2;
                let other = info_span!("other", number);
                drop(inner);
                other.in_scope(|| ());
                drop((other, outer));
                let number = number + 1;
                info_span!("alone", number).in_scope(|| info!("within"));
            }
        });
        for lines in &lines {
            let mut lines = lines.all();
            lines.retain(|line| line.get("message") == "closing");
            assert_eq!(lines.len(), 40);
            for line in lines {
                let number = line.get("number").as_i64().expect("a field of the span");
                assert_eq!(
                    line.ids(),
                    ids_of_number(&exported, number),
                    "{line:?} {span_events:?}"
                );
            }
        }
    }
}

#[test]
fn a_layer_that_was_taken_out_while_spans_closed_gives_later_spans_their_own_ids() {
    let (exported, lines) = (Exported::new(), Lines::default());
    let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
    let stamp = tracing_stamp::layer().with_writer(lines.clone());
    let (stamp, handle) = reload::Layer::new(Some(stamp));
    let subscriber = tracing_subscriber::registry().with(otel).with(stamp);
    tracing::subscriber::with_default(subscriber, || {
        (0..4).for_each(|_| info_span!("warm-up").in_scope(|| ()));
        let mut outside: Option<StampLayer<Lines>> = None;
        let mut swap = || {
            handle
                .modify(|inside| mem::swap(inside, &mut outside))
                .expect("the subscriber exists");
        };
        for number in 0..30_i64 {
            let missed = info_span!("missed");
            missed.in_scope(|| ());
            swap();
            drop(missed);
            let unseen = info_span!("unseen");
            swap();
            info!(parent: &unseen, "of the unseen");
            if number % 2 == 0 {
                drop(unseen);
            }
            let span = info_span!("seen", number);
            span.in_scope(|| ());
            info!(parent: &span, "of the seen");
        }
    });
    for line in lines.all() {
        let expected = line
            .get("number")
            .as_i64()
            .and_then(|number| ids_of_number(&exported, number));
        assert_eq!(line.ids(), expected, "{line:?}");
    }
}

#[test]
fn a_layer_finds_its_subscriber_again_after_the_dispatch_that_it_knew_was_dropped() {
    for span_events in [FmtSpan::NONE, FmtSpan::CLOSE] {
        let (exported, lines) = (Exported::new(), Lines::default());
        let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
        let stamp = tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_span_events(span_events);
        let subscriber = Arc::new(tracing_subscriber::registry().with(otel).with(stamp));
        let dispatch = || Dispatch::new(Arc::clone(&subscriber));
        tracing::dispatcher::with_default(&dispatch(), || {
            (0..4).for_each(|_| info_span!("warm-up").in_scope(|| ()));
        });
        tracing::dispatcher::with_default(&dispatch(), || {
            // The layer has not asked for a span of this call site yet.
            let span = info_span!("second", number = 1);
            span.in_scope(|| ());
            info!(parent: &span, "of the second");
        });
        let line = lines.with_message("of the second");
        assert_eq!(line.ids(), ids_of_number(&exported, 1));
    }
}
