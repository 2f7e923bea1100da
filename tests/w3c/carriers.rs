use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, Tracer as _,
        TracerProvider as _,
    },
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::collections::HashMap;
use tracing_stamp::w3c;

/// A propagator with its own header, as B3 has.
#[derive(Debug)]
struct Other(Vec<String>);

impl TextMapPropagator for Other {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        injector.set(
            "other",
            context.span().span_context().trace_id().to_string(),
        );
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let Some(id) = extractor
            .get("other")
            .and_then(|id| TraceId::from_hex(id).ok())
        else {
            return context.clone();
        };
        context.with_remote_span_context(SpanContext::new(
            id,
            SpanId::from(1),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        ))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.0)
    }
}

/// This is a single test, since the propagator belongs to the whole process.
#[test]
fn a_context_is_sent_and_read_by_the_installed_propagator_or_else_by_the_w3cs() {
    let provider = SdkTracerProvider::builder().build();
    let root = Context::new().with_span(provider.tracer("test").start("root"));
    let trace_id = root.span().span_context().trace_id();

    let mut carrier = HashMap::new();
    {
        let _attached = root.clone().attach();
        w3c::inject(&mut carrier);
    }
    let sent = carrier
        .get("traceparent")
        .expect("the W3C's propagator is used if none is installed");
    assert_eq!(&sent[53..], "03", "the trace began in this process");
    assert_eq!(
        w3c::extract(&carrier).span().span_context().trace_id(),
        trace_id
    );

    let hostile = HashMap::from([
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("tracestate", "a*/b=x'; DROP TABLE orders; /*"),
        ("baggage", "user=1"),
    ]);
    let hostile = hostile
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let caller = w3c::extract(&hostile.collect::<HashMap<_, _>>());
    let comment = {
        let _attached = caller.attach();
        w3c::sql_comment()
    };
    assert_eq!(
        comment,
        "/*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',\
         tracestate='a%2A%2Fb%3Dx%27%3B%20DROP%20TABLE%20orders%3B%20%2F%2A'*/"
    );
    assert_eq!(w3c::sql_comment(), "");

    opentelemetry::global::set_text_map_propagator(Other(vec!["other".to_owned()]));
    let mut carrier = HashMap::new();
    {
        let _attached = root.attach();
        w3c::inject(&mut carrier);
    }
    assert_eq!(carrier.keys().collect::<Vec<_>>(), ["other"]);

    // A trace received by another propagator began elsewhere, and its ids may not be random.
    let caller = w3c::extract(&carrier);
    let span = provider.tracer("test").start_with_context("child", &caller);
    let mut headers = super::Headers::default();
    w3c::TraceContextPropagator::new().inject_context(&caller.with_span(span), &mut headers);
    assert_eq!(
        &headers.value("traceparent").expect("a traceparent is sent")[53..],
        "01"
    );
}
