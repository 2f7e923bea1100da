//! A layer reports out of band, once per process, that its lines never have ids. It counts lines.

use super::{
    alone::{alone, each_alone},
    scene::{ORDERS, Order, Scene, Setup},
    support::{Exported, Lines},
};
use std::sync::{Arc, Mutex};
use tracing::{Dispatch, info, info_span};
use tracing_stamp::Diagnosis;
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*, reload};

/// The diagnoses that a layer's callback received.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl Reports {
    fn layer(&self) -> tracing_stamp::StampLayer<Lines> {
        let reports = self.clone();
        tracing_stamp::layer()
            .with_writer(Lines::default())
            .with_diagnostics(move |diagnosis| {
                assert!(matches!(diagnosis, Diagnosis::NoTraceContext { .. }));
                let mut reports = reports.0.lock().expect("no panic while it is held");
                reports.push(diagnosis.to_string());
            })
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("no panic while it is held").clone()
    }
}

fn several_spans() {
    info!("outside");
    for _ in 0..3 {
        info_span!("first").in_scope(|| {
            info!("in the first");
            info_span!("second").in_scope(|| info!("in the second"));
        });
    }
}

/// The set-ups in which no line can have ids.
const ILL: [&str; 6] = [
    "no layer",
    "no tracer, before",
    "no tracer, after",
    "no activation, before",
    "no activation, after",
    "behind reload, without activation",
];

fn ill(variant: &str, reports: &Reports, exported: &Exported) -> Dispatch {
    let registry = tracing_subscriber::registry;
    let stamp = reports.layer();
    let tracer = exported.tracer();
    match variant {
        "no layer" => Dispatch::new(registry().with(stamp)),
        "no tracer, before" => {
            Dispatch::new(registry().with(stamp).with(tracing_opentelemetry::layer()))
        }
        "no tracer, after" => {
            Dispatch::new(registry().with(tracing_opentelemetry::layer()).with(stamp))
        }
        "no activation, before" => Dispatch::new(
            registry().with(stamp).with(
                tracing_opentelemetry::layer()
                    .with_tracer(tracer)
                    .with_context_activation(false),
            ),
        ),
        "no activation, after" => Dispatch::new(
            registry()
                .with(
                    tracing_opentelemetry::layer()
                        .with_tracer(tracer)
                        .with_context_activation(false),
                )
                .with(stamp),
        ),
        _ => {
            let otel = tracing_opentelemetry::layer()
                .with_tracer(tracer)
                .with_context_activation(false);
            let (otel, handle) = reload::Layer::new(otel);
            // Nothing is reloaded, so the handle can go.
            drop(handle);
            Dispatch::new(registry().with(otel).with(stamp))
        }
    }
}

#[test]
fn a_span_that_ends_without_any_trace_context_produces_one_diagnosis_per_process() {
    each_alone(
        a_span_that_ends_without_any_trace_context_produces_one_diagnosis_per_process,
        &ILL,
        |variant| {
            let exported = Exported::new();
            let reports = Reports::default();
            // Two subscribers of one process.
            for _ in 0..2 {
                let dispatch = ill(variant, &reports, &exported);
                tracing::dispatcher::with_default(&dispatch, several_spans);
            }
            let all = reports.all();
            assert_eq!(all.len(), 1, "{all:?}");
            for word in ["`second`", "trace_id", "with_tracer", "version", "reload"] {
                assert!(all[0].contains(word), "{word}: {}", all[0]);
            }
            assert!(!all[0].contains('\n'), "one line: {}", all[0]);
        },
    );
}

#[test]
fn the_diagnosis_goes_to_standard_error_by_default() {
    let output = alone(the_diagnosis_goes_to_standard_error_by_default, || {
        let lines = Lines::default();
        let layer = tracing_stamp::layer().with_writer(lines.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, several_spans);
        assert!(
            !lines.text().contains("tracing-stamp"),
            "out of band: {}",
            lines.text()
        );
    });
    if let Some(output) = output {
        let reports = output
            .stderr
            .matches("tracing-stamp: the span `second` has no trace context")
            .count();
        assert_eq!(reports, 1, "{}", output.stderr);
    }
}

#[test]
fn no_diagnosis_is_reported_in_a_healthy_process() {
    let variants = [
        "lines",
        "silent spans",
        "never entered",
        "unsampled",
        "attached without activation",
        "attached once without activation",
        "filtered after a line",
        "reloadable",
        "moved between threads",
        "own source",
    ];
    each_alone(
        no_diagnosis_is_reported_in_a_healthy_process,
        &variants,
        |variant| {
            let reports = Reports::default();
            for order in ORDERS {
                healthy(variant, order, &reports);
            }
            assert_eq!(reports.all(), [""; 0]);
        },
    );
}

fn healthy(variant: &str, order: Order, reports: &Reports) {
    let exported = match variant {
        "unsampled" => Exported::with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff),
        _ => Exported::new(),
    };
    let tracer = exported.tracer();
    let registry = tracing_subscriber::registry;
    let activation = !variant.ends_with("without activation");
    macro_rules! otel {
        () => {
            tracing_opentelemetry::layer()
                .with_tracer(tracer.clone())
                .with_context_activation(activation)
                .with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
                    metadata.name() != "hidden"
                }))
        };
    }
    let dispatch = match (order, variant) {
        (Order::Before, "reloadable") => Dispatch::new(
            registry()
                .with(reports.layer())
                .with(reload::Layer::new(otel!()).0),
        ),
        (_, "reloadable") => Dispatch::new(
            registry()
                .with(otel!())
                .with(reload::Layer::new(reports.layer()).0),
        ),
        (_, "own source") => {
            Dispatch::new(registry().with(reports.layer().with_context_source(|| None)))
        }
        (Order::Before, _) => Dispatch::new(registry().with(reports.layer()).with(otel!())),
        (Order::After, _) => Dispatch::new(registry().with(otel!()).with(reports.layer())),
        (Order::Both, _) => Dispatch::new(
            registry()
                .with(reports.layer())
                .with(otel!())
                .with(reports.layer()),
        ),
    };
    tracing::dispatcher::with_default(&dispatch, || match variant {
        "silent spans" => {
            info!("outside");
            info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
        }
        "never entered" => {
            drop(info_span!("asleep"));
            info!(parent: &info_span!("asleep"), "of one asleep");
            info_span!("outer").in_scope(|| drop(info_span!("asleep")));
        }
        "attached without activation" => {
            let _attached = super::scene::local(1, 2).attach();
            several_spans();
        }
        "attached once without activation" => {
            {
                let _attached = super::scene::local(1, 2).attach();
                info!("a line with ids");
            }
            several_spans();
        }
        "filtered after a line" => {
            several_spans();
            info_span!("hidden").in_scope(|| info!("in the hidden"));
        }
        "moved between threads" => {
            let span = info_span!("span");
            std::thread::scope(|threads| {
                threads.spawn(|| span.in_scope(|| ()));
            });
        }
        _ => several_spans(),
    });
}

#[test]
fn counters_of_stamped_and_unstamped_lines_can_be_read_after_the_layer_was_installed() {
    Setup::new()
        .span_events(FmtSpan::CLOSE)
        .everywhere(|scene: &Scene| {
            let stamped_lines = |lines: &Lines| {
                let lines = lines.all();
                lines.iter().filter(|line| line.ids().is_some()).count() as u64
            };
            let before: Vec<_> = scene
                .stats
                .iter()
                .zip(&scene.lines)
                .map(|(stats, lines)| (stats.stamped(), stats.unstamped(), stamped_lines(lines)))
                .collect();
            scene.run(|| {
                info!("outside");
                info!("outside again");
                info_span!("span").in_scope(|| {
                    info!("inside");
                    info!(parent: None, "of none");
                });
            });
            for ((stats, lines), before) in scene.stats.iter().zip(&scene.lines).zip(before) {
                // The line inside and the closing line, unless that cannot know its ids; the rest.
                let stamped = stamped_lines(lines) - before.2;
                assert!(stamped == 2 || scene.may_be_unsure() && stamped == 1);
                assert_eq!(stats.stamped() - before.0, stamped);
                assert_eq!(stats.unstamped() - before.1, 5 - stamped);
                assert_eq!((stats.truncated(), stats.lost()), (0, 0));
            }
        });
}

#[test]
fn a_tracer_that_makes_no_ids_leaves_the_keys_absent() {
    Setup::new()
        .without_tracer()
        .span_events(FmtSpan::FULL)
        .everywhere(|scene| {
            scene.run(several_spans);
            for lines in &scene.lines {
                assert!(
                    lines
                        .all()
                        .iter()
                        .all(|line| !line.has("trace_id") && !line.has("span_id"))
                );
                assert!(!lines.text().contains("parent_span_id"));
            }
        });
}

/// A bare layer, with the expected report; `None` if there must be none.
const BARE: [(&str, Option<&str>); 5] = [
    ("many lines without spans", Some("has seen no span")),
    ("many lines, own source", Some("ContextSource")),
    ("many lines in a span without a layer", Some("with_tracer")),
    ("many lines outside of spans", Some("outside of the spans")),
    ("some lines at the start", None),
];

#[test]
fn a_layer_that_never_has_ids_reports_the_reason_once() {
    each_alone(
        a_layer_that_never_has_ids_reports_the_reason_once,
        &BARE.map(|(variant, _)| variant),
        |variant| {
            let reports: Arc<Mutex<Vec<String>>> = Arc::default();
            let heard = Arc::clone(&reports);
            let exported = Exported::new();
            let layer = tracing_stamp::layer()
                .with_writer(Lines::default())
                .with_diagnostics(move |diagnosis| {
                    // Its own events are lines like any other.
                    info!("the callback logs");
                    let mut heard = heard.lock().expect("no panic while it is held");
                    heard.push(diagnosis.to_string());
                });
            let registry = tracing_subscriber::registry();
            let otel = || tracing_opentelemetry::layer().with_tracer(exported.tracer());
            let dispatch = match variant {
                "many lines, own source" => {
                    Dispatch::new(registry.with(layer.with_context_source(|| None)))
                }
                "many lines in a span without a layer" => Dispatch::new(registry.with(layer)),
                _ => Dispatch::new(registry.with(otel()).with(layer)),
            };
            tracing::dispatcher::with_default(&dispatch, || {
                let lines = |count: u64| (0..count).for_each(|order| info!(order, "a line"));
                match variant {
                    "many lines in a span without a layer" => {
                        info_span!("main").in_scope(|| {
                            lines(600);
                            assert_eq!(
                                reports.lock().expect("no panic").len(),
                                1,
                                "before it ends"
                            );
                        });
                    }
                    "many lines outside of spans" => {
                        several_spans_without_lines();
                        lines(600);
                    }
                    "some lines at the start" => {
                        lines(100);
                        info_span!("request").in_scope(|| lines(1));
                        lines(600);
                    }
                    _ => lines(600),
                }
            });
            let reports = reports.lock().expect("no panic");
            let expected = BARE.iter().find(|(name, _)| *name == variant);
            match expected.and_then(|(_, why)| *why) {
                None => assert_eq!(*reports, [""; 0]),
                Some(why) => {
                    assert_eq!(reports.len(), 1, "{reports:?}");
                    assert!(reports[0].contains(why), "{reports:?}");
                }
            }
        },
    );
}

fn several_spans_without_lines() {
    (0..3).for_each(|_| info_span!("span").in_scope(|| ()));
}
