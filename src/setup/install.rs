//! From what was set to what runs.

use super::{
    builder::{BoxedLayer, Setup},
    directives::{self, Directives},
    env::Env,
    exporter::{self, Counts, Ended, Kept, Target},
    filter::{self, FilterHandle},
    guard::{Parts, ShutdownGuard},
    lines_filter::{LinesFilter, Watch},
    propagators::propagator,
    resource,
    sdk::Sdk,
    settings::{Format, FromEnv},
    shipping::{self, Running},
    sink::Sink,
    unstamped::UnstampedReport,
};
use crate::{
    Error,
    layer::otel_layer,
    stats::{Diagnosis, Diagnostics},
    writer::{Background, LogGuard, LogWriter, log_panics},
};
use opentelemetry::{KeyValue, global, trace::TracerProvider as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, ShouldSample},
};
use std::{env, sync::Arc, time::Duration};
use tracing_core::{Dispatch, dispatcher};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{
    Layer as _, Registry, filter::filter_fn, layer::Layered, layer::SubscriberExt as _, reload,
};

/// So long a panic and a signal wait for lines to be written.
const LAST_FLUSH: Duration = Duration::from_secs(2);

pub(super) fn init(setup: Setup) -> Result<ShutdownGuard, Error> {
    let taken = || {
        Error::already_in_use(
            "the process has a `tracing` subscriber already, and can have one only: call `init` once, before anything else \
             sets a global default; to an existing `registry()` add `tracing_stamp::layer()`",
        )
    };
    // Before anything is made, of which nothing is left where it is too late.
    if dispatcher::has_been_set() {
        return Err(taken());
    }
    #[cfg(all(unix, feature = "signals"))]
    let after_flush = setup.after_flush;
    let built = Built::new(setup, true)?;
    if crate::bridge::log::install().is_err() {
        // The service has logged by that logger so far, and does so still.
        built
            .guard
            .parts()
            .diagnostics
            .report(&Diagnosis::LoggerTaken);
    }
    dispatcher::set_global_default(built.dispatch).map_err(|_| taken())?;
    if let Some(provider) = &built.guard.parts().provider {
        global::set_tracer_provider(provider.clone());
    }
    global::set_text_map_propagator(built.propagator);
    let writer = built.writer;
    #[cfg(all(unix, feature = "signals"))]
    if let Some(then) = after_flush {
        let writer = writer.clone();
        crate::writer::call_on_signals(move || drop(writer.flush(LAST_FLUSH)), then)?;
    }
    log_panics(move || drop(writer.flush(LAST_FLUSH)));
    Ok(built.guard)
}

pub(super) fn build(setup: Setup) -> Result<(Dispatch, ShutdownGuard), Error> {
    let built = Built::new(setup, false)?;
    Ok((built.dispatch, built.guard))
}

struct Built {
    dispatch: Dispatch,
    guard: ShutdownGuard,
    writer: LogWriter,
    propagator: opentelemetry::propagation::TextMapCompositePropagator,
}

/// What stands below the layers of this crate.
type Base = Layered<Option<Vec<BoxedLayer>>, Registry>;

impl Built {
    /// `is_global` where it lasts as long as the process.
    fn new(mut setup: Setup, is_global: bool) -> Result<Self, Error> {
        let lookup = |name: &str| env::var(name);
        let env = Env::new(&lookup);
        let from_env = FromEnv::read(&env);
        env.check()?;
        let diagnostics = setup.diagnostics;
        for name in &from_env.unsupported {
            diagnostics.report(&Diagnosis::Unsupported { variable: name });
        }

        let directives = match setup.filter.take() {
            Some(filter) => filter::strict(&filter)?,
            None => lenient(from_env.filter.as_deref(), &diagnostics),
        };
        let resource = resource::resource(&from_env.resource, &setup.resource);
        let on_lines = resource::on_lines(&resource);
        let has_provider = setup.provider.is_some() || !from_env.is_disabled;
        let mut stamp = crate::layer()
            .with_schema(setup.schema.take().or(from_env.schema).unwrap_or_default())
            .with_resource(pairs(&on_lines))
            .with_shared_diagnostics(has_provider.then(|| diagnostics.clone()));
        stamp = (setup.stamp)(stamp);
        // As the layer has it in the end: whatever else reads or writes lines has to use the same names.
        let schema = stamp.schema().clone();
        let format = setup.format.or(from_env.format).unwrap_or_default();
        let file = setup.file.take().or(from_env.file);
        let to_ship = setup.ship.take().or(from_env.ship);
        let file = match (&to_ship, &setup.writer) {
            (Some(_), None) => {
                file.or_else(|| Some(shipping::default_file(&resource::service(&resource))))
            }
            _ => file,
        };
        if to_ship.is_some() && format == Format::Pretty {
            return Err(Error::invalid_input(
                "lines that are shipped are JSON: `pretty` is for a terminal",
            ));
        }
        if to_ship.is_some() && setup.writer.is_some() {
            return Err(Error::invalid_input(
                "lines that go to a writer of your own cannot be shipped: name a file by `file` or LOG_FILE instead",
            ));
        }
        let state = shipping::State::default();
        let writer = setup.writer.take();
        let output = setup.output.or(from_env.output).unwrap_or_default();
        let sink = Sink::new(writer, file, output, &to_ship, &state, &diagnostics)
            .with_format(format, &schema);
        let is_in_background = setup.background.or(from_env.background).unwrap_or(false);
        let (writer, lines): (LogWriter, LogGuard) = if is_in_background {
            let background = Background::new(sink.write)
                .with_schema(schema.clone())
                .with_resource(pairs(&on_lines))
                .with_shared_diagnostics(diagnostics.clone());
            LogWriter::background(background)?
        } else {
            let outlives_guard = is_global && sink.is_own;
            LogWriter::direct(
                sink.write,
                schema.clone(),
                on_lines.clone(),
                diagnostics.clone(),
                outlives_guard,
            )
        };
        let unstamped = (setup.report_unstamped)
            .then(|| UnstampedReport::new(schema.clone(), on_lines.clone()));

        let shipping = Running::start(to_ship, sink.file.as_deref(), &schema, &state, &diagnostics);

        let counts = Arc::new(Counts::new(diagnostics.clone()));
        let target = from_env.target.unwrap_or(Target::None);
        let (provider, kept) = match setup.provider.take() {
            Some(provider) => (Some(provider), Kept::default()),
            None if from_env.is_disabled => (None, Kept::default()),
            None => {
                let sampler = setup.sampler.take();
                let (provider, kept) =
                    provider(resource, sampler, &from_env.sdk, &target, &counts)?;
                (Some(provider), kept)
            }
        };

        let (span_level, span_events) = (setup.span_level, setup.span_events);
        let traced = provider.as_ref().map(|provider| {
            let tracer = provider.tracer("tracing-stamp");
            otel_layer(tracer, |layer: OpenTelemetryLayer<Base, _>| layer).with_filter(filter_fn(
                move |metadata| filter::is_traced(metadata, span_level, span_events),
            ))
        });
        let watch = Arc::new(Watch::new(&directives));
        let (lines_filter, handle) = reload::Layer::new(directives.filter());
        let of_filter = diagnostics.clone();
        let lines_filter = LinesFilter::new(
            lines_filter,
            span_level,
            Arc::clone(&watch),
            move |diagnosis| of_filter.report(diagnosis),
        );
        let stats = stamp.stats();
        if provider.is_some() {
            stats.note_init();
        }
        let subscriber = tracing_subscriber::registry()
            // An empty list would let nothing through.
            .with(Some(setup.layers).filter(|layers| !layers.is_empty()))
            .with(traced)
            .with(stamp.with_writer(writer.clone()).with_filter(lines_filter));
        let filter = FilterHandle {
            set: Arc::new(move |filter| handle.reload(filter)),
        };
        Ok(Self {
            dispatch: Dispatch::new(subscriber),
            guard: ShutdownGuard::new(
                Parts {
                    provider,
                    counts,
                    kept,
                    writer: writer.clone(),
                    diagnostics,
                    lines: Some(lines),
                    shipping,
                    stats,
                    #[cfg(feature = "testing")]
                    schema,
                    is_global,
                    watch,
                    unstamped,
                    filter,
                },
                setup.shutdown_timeout,
            ),
            writer,
            propagator: propagator(from_env.propagation),
        })
    }
}

/// The filter of the environment, in which a wrong directive stops nothing.
fn lenient(filter: Option<&str>, diagnostics: &Diagnostics) -> Directives {
    let directives = Directives::parse(filter.unwrap_or(directives::DEFAULT));
    for problem in &directives.problems {
        diagnostics.report(&Diagnosis::FilterDirective {
            directive: problem.directive.clone(),
            why: problem.why.clone(),
        });
    }
    directives
}

fn provider(
    resource: Resource,
    sampler: Option<Box<dyn ShouldSample>>,
    sdk: &Sdk,
    target: &Target,
    counts: &Arc<Counts>,
) -> Result<(SdkTracerProvider, Kept), Error> {
    let service = resource::service(&resource);
    let builder = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_span_processor(Ended(Arc::clone(counts)));
    let mut builder = sdk.apply(builder);
    if let Some(sampler) = sampler {
        builder = builder.with_sampler(sampler);
    }
    let (builder, kept) = exporter::add(builder, target, &service, sdk, counts)?;
    Ok((builder.build(), kept))
}

fn pairs(attributes: &[KeyValue]) -> Vec<(opentelemetry::Key, opentelemetry::Value)> {
    let pair = |attribute: &KeyValue| (attribute.key.clone(), attribute.value.clone());
    attributes.iter().map(pair).collect()
}
