//! Builds and installs what `init` starts, from the settings in code and in the environment.

use super::{
    directives::{self, Directives},
    env::Env,
    exporter::{self, EndedSpanCounter, ExporterRuntime, SpanCounts, Target},
    filter,
    guard::{Parts, ShutdownGuard},
    level_key::{self, LevelKey},
    line_output::LineOutputSettings,
    lines_filter::TargetCheck,
    options::Options,
    propagators::propagator,
    redacting::BatchRedaction,
    resource,
    sdk::SdkSettings,
    settings::EnvSettings,
    subscriber::{OwnLayers, Subscriber},
    unstamped::UnstampedReport,
    url_rules,
};
use crate::{
    Error,
    hold::Hold,
    layer::OwnLines,
    stats::{Diagnosis, Diagnostics},
    writer::{LogWriter, log_panics},
};
use log_redaction::Redactor;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, ShouldSample},
};
use std::{env, mem, sync::Arc, time::Duration};
use tracing_core::{Dispatch, dispatcher};
use tracing_subscriber::fmt::format::FmtSpan;

/// The longest time that a panic or a signal waits for lines to be written.
const LAST_FLUSH: Duration = Duration::from_secs(2);

pub(super) fn init(options: Options) -> Result<ShutdownGuard, Error> {
    let already_set = || {
        Error::already_in_use(
            "the process has a `tracing` subscriber already, and it can have only one: call `init` once, before anything else \
             sets a global default, or add `tracing_stamp::layer()` to the existing `registry()`",
        )
    };
    // Checked first, so that nothing is opened or started in vain.
    if dispatcher::has_been_set() {
        return Err(already_set());
    }
    #[cfg(all(unix, feature = "signals"))]
    let after_flush = options.after_flush;
    let built = Built::new(options, true)?;
    if crate::bridge::log::install().is_err() {
        // Not an error: the service has logged through that logger so far, and still does.
        built
            .guard
            .parts()
            .diagnostics
            .report(&Diagnosis::LoggerTaken);
    }
    dispatcher::set_global_default(built.dispatch).map_err(|_| already_set())?;
    if let Some(provider) = &built.guard.parts().tracer_provider {
        global::set_tracer_provider(provider.clone());
    }
    global::set_text_map_propagator(built.propagator);
    level_key::install(built.level_key);
    url_rules::install(built.redactor);
    let writer = built.writer;
    #[cfg(all(unix, feature = "signals"))]
    if let Some(then) = after_flush {
        let writer = writer.clone();
        let burst = built.guard.parts().burst.clone();
        let held = built.guard.parts().held.clone();
        let flush = move || {
            held.release_at_shutdown();
            if let Some(burst) = &burst {
                burst.write();
            }
            drop(writer.flush(LAST_FLUSH));
        };
        crate::writer::call_on_signals(flush, then)?;
    }
    let held = built.guard.parts().held.clone();
    log_panics(move || {
        if cfg!(panic = "abort") {
            held.release_on_panic();
        }
        drop(writer.flush(LAST_FLUSH));
    });
    Ok(built.guard)
}

pub(super) fn build(options: Options) -> Result<(Dispatch, ShutdownGuard), Error> {
    let built = Built::new(options, false)?;
    Ok((built.dispatch, built.guard))
}

struct Built {
    dispatch: Dispatch,
    guard: ShutdownGuard,
    writer: LogWriter,
    level_key: LevelKey,
    redactor: Option<Redactor>,
    propagator: opentelemetry::propagation::TextMapCompositePropagator,
}

impl Built {
    /// `is_global` is set if the subscriber lasts as long as the process.
    fn new(mut options: Options, is_global: bool) -> Result<Self, Error> {
        let lookup = |name: &str| env::var(name);
        let env = Env::new(&lookup);
        let mut from_env = EnvSettings::read(&env);
        env.check()?;
        let diagnostics = mem::take(&mut options.diagnostics);
        for name in &from_env.unsupported {
            diagnostics.report(&Diagnosis::Unsupported { variable: name });
        }

        let directives = match options.filter.take() {
            Some(filter) => filter::parse_strictly(&filter)?,
            None => lenient_filter("", from_env.filter.as_deref(), &diagnostics),
        };
        let held = match (options.hold.take(), &from_env.hold) {
            (Some((directives, hold)), _) => Some((filter::parse_strictly(&directives)?, hold)),
            (None, Some(filter)) => {
                let directives = lenient_filter("LOG_HOLD=", Some(filter.as_str()), &diagnostics);
                let hold = Hold::new();
                let level = from_env.hold_release.unwrap_or(hold.release_level);
                Some((directives, hold.with_release_level(level)))
            }
            (None, None) => None,
        };
        let resource = resource::resource(&from_env.resource, &options.resource);
        let mut line_resource = resource::on_lines(&resource);
        let has_provider = options.tracer_provider.is_some() || !from_env.is_disabled;
        let schema = options.schema.take().or(from_env.schema.take());
        // A line that is shipped has an id, so that a repeat is recognised. `configure_layer` can switch it off.
        let is_shipped = options.shipping.is_some() || from_env.shipping.is_some();
        let span_events = match options.span_events.take() {
            Some(kinds) => kinds,
            None => from_env
                .span_events
                .take()
                .map_or(FmtSpan::NONE, |events| events.report(&diagnostics)),
        };
        let parent_span_id = options.parent_span_id.or(from_env.parent_span_id);
        let mut stamp = crate::layer()
            .with_record_uid(is_shipped)
            .with_span_events(span_events)
            .with_parent_span_id(parent_span_id.unwrap_or(false))
            .with_schema(schema.unwrap_or_default())
            .with_resource(resource::pairs(&line_resource))
            .with_shared_diagnostics(has_provider.then(|| diagnostics.clone()));
        if let Some(redaction) = options.redaction.take().or(from_env.redaction.take()) {
            stamp = stamp.with_redaction(redaction);
        }
        if let Some(burst) = options.burst.take().or(from_env.burst.take()) {
            stamp = stamp.with_burst(burst);
        }
        if let Some(configure) = options.configure_layer.take() {
            stamp = configure(stamp);
        }
        // The closure may have replaced these settings. Everything else that reads or writes lines has to use the same ones.
        let schema = stamp.schema().clone();
        let record_uid = stamp.has_record_uid();
        let redactor = stamp.redactor().cloned();
        if let Some(redactor) = &redactor {
            // For lines that other parts write themselves.
            BatchRedaction::new(redactor).attributes(&mut line_resource);
        }

        let service = || resource::service(&resource);
        let output = LineOutputSettings::take(&mut options, &mut from_env, service, is_global)?
            .open(&schema, &line_resource, record_uid, &diagnostics)?;
        let writer = output.writer;
        let unstamped = options.unstamped_report.then(|| {
            let lines = OwnLines::new(schema.clone(), line_resource.clone(), record_uid);
            UnstampedReport::new(lines)
        });

        let counts = Arc::new(SpanCounts::new(diagnostics.clone()));
        let target = from_env.target.unwrap_or(Target::None);
        let (tracer_provider, exporter_runtime) = match options.tracer_provider.take() {
            Some(provider) => (Some(provider), ExporterRuntime::default()),
            None if from_env.is_disabled => (None, ExporterRuntime::default()),
            None => {
                let sampler = options.sampler.take();
                let (provider, runtime) = tracer_provider(
                    resource,
                    sampler,
                    &from_env.sdk,
                    &target,
                    redactor.as_ref(),
                    &counts,
                )?;
                (Some(provider), runtime)
            }
        };

        let stats = stamp.stats();
        let burst = stamp.burst_guard();
        if tracer_provider.is_some() {
            stats.note_init();
        }
        let target_check = Arc::new(TargetCheck::new(&directives));
        let tracer = tracer_provider.as_ref();
        let own_layers = OwnLayers {
            tracer: tracer.map(|provider| provider.tracer("tracing-stamp")),
            span_level: options.span_level,
            otel_events: options.otel_events,
            stamp: stamp.with_writer(writer.clone()),
            lines: directives.filter(),
            held: held.map(|(held, hold)| (held.filter(), hold)),
            target_check: Arc::clone(&target_check),
            diagnostics: diagnostics.clone(),
        };
        let Subscriber {
            dispatch,
            filter,
            held,
        } = own_layers.over(options.layers);
        Ok(Self {
            dispatch,
            guard: ShutdownGuard::new(
                Parts {
                    tracer_provider,
                    counts,
                    exporter_runtime,
                    writer: writer.clone(),
                    held,
                    diagnostics,
                    lines: Some(output.guard),
                    shipping: output.shipping,
                    stats,
                    burst: Some(burst),
                    #[cfg(feature = "testing")]
                    schema,
                    #[cfg(feature = "testing")]
                    redactor: redactor.clone(),
                    is_global,
                    target_check,
                    unstamped,
                    filter,
                },
                options.shutdown_timeout,
            ),
            writer,
            level_key: from_env.level_key,
            redactor,
            propagator: propagator(from_env.propagators),
        })
    }
}

/// Parses a filter of the environment. Invalid directives are reported, after `prefix`, and left out.
fn lenient_filter(prefix: &str, filter: Option<&str>, diagnostics: &Diagnostics) -> Directives {
    let directives = Directives::parse(filter.unwrap_or(directives::DEFAULT));
    for problem in &directives.problems {
        diagnostics.report(&Diagnosis::FilterDirective {
            directive: format!("{prefix}{}", problem.directive),
            why: problem.reason_and_effect(),
        });
    }
    directives
}

fn tracer_provider(
    resource: Resource,
    sampler: Option<Box<dyn ShouldSample>>,
    sdk: &SdkSettings,
    target: &Target,
    redactor: Option<&Redactor>,
    counts: &Arc<SpanCounts>,
) -> Result<(SdkTracerProvider, ExporterRuntime), Error> {
    let service = resource::service(&resource);
    let builder = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_span_processor(EndedSpanCounter(Arc::clone(counts)));
    let mut builder = sdk.apply(builder);
    if let Some(sampler) = sampler {
        builder = builder.with_sampler(sampler);
    }
    let (builder, runtime) = exporter::add(builder, target, &service, sdk, redactor, counts)?;
    Ok((builder.build(), runtime))
}
