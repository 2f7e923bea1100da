//! User code that walks the registry from within a value's `Debug`, as `tracing_error::SpanTrace` does, and layers that keep data on
//! spans.

use super::{
    reentrant::globally,
    scene::{PATIENCE, Scene, Setup, named},
    support::{Exported, Lines},
};
use std::{
    fmt,
    sync::{Arc, Mutex, mpsc},
    thread,
};
use tracing::{Dispatch, Event, Metadata, Span, Subscriber, info, info_span, span};
use tracing_subscriber::{
    Layer, Registry, fmt::format::FmtSpan, layer::Context, prelude::*, registry::LookupSpan,
};

/// A note that a layer, or a value, keeps on a span.
struct Note(&'static str);

/// The names of the current spans, leaf first, with each one's extensions read and written.
fn walk() -> Vec<&'static str> {
    let names = Span::current().with_subscriber(|(id, dispatch)| walk_from(id, dispatch));
    names.unwrap_or_default()
}

fn walk_from(id: &span::Id, dispatch: &Dispatch) -> Vec<&'static str> {
    let registry = dispatch.downcast_ref::<Registry>().expect("at the root");
    let span = registry.span(id).expect("it is current");
    span.scope()
        .map(|span| {
            let name = span.metadata().name();
            span.extensions_mut().replace(Note(name));
            span.extensions()
                .get::<Note>()
                .map_or("lost", |note| note.0)
        })
        .collect()
}

/// A `SpanTrace` that is captured when it is formatted.
struct Trace;

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&walk().join("<"))
    }
}

fn not_hidden(metadata: &Metadata<'_>) -> bool {
    metadata.name() != "hidden"
}

fn walk_everywhere(scene: &Scene) {
    let outer = info_span!("outer", late = tracing::field::Empty);
    let entered = outer.enter();
    info!(trace = ?Trace, "in the outer");
    let hidden = info_span!("hidden", trace = ?Trace);
    hidden.in_scope(|| {
        info!(trace = ?Trace, "in the hidden");
        info_span!("leaf", made_in = ?Trace).in_scope(|| {
            info!(trace = ?Trace, "in the leaf");
            info!(parent: &outer, trace = ?Trace, "of the outer");
        });
    });
    outer.record("late", tracing::field::debug(Trace));
    info!("after all");
    drop(entered);
    drop((hidden, outer));

    assert_eq!(scene.line("in the outer").get("trace"), "outer");
    assert_eq!(scene.line("in the hidden").get("trace"), "hidden<outer");
    assert_eq!(scene.line("in the leaf").get("trace"), "leaf<hidden<outer");
    assert_eq!(scene.line("in the leaf").get("made_in"), "hidden<outer");
    assert_eq!(scene.line("of the outer").get("trace"), "leaf<hidden<outer");
    assert_eq!(scene.line("after all").get("late"), "outer");
    assert_eq!(scene.ids("in the outer"), scene.exported_ids("outer"));
    assert_eq!(scene.ids("in the leaf"), scene.exported_ids("leaf"));
    assert_eq!(scene.ids("of the outer"), scene.exported_ids("outer"));
    assert_eq!(scene.ids("after all"), scene.exported_ids("outer"));
}

#[test]
fn a_debug_may_walk_the_registry() {
    globally(
        a_debug_may_walk_the_registry,
        &Setup::new().span_events(FmtSpan::FULL),
        walk_everywhere,
    );
}

#[test]
fn a_debug_may_walk_the_registry_if_a_span_is_filtered_from_opentelemetrys_layer() {
    globally(
        a_debug_may_walk_the_registry_if_a_span_is_filtered_from_opentelemetrys_layer,
        &Setup::new()
            .otel_sees(not_hidden)
            .span_events(FmtSpan::FULL),
        walk_everywhere,
    );
}

#[test]
fn a_debug_may_walk_the_registry_on_another_thread_and_wait_for_it() {
    struct Elsewhere;

    impl fmt::Debug for Elsewhere {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let (done, is_done) = mpsc::channel();
            let span = Span::current();
            thread::spawn(move || {
                let names = span.with_subscriber(|(id, dispatch)| walk_from(id, dispatch));
                drop(span);
                // Fails only if the test has already failed.
                let _ = done.send(names.unwrap_or_default());
            });
            let names = is_done.recv_timeout(PATIENCE).expect("nothing is locked");
            f.write_str(&names.join("<"))
        }
    }

    globally(
        a_debug_may_walk_the_registry_on_another_thread_and_wait_for_it,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            info_span!("outer").in_scope(|| {
                info!(trace = ?Elsewhere, "in the outer");
                info_span!("inner", made_in = ?Elsewhere)
                    .in_scope(|| info!(trace = ?Elsewhere, "in the inner"));
            });
            assert_eq!(scene.line("in the outer").get("trace"), "outer");
            assert_eq!(scene.line("in the inner").get("trace"), "inner<outer");
            assert_eq!(scene.line("in the inner").get("made_in"), "outer");
            assert_eq!(scene.ids("in the inner"), scene.exported_ids("inner"));
        },
    );
}

/// A layer that keeps a note on each span, and reads those of a whole scope at each event.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl<S> Layer<S> for Notes
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let span = ctx.span(id).expect("just made");
        span.extensions_mut()
            .insert(Note(attributes.metadata().name()));
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let Some(scope) = ctx.event_scope(event) else {
            return;
        };
        let names: Vec<_> = scope
            .map(|span| {
                let mut extensions = span.extensions_mut();
                extensions.get_mut::<Note>().map_or("lost", |note| note.0)
            })
            .collect();
        self.0
            .lock()
            .expect("no panic while it is held")
            .push(names.join("<"));
    }

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {
        let span = ctx.span(&id).expect("still there");
        span.extensions_mut().remove::<Note>();
    }
}

#[test]
fn layers_that_keep_data_on_spans_work_beside_a_stamping_layer() {
    type Build = fn(Notes, tracing_stamp::StampLayer<Lines>, &Exported) -> Dispatch;
    let stacks: [(&str, Build); 3] = [
        ("notes, stamp, otel", |notes, stamp, exported| {
            let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
            Dispatch::new(
                tracing_subscriber::registry()
                    .with(notes)
                    .with(stamp)
                    .with(otel),
            )
        }),
        ("otel, stamp, notes", |notes, stamp, exported| {
            let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
            Dispatch::new(
                tracing_subscriber::registry()
                    .with(otel)
                    .with(stamp)
                    .with(notes),
            )
        }),
        ("stamp, notes, otel", |notes, stamp, exported| {
            let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
            Dispatch::new(
                tracing_subscriber::registry()
                    .with(stamp)
                    .with(notes)
                    .with(otel),
            )
        }),
    ];
    for (name, build) in stacks {
        named(name, || {
            let (exported, lines, notes) = (Exported::new(), Lines::default(), Notes::default());
            let stamp = tracing_stamp::layer()
                .with_writer(lines.clone())
                .with_span_events(FmtSpan::FULL);
            tracing::dispatcher::with_default(&build(notes.clone(), stamp, &exported), || {
                let outer = info_span!("outer").entered();
                info!("in the outer");
                info_span!("inner").in_scope(|| info!("in the inner"));
                drop(outer);
            });
            assert_eq!(
                lines.with_message("in the outer").ids(),
                exported.ids("outer")
            );
            assert_eq!(
                lines.with_message("in the inner").ids(),
                exported.ids("inner")
            );
            let notes = notes.0.lock().expect("no panic while it is held");
            assert_eq!(*notes, ["outer", "inner<outer"]);
        });
    }
}
