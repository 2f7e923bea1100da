//! Small programs in which the current context does not belong to the span that a line needs, so that a layer that guessed would be
//! wrong. Each runs in each order and way, with layers that know nothing yet and with layers that do. Ids that cannot be known are
//! absent. The ids of another span are an error in every variant.

use super::scene::{Scene, Setup, ids_in, local};
use opentelemetry::{
    Context,
    trace::{SpanId, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::Sampler;
use std::{
    pin::pin,
    task::{Context as TaskContext, Waker},
    thread,
};
use tracing::{Instrument as _, Metadata, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

/// Runs with OpenTelemetry's layer itself, and with it behind a `reload`.
fn everywhere(setup: Setup, scenario: impl Fn(&Scene)) {
    setup.clone().everywhere(&scenario);
    setup.reloadable().everywhere(&scenario);
}

fn full() -> Setup {
    Setup::new().span_events(FmtSpan::FULL)
}

#[track_caller]
fn assert_lifecycle(scene: &Scene, span: &str) {
    let ids = scene.exported_ids(span);
    for kind in ["new", "enter", "exit", "close"] {
        assert_eq!(scene.lifecycle_ids(kind, span), ids, "{kind} of {span}");
    }
    scene.assert_parent(span, scene.exported_parent(span));
}

#[test]
fn a_line_that_names_the_first_span_of_a_process_has_no_ids_but_its_own() {
    everywhere(full(), |scene| {
        scene.run(|| {
            let a = info_span!("a");
            let _in_a = a.enter();
            info!(parent: &a, "x");
        });
        assert_eq!(scene.ids("x"), scene.exported_ids("a"));
        assert_lifecycle(scene, "a");
    });
}

#[test]
fn two_roots_created_before_either_is_entered_have_no_ids_but_their_own() {
    everywhere(full(), |scene| {
        scene.run(|| {
            let a = info_span!("a");
            let b = info_span!("b");
            let _in_a = a.enter();
            let _in_b = b.enter();
            info!(parent: &b, "x");
            info!(parent: &a, "y");
        });
        assert_eq!(scene.ids("x"), scene.exported_ids("b"));
        assert_eq!(scene.ids("y"), scene.exported_ids("a"));
        assert_lifecycle(scene, "a");
        assert_lifecycle(scene, "b");
    });
}

#[test]
fn a_future_instrumented_twice_has_the_ids_of_each_span_or_none() {
    everywhere(full(), |scene| {
        scene.run(|| {
            let work = async { info!("works") };
            let work = work
                .instrument(info_span!("handler"))
                .instrument(info_span!("request"));
            let mut context = TaskContext::from_waker(Waker::noop());
            assert!(pin!(work).as_mut().poll(&mut context).is_ready());
        });
        assert_eq!(scene.ids("works"), scene.exported_ids("handler"));
        let all = scene.lines.iter().flat_map(|lines| lines.all());
        for line in all.filter(|line| line.get("span_name") != "warm-up") {
            let span = line
                .get("span_name")
                .as_str()
                .expect("in a span")
                .to_owned();
            assert_eq!(scene.ids_on(&line), scene.exported_ids(&span), "{line:?}");
        }
    });
}

#[test]
fn a_context_attached_first_thing_in_a_span_is_not_the_spans() {
    everywhere(full(), |scene| {
        let tracer = scene.exported.tracer();
        scene.run(|| {
            let a = info_span!("a");
            let in_a = a.enter();
            tracer.in_span("o", |_| {
                info!("of the api span");
                info!(parent: &a, "below an api span");
            });
            let attached = local(1, 2).attach();
            info!(parent: &a, "below a context");
            drop(attached);
            drop(in_a);
            info!(parent: &a, "after it was left");
        });
        let a = scene.exported_ids("a");
        assert_eq!(scene.ids("of the api span"), scene.exported_ids("o"));
        assert_eq!(scene.ids("below an api span"), a);
        assert_eq!(scene.ids("below a context"), a);
        assert_eq!(scene.ids("after it was left"), a);
        assert_lifecycle(scene, "a");
    });
}

#[test]
fn a_new_span_line_waits_for_its_ids_if_a_processor_logs_as_the_span_starts() {
    everywhere(full().talkative(), |scene| {
        scene.run(|| {
            let a = info_span!("a");
            a.in_scope(|| info_span!("b").in_scope(|| ()));
        });
        assert_lifecycle(scene, "a");
        assert_lifecycle(scene, "b");
        assert!(scene.lines[0].text().contains("\"message\":\"started\""));
    });
}

fn not_hidden(metadata: &Metadata<'_>) -> bool {
    metadata.name() != "hidden"
}

#[test]
fn a_hidden_span_entered_once_below_a_context_has_left_it_the_next_time() {
    everywhere(full().otel_sees(not_hidden), |scene| {
        let attached = local(1, 2);
        scene.run(|| {
            let hidden = info_span!("hidden");
            {
                let _attached = attached.clone().attach();
                hidden.in_scope(|| info!("job"));
            }
            info!(parent: &hidden, "between");
            hidden.in_scope(|| info!("idle"));
        });
        assert_eq!(scene.ids("job"), ids_in(&attached));
        assert_eq!(scene.ids("between"), None);
        assert_eq!(scene.ids("idle"), None);
        let close = scene.lifecycle_lines("close", "hidden");
        assert!(close.iter().all(|close| !close.has("span_id")), "{close:?}");
    });
}

#[test]
fn a_hidden_span_has_no_span_id_if_nothing_is_sampled() {
    let setup = full().otel_sees(not_hidden).sampler(Sampler::AlwaysOff);
    everywhere(setup, |scene| {
        let attached = local(1, 2);
        scene.run(|| {
            let hidden = info_span!("hidden");
            let guard = attached.clone().attach();
            let in_hidden = hidden.enter();
            info!("1");
            drop(guard);
            info!("2");
            drop(in_hidden);
            info!(parent: &hidden, "3");
        });
        assert_eq!(scene.ids("1"), ids_in(&attached));
        assert_eq!(scene.ids("2"), None);
        assert_eq!(scene.ids("3"), None);
        let close = scene.lifecycle_lines("close", "hidden");
        assert!(close.iter().all(|close| !close.has("span_id")), "{close:?}");
    });
}

#[test]
fn a_parent_set_late_within_one_trace_is_the_parent_on_the_closing_line_or_none_is() {
    // Not behind a `reload`, where `set_parent` does not find OpenTelemetry's layer.
    full().everywhere(|scene| {
        scene.run(|| {
            let _request = info_span!("request").entered();
            let context = Context::current();
            let _handler = info_span!("handler").entered();
            let job = info_span!("job");
            job.set_parent(context).expect("not started");
            job.in_scope(|| info!("in the job"));
        });
        let request = scene.exported.span("request").span_context.span_id();
        assert_eq!(scene.exported_parent("job"), Some(request));
        for span in ["request", "handler", "job"] {
            assert_lifecycle(scene, span);
        }
    });
}

#[test]
fn a_parent_set_late_in_another_process_is_the_parent_on_the_closing_line_or_none_is() {
    // Not behind a `reload`, where `set_parent` does not find OpenTelemetry's layer.
    full().everywhere(|scene| {
        scene.run(|| {
            let job = info_span!("job");
            let caller =
                Context::new().with_remote_span_context(local(3, 4).span().span_context().clone());
            job.set_parent(caller).expect("not started");
            job.in_scope(|| info!("in the job"));
        });
        assert_eq!(scene.exported_parent("job"), Some(SpanId::from(4)));
        assert_lifecycle(scene, "job");
    });
}

#[test]
fn each_entry_has_a_line_if_the_span_is_entered_before_its_ids_are_known() {
    everywhere(full(), |scene| {
        scene.run(|| {
            let a = info_span!("a");
            let once = a.enter();
            let again = a.enter();
            drop((again, once));
            let b = info_span!("b");
            thread::scope(|threads| {
                let in_b = b.enter();
                threads.spawn(|| scene.run(|| b.in_scope(|| info!("on another thread"))));
                drop(in_b);
            });
        });
        for span in ["a", "b"] {
            for kind in ["enter", "exit"] {
                let lines = scene.lifecycle_lines(kind, span);
                assert_eq!(lines.len(), 2 * scene.lines.len(), "{kind} of {span}");
                for line in lines {
                    assert_eq!(scene.ids_on(&line), scene.exported_ids(span), "{line:?}");
                }
            }
        }
    });
}

#[test]
fn two_registries_with_equal_span_numbers_do_not_mix_their_ids() {
    full().everywhere(|one| {
        let other = full()
            .way(super::scene::Way::Reported)
            .scene(super::scene::Order::Both);
        one.run(|| {
            let a = info_span!("a");
            let b = other.run(|| info_span!("b"));
            assert!(a.id().is_some() && b.id().is_some());
            let _in_b = other.run(|| b.enter());
            let _in_a = a.enter();
            info!(parent: &a, "of a");
            other.run(|| info!(parent: &b, "of b"));
        });
        assert_eq!(one.ids("of a"), one.exported_ids("a"));
        assert_eq!(other.ids("of b"), other.exported_ids("b"));
    });
}

#[test]
fn a_tracer_that_the_layer_does_not_use_reports_nothing() {
    use tracing_subscriber::prelude::*;
    let exported = super::support::Exported::new();
    let (unused, lines) = (
        super::support::Exported::new(),
        super::support::Lines::default(),
    );
    let tracer = exported.tracer();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(unused.tracer(), |layer| {
            layer.with_tracer(tracer)
        }))
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        info_span!("first").in_scope(|| ());
        let span = info_span!("span");
        span.in_scope(|| info!(parent: &span, "named"));
    });
    assert_eq!(lines.with_message("named").ids(), exported.ids("span"));
}
