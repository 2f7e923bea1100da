//! However the layers are put into a subscriber, the lines are the same.

use super::{
    alone::each_alone,
    scene::{Ids, each, named},
    support::{Exported, Lines},
};
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SdkTracer;
use std::{cell::RefCell, io, sync::Arc};
use tracing::{Dispatch, Subscriber, info, info_span};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_stamp::StampLayer;
use tracing_subscriber::{
    Layer, Registry,
    filter::LevelFilter,
    fmt::format::{DefaultFields, FmtSpan, Format},
    layer::Layered,
    prelude::*,
    registry::LookupSpan,
    reload,
};

/// The parts of a subscriber.
struct Parts {
    exported: Exported,
    lines: Lines,
    /// Values that must live as long as the subscriber.
    kept: RefCell<Vec<Box<dyn std::any::Any>>>,
}

impl Parts {
    fn new() -> Self {
        Self {
            exported: Exported::new(),
            lines: Lines::default(),
            kept: RefCell::default(),
        }
    }

    fn stamp(&self) -> StampLayer<Lines> {
        tracing_stamp::layer()
            .with_writer(self.lines.clone())
            .with_span_events(FmtSpan::FULL)
    }

    fn otel<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        tracing_opentelemetry::layer().with_tracer(self.exported.tracer())
    }

    /// OpenTelemetry's layer that reports the ids of spans.
    fn reporting<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        tracing_stamp::otel_layer(self.exported.tracer(), |layer| layer)
    }

    fn reloadable<L: 'static, S: 'static>(&self, layer: L) -> reload::Layer<L, S> {
        let (layer, handle) = reload::Layer::new(layer);
        self.kept.borrow_mut().push(Box::new(handle));
        layer
    }

    fn ids(&self, message: &str) -> Option<Ids> {
        self.lines.with_message(message).ids()
    }
}

fn fmt<S>() -> tracing_subscriber::fmt::Layer<S, DefaultFields, Format, fn() -> io::Sink> {
    tracing_subscriber::fmt::layer().with_writer(io::sink as fn() -> io::Sink)
}

fn registry() -> Registry {
    tracing_subscriber::registry()
}

type Build = fn(&Parts) -> Dispatch;
type AfterOtel = Layered<OpenTelemetryLayer<Registry, SdkTracer>, Registry>;

const STACKS: [(&str, Build); 34] = [
    ("stamp, otel", |parts| {
        Dispatch::new(registry().with(parts.stamp()).with(parts.otel()))
    }),
    ("otel, stamp", |parts| {
        Dispatch::new(registry().with(parts.otel()).with(parts.stamp()))
    }),
    ("Option of stamp, otel", |parts| {
        Dispatch::new(registry().with(Some(parts.stamp())).with(parts.otel()))
    }),
    ("otel, Option of stamp", |parts| {
        Dispatch::new(registry().with(parts.otel()).with(Some(parts.stamp())))
    }),
    ("Option of otel, stamp", |parts| {
        Dispatch::new(registry().with(Some(parts.otel())).with(parts.stamp()))
    }),
    ("boxed stamp, boxed otel", |parts| {
        Dispatch::new(
            registry()
                .with(parts.stamp().boxed())
                .with(parts.otel().boxed()),
        )
    }),
    ("boxed otel, boxed stamp", |parts| {
        Dispatch::new(
            registry()
                .with(parts.otel().boxed())
                .with(parts.stamp().boxed()),
        )
    }),
    ("Vec of stamp and otel", |parts| {
        Dispatch::new(registry().with(vec![parts.stamp().boxed(), parts.otel().boxed()]))
    }),
    ("Vec of otel and stamp", |parts| {
        Dispatch::new(registry().with(vec![parts.otel().boxed(), parts.stamp().boxed()]))
    }),
    ("otel, Vec of stamp", |parts| {
        Dispatch::new(registry().with(parts.otel()).with(vec![parts.stamp()]))
    }),
    ("stamp and_then otel", |parts| {
        Dispatch::new(
            parts
                .stamp()
                .and_then(parts.otel())
                .with_subscriber(registry()),
        )
    }),
    ("otel and_then stamp", |parts| {
        Dispatch::new(
            parts
                .otel()
                .and_then(parts.stamp())
                .with_subscriber(registry()),
        )
    }),
    ("filtered stamp, otel", |parts| {
        Dispatch::new(
            registry()
                .with(parts.stamp().with_filter(LevelFilter::TRACE))
                .with(parts.otel()),
        )
    }),
    ("filtered otel, filtered stamp", |parts| {
        Dispatch::new(
            registry()
                .with(parts.otel().with_filter(LevelFilter::INFO))
                .with(parts.stamp().with_filter(LevelFilter::INFO)),
        )
    }),
    ("global filter, otel, stamp", |parts| {
        Dispatch::new(
            registry()
                .with(LevelFilter::INFO)
                .with(parts.otel())
                .with(parts.stamp()),
        )
    }),
    ("otel, stamp with a reloadable filter", |parts| {
        let filter = parts.reloadable(LevelFilter::TRACE);
        Dispatch::new(
            registry()
                .with(parts.otel())
                .with(parts.stamp().with_filter(filter)),
        )
    }),
    ("fmt around all", |parts| {
        Dispatch::new(
            registry()
                .with(fmt())
                .with(parts.otel())
                .with(fmt().json())
                .with(parts.stamp())
                .with(fmt()),
        )
    }),
    ("shared by an Arc", |parts| {
        let subscriber: Layered<_, AfterOtel> = registry().with(parts.otel()).with(parts.stamp());
        Dispatch::from(Arc::new(subscriber) as Arc<dyn Subscriber + Send + Sync>)
    }),
    ("reloadable stamp, otel", |parts| {
        let stamp = parts.reloadable(parts.stamp());
        Dispatch::new(registry().with(stamp).with(parts.otel()))
    }),
    ("otel, reloadable stamp", |parts| {
        let stamp = parts.reloadable(parts.stamp());
        Dispatch::new(registry().with(parts.otel()).with(stamp))
    }),
    ("stamp, reloadable otel", |parts| {
        let otel = parts.reloadable(parts.otel());
        Dispatch::new(registry().with(parts.stamp()).with(otel))
    }),
    ("reloadable otel, stamp", |parts| {
        let otel = parts.reloadable(parts.otel());
        Dispatch::new(registry().with(otel).with(parts.stamp()))
    }),
    ("stamp, reporting", |parts| {
        Dispatch::new(registry().with(parts.stamp()).with(parts.reporting()))
    }),
    ("reporting, stamp", |parts| {
        Dispatch::new(registry().with(parts.reporting()).with(parts.stamp()))
    }),
    ("Option of stamp, Option of reporting", |parts| {
        Dispatch::new(
            registry()
                .with(Some(parts.stamp()))
                .with(Some(parts.reporting())),
        )
    }),
    ("boxed reporting, boxed stamp", |parts| {
        Dispatch::new(
            registry()
                .with(parts.reporting().boxed())
                .with(parts.stamp().boxed()),
        )
    }),
    ("Vec of stamp and reporting", |parts| {
        Dispatch::new(registry().with(vec![parts.stamp().boxed(), parts.reporting().boxed()]))
    }),
    ("stamp and_then reporting", |parts| {
        Dispatch::new(
            parts
                .stamp()
                .and_then(parts.reporting())
                .with_subscriber(registry()),
        )
    }),
    ("filtered reporting, filtered stamp", |parts| {
        Dispatch::new(
            registry()
                .with(parts.reporting().with_filter(LevelFilter::INFO))
                .with(parts.stamp().with_filter(LevelFilter::INFO)),
        )
    }),
    ("stamp, reporting with a filter within", |parts| {
        let reporting = tracing_stamp::otel_layer(parts.exported.tracer(), |layer| {
            layer.with_filter(LevelFilter::INFO)
        });
        Dispatch::new(registry().with(parts.stamp()).with(reporting))
    }),
    ("stamp, reloadable reporting", |parts| {
        let reporting = parts.reloadable(parts.reporting());
        Dispatch::new(registry().with(parts.stamp()).with(reporting))
    }),
    ("reloadable reporting, stamp", |parts| {
        let reporting = parts.reloadable(parts.reporting());
        Dispatch::new(registry().with(reporting).with(parts.stamp()))
    }),
    ("stamp, reporting with a reloadable layer within", |parts| {
        let reporting =
            tracing_stamp::otel_layer(parts.exported.tracer(), |layer| parts.reloadable(layer));
        Dispatch::new(registry().with(parts.stamp()).with(reporting))
    }),
    (
        "reporting with a reloadable layer within, reloadable stamp",
        |parts| {
            let reporting =
                tracing_stamp::otel_layer(parts.exported.tracer(), |layer| parts.reloadable(layer));
            let stamp = parts.reloadable(parts.stamp());
            Dispatch::new(registry().with(reporting).with(stamp))
        },
    ),
];

/// The ids that a stack can be certain of.
#[derive(Clone, Copy)]
struct Certain {
    /// In which round the lines that need to know a span's ids have them.
    from: i64,
    parents: bool,
}

fn certain(name: &str) -> Certain {
    let is_reporting = name.contains("reporting");
    let from = match is_reporting {
        true => 0,
        // A layer behind it cannot be asked, and a layer before it cannot observe which span's context is current.
        false if name.contains("reloadable otel") => i64::MAX,
        false => 1,
    };
    Certain {
        from,
        parents: is_reporting,
    }
}

/// Two traces of two spans each. In the first the layers learn, in the second they know.
fn play() {
    for round in 0..2 {
        let outer = info_span!("outer", round);
        outer.in_scope(|| {
            info!("in the outer {round}");
            let inner = info_span!("inner", inner = round);
            inner.in_scope(|| {
                info!("in the inner {round}");
                info!(parent: &outer, "of the outer {round}");
                info!(parent: None, "of none {round}");
            });
            info!(parent: &inner, "of the inner {round}");
        });
        info!("after {round}");
    }
}

fn check(parts: &Parts, certain: Certain) {
    for round in 0..2 {
        let span = |name: &str| {
            let key = if name == "outer" { "round" } else { "inner" };
            let mut spans = parts.exported.spans();
            spans.retain(|span| {
                let is_rounds = |kv: &opentelemetry::KeyValue| {
                    kv.key.as_str() == key && kv.value == opentelemetry::Value::I64(round)
                };
                span.name == name && span.attributes.iter().any(is_rounds)
            });
            assert_eq!(spans.len(), 1, "exported {name} {round}");
            spans.remove(0)
        };
        let exported = ["outer", "inner"].map(|name| {
            let context = span(name).span_context;
            Some((
                context.trace_id().to_string(),
                context.span_id().to_string(),
            ))
        });
        let [outer, inner] = exported.clone();
        let ids = |message: &str| parts.ids(&format!("{message} {round}"));
        let is_right = |found: &Option<Ids>, expected: &Option<Ids>| {
            found == expected || round < certain.from && found.is_none()
        };
        assert_eq!(ids("in the outer"), outer, "in the outer {round}");
        assert_eq!(ids("in the inner"), inner, "in the inner {round}");
        for (message, expected) in [("of the outer", &outer), ("of the inner", &inner)] {
            let found = ids(message);
            assert!(is_right(&found, expected), "{message} {round}: {found:?}");
        }
        assert_eq!(ids("of none"), None);
        assert_eq!(ids("after"), None);
        for (name, ids) in ["outer", "inner"].into_iter().zip(&exported) {
            for kind in ["new", "enter", "exit", "close"] {
                let key = if name == "outer" { "round" } else { "inner" };
                let mut lines = parts.lines.all();
                lines.retain(|line| {
                    line.get("message") == kind
                        && line.get("span_name") == name
                        && line.get(key) == round
                });
                assert_eq!(lines.len(), 1, "{kind} of {name} {round}");
                assert!(
                    is_right(&lines[0].ids(), ids),
                    "{kind} of {name} {round}: {:?}",
                    lines[0]
                );
                if kind == "close" {
                    let parent = span(name).parent_span_id;
                    let written = lines[0].get("parent_span_id").as_str().map(str::to_owned);
                    let is_written = certain.parents && parent != SpanId::INVALID;
                    let expected = is_written.then(|| parent.to_string());
                    assert_eq!(written, expected, "the parent of {name} {round}");
                }
            }
        }
    }
}

fn same_lines(names: impl Fn(&str) -> bool) {
    let chosen = STACKS.iter().filter(|(name, _)| names(name));
    each(chosen, |(name, build)| {
        named(name, || {
            let parts = Parts::new();
            tracing::dispatcher::with_default(&build(&parts), play);
            check(&parts, certain(name));
        });
    });
}

#[test]
fn same_lines_under_with_default_option_boxed_and_filtered_layers() {
    same_lines(|name| !name.contains("reloadable"));
}

#[test]
fn same_lines_with_a_reloadable_stamping_layer_or_filter() {
    same_lines(|name| name.contains("reloadable") && !name.contains("reloadable otel"));
}

#[test]
fn same_lines_with_a_reloadable_opentelemetry_layer_around_the_stamping_layer() {
    same_lines(|name| name == "stamp, reloadable otel");
}

#[test]
fn same_lines_with_a_reloadable_opentelemetry_layer_within_the_stamping_layer() {
    same_lines(|name| name == "reloadable otel, stamp");
}

#[test]
fn same_lines_under_set_global_default() {
    let names = STACKS.map(|(name, _)| name);
    let names: Vec<_> = names
        .into_iter()
        .filter(|name| !name.contains("reloadable otel"))
        .collect();
    each_alone(same_lines_under_set_global_default, &names, |name| {
        let (_, build) = STACKS
            .iter()
            .find(|(known, _)| *known == name)
            .expect("one of them");
        let parts = Parts::new();
        tracing::dispatcher::set_global_default(build(&parts)).expect("the first of this process");
        play();
        check(&parts, certain(name));
    });
}

#[test]
fn same_lines_under_set_default_on_each_of_many_threads() {
    for (name, build) in STACKS
        .iter()
        .filter(|(name, _)| !name.contains("reloadable otel"))
    {
        named(name, || {
            let parts = Parts::new();
            let dispatch = build(&parts);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    let _default = tracing::dispatcher::set_default(&dispatch);
                    play();
                });
            });
            check(&parts, certain(name));
        });
    }
}

#[test]
fn same_lines_if_a_subscriber_is_the_default_of_one_scope_after_another() {
    let exported = Exported::new();
    let lines = Lines::default();
    let subscriber = Arc::new(
        registry()
            .with(tracing_opentelemetry::layer().with_tracer(exported.tracer()))
            .with(tracing_stamp::layer().with_writer(lines.clone())),
    );
    tracing::subscriber::with_default(Arc::clone(&subscriber), || {
        info_span!("warm-up").in_scope(|| ());
    });
    exported.exporter.reset();
    for round in 0..4 {
        // A new dispatch each time, which is gone afterwards.
        tracing::subscriber::with_default(Arc::clone(&subscriber), || {
            let span = info_span!("span", round);
            span.in_scope(|| info!("in the span {round}"));
            info!(parent: &span, "of the span {round}");
        });
    }
    for (round, span) in exported.spans().iter().enumerate() {
        let context = &span.span_context;
        let ids = Some((
            context.trace_id().to_string(),
            context.span_id().to_string(),
        ));
        assert_eq!(
            lines.with_message(&format!("in the span {round}")).ids(),
            ids
        );
        assert_eq!(
            lines.with_message(&format!("of the span {round}")).ids(),
            ids
        );
    }
}

#[test]
fn a_stamping_layer_that_is_reloaded_within_a_span_still_stamps() {
    let exported = Exported::new();
    let old = Lines::default();
    let new = Lines::default();
    let layer = |lines: &Lines| {
        tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_span_events(FmtSpan::FULL)
    };
    let (stamp, handle) = reload::Layer::new(layer(&old));
    let otel = tracing_opentelemetry::layer().with_tracer(exported.tracer());
    let subscriber = registry().with(otel).with(stamp);
    tracing::subscriber::with_default(subscriber, || {
        let outer = info_span!("outer").entered();
        info!("by the old");
        handle.reload(layer(&new)).expect("the subscriber is there");
        info!("by the new");
        info_span!("inner").in_scope(|| info!("in the inner"));
        info!("by the new again");
        drop(outer);
        info_span!("next").in_scope(|| info!("in the next"));
    });
    assert_eq!(old.with_message("by the old").ids(), exported.ids("outer"));
    assert_eq!(new.with_message("by the new").ids(), exported.ids("outer"));
    assert_eq!(
        new.with_message("in the inner").ids(),
        exported.ids("inner")
    );
    assert_eq!(
        new.with_message("by the new again").ids(),
        exported.ids("outer")
    );
    assert_eq!(new.with_message("in the next").ids(), exported.ids("next"));
}

#[test]
fn several_stamping_layers_side_by_side_write_the_same_ids() {
    let exported = Exported::new();
    let lines: Vec<_> = (0..4).map(|_| Lines::default()).collect();
    let layer = |index: usize| {
        tracing_stamp::layer()
            .with_writer(lines[index].clone())
            .with_span_events(FmtSpan::FULL)
    };
    let otel = tracing_stamp::otel_layer(exported.tracer(), |layer| layer);
    let subscriber = registry()
        .with(layer(0))
        .with(layer(1))
        .with(otel)
        .with(layer(2))
        .with(layer(3));
    tracing::subscriber::with_default(subscriber, || {
        let outer = info_span!("outer").entered();
        info!("in the outer");
        info_span!("inner").in_scope(|| info!("in the inner"));
        drop(outer);
    });
    for lines in &lines {
        assert_eq!(
            lines.with_message("in the outer").ids(),
            exported.ids("outer")
        );
        assert_eq!(
            lines.with_message("in the inner").ids(),
            exported.ids("inner")
        );
        assert_eq!(lines.all().len(), 10);
        for line in lines.all() {
            let span = line
                .get("span_name")
                .as_str()
                .expect("all are in a span")
                .to_owned();
            assert_eq!(line.ids(), exported.ids(&span), "{line:?}");
        }
    }
}
