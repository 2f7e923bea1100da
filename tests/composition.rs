//! Layers of this crate and of other crates in one subscriber, each with its own filter, writer and schema.

mod support;

use opentelemetry::trace::TraceContextExt as _;
use support::{Exported, Lines};
use tracing::{info, info_span, warn};
use tracing_stamp::{Schema, SpanFields};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, fmt::format::FmtSpan, prelude::*, reload,
};

#[test]
fn layers_with_different_writers_schemas_and_filters_work_side_by_side_and_beside_fmt() {
    let exported = Exported::new();
    let [all, ecs, warnings, fmt] = [(); 4].map(|()| Lines::default());
    let (filter, handle) = reload::Layer::new(LevelFilter::OFF);
    let subscriber = tracing_subscriber::registry()
        .with(EnvFilter::new("info"))
        .with(
            tracing_stamp::layer()
                .with_writer(all.clone())
                .with_span_events(FmtSpan::CLOSE),
        )
        .with(
            tracing_subscriber::fmt::layer()
                .json()
                .with_writer(fmt.clone())
                .with_span_events(FmtSpan::FULL),
        )
        .with(tracing_stamp::otel_layer(exported.tracer(), |layer| layer))
        .with(Some(
            tracing_stamp::layer()
                .with_writer(ecs.clone())
                .with_schema(Schema::ecs())
                .with_span_fields(SpanFields::List)
                .with_filter(filter),
        ))
        .with(
            tracing_stamp::layer()
                .with_writer(warnings.clone())
                .with_filter(LevelFilter::WARN)
                .boxed(),
        );
    tracing::subscriber::with_default(subscriber, || {
        info_span!("request", tenant = "acme").in_scope(|| {
            info!("before the reload");
            handle
                .reload(LevelFilter::INFO)
                .expect("the layer is there");
            info!("after the reload");
            let current = opentelemetry::Context::current();
            assert!(current.span().span_context().is_valid());
            warn!(parent: tracing::Span::current(), "a warning");
        });
    });

    let ids = exported.ids("request");
    for message in [
        "before the reload",
        "after the reload",
        "a warning",
        "close",
    ] {
        assert_eq!(all.with_message(message).ids(), ids, "{message}");
        assert_eq!(all.with_message(message).get("tenant"), "acme");
    }

    let in_ecs: Vec<_> = ecs
        .all()
        .into_iter()
        .map(|line| line.get("message").clone())
        .collect();
    assert_eq!(in_ecs, ["after the reload", "a warning"]);
    let line = ecs.with_message("after the reload");
    let (trace_id, span_id) = ids.clone().expect("exported");
    assert_eq!(line.get("trace.id"), &*trace_id);
    assert_eq!(line.get("span.id"), &*span_id);

    // The filter hides the span from this layer, but not from OpenTelemetry's.
    assert_eq!(warnings.all().len(), 1);
    assert_eq!(warnings.with_message("a warning").ids(), ids);

    // `fmt` has its own fields of the span, and sees each moment of the span's life once.
    let fmt = fmt.text();
    assert_eq!(
        fmt.lines().count(),
        "new enter exit close".split(' ').count() + 3
    );
    assert!(
        fmt.contains(r#""span":{"tenant":"acme","name":"request"}"#),
        "{fmt}"
    );
}
