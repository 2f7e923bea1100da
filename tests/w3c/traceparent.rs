use super::Headers;
use opentelemetry::{
    Context,
    propagation::TextMapPropagator as _,
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, Tracer as _,
        TracerProvider as _,
    },
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, SdkTracerProvider};
use tracing_stamp::{TraceContext, w3c::TraceContextPropagator};

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";

fn read(value: &str) -> Option<TraceContext> {
    TraceContext::from_traceparent(value)
}

#[test]
fn an_invalid_traceparent_is_rejected() {
    let wrong = [
        // Lengths: each field one character too short and one too long.
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}-001"),
        format!("00-{TRACE}-{SPAN}0-01"),
        format!("00-{TRACE}-{}-01", &SPAN[1..]),
        format!("00-{TRACE}0-{SPAN}-01"),
        format!("00-{}-{SPAN}-01", &TRACE[1..]),
        format!("000-{TRACE}-{SPAN}-01"),
        format!("0-{TRACE}-{SPAN}-01"),
        // Characters: capitals, signs, a non-ASCII digit, a space.
        format!("00-{TRACE}-{SPAN}-0A"),
        format!("00-{TRACE}-{SPAN}-+1"),
        format!("00-{TRACE}-+{}-01", &SPAN[1..]),
        format!("00-+{}-{SPAN}-01", &TRACE[1..]),
        format!("+0-{TRACE}-{SPAN}-01"),
        format!("00-A{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{TRACE}-{}F-01", &SPAN[1..]),
        format!("00-{TRACE}-{SPAN}- 1"),
        format!("00-{}\u{663}-{SPAN}-01", &TRACE[2..]),
        // Delimiters.
        format!("00_{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}_{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}_01"),
        // Ids that are all zeros.
        format!("00-{}-{SPAN}-01", "0".repeat(32)),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        // Version 00 ends after the flags. Version ff is invalid. Later versions continue with a dash.
        format!("00-{TRACE}-{SPAN}-01-"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("00-{TRACE}-{SPAN}-01."),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("cc-{TRACE}-{SPAN}-01.more"),
        format!("cc-{TRACE}-{SPAN}-0"),
        format!("cc-{TRACE}-{SPAN}-011"),
        String::new(),
        "é".repeat(28),
    ];
    for value in wrong {
        assert_eq!(read(&value), None, "{value:?}");
    }
}

#[test]
fn a_valid_traceparent_is_read() {
    for (value, flags) in [
        (format!("00-{TRACE}-{SPAN}-00"), 0),
        (format!("00-{TRACE}-{SPAN}-01"), 1),
        (format!("00-{TRACE}-{SPAN}-02"), 2),
        (format!("00-{TRACE}-{SPAN}-03"), 3),
        // Undefined flags are cleared.
        (format!("00-{TRACE}-{SPAN}-ff"), 3),
        (format!("00-{TRACE}-{SPAN}-fc"), 0),
        (format!(" \t00-{TRACE}-{SPAN}-01\t "), 1),
        (format!("cc-{TRACE}-{SPAN}-01"), 1),
        (
            format!("01-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
            1,
        ),
        (format!("fe-{TRACE}-{SPAN}-01-"), 1),
    ] {
        let context = read(&value).unwrap_or_else(|| panic!("{value:?}"));
        assert_eq!(context.trace_id().to_string(), TRACE);
        assert_eq!(context.span_id().to_string(), SPAN);
        assert_eq!(context.flags().to_u8(), flags, "{value:?}");
        assert_eq!(
            context.to_traceparent(),
            format!("00-{TRACE}-{SPAN}-0{flags}")
        );
    }
}

fn extracted(headers: &[(&str, &str)]) -> Context {
    TraceContextPropagator::new()
        .extract_with_context(&Context::new(), &Headers::of(headers.iter().copied()))
}

#[test]
fn a_repeated_traceparent_starts_a_new_trace() {
    let one = format!("00-{TRACE}-{SPAN}-01");
    assert!(extracted(&[("traceparent", &one)]).has_active_span());
    for second in [one.as_str(), "", "nonsense"] {
        let context = extracted(&[("traceparent", &one), ("traceparent", second)]);
        assert!(!context.has_active_span(), "{second:?}");
    }
}

#[test]
fn a_tracestate_without_a_valid_traceparent_is_dropped() {
    for parent in ["", "00-zz"] {
        let context = extracted(&[("traceparent", parent), ("tracestate", "foo=1")]);
        assert_eq!(
            Headers::sent(&TraceContextPropagator::new(), &context),
            Headers::default()
        );
    }
}

/// Returns the flags that a span sends, given the flags of its caller and a sampler.
fn flags_of_child(caller_flags: &str, sampler: Sampler) -> String {
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let caller = extracted(&[("traceparent", &format!("00-{TRACE}-{SPAN}-{caller_flags}"))]);
    let tracer = provider.tracer("test");
    let child = caller.with_span(tracer.start_with_context("child", &caller));
    let grandchild = child.with_span(tracer.start_with_context("grandchild", &child));
    let sent = Headers::sent(&TraceContextPropagator::new(), &grandchild);
    let sent = sent
        .value("traceparent")
        .expect("a traceparent is sent")
        .to_owned();
    assert_eq!(&sent[3..35], TRACE);
    assert_ne!(&sent[36..52], SPAN);
    sent[53..].to_owned()
}

#[test]
fn the_random_flag_of_a_received_trace_does_not_change() {
    for (caller, sampled, dropped) in [
        ("00", "01", "00"),
        ("01", "01", "00"),
        ("02", "03", "02"),
        ("03", "03", "02"),
    ] {
        assert_eq!(
            flags_of_child(caller, Sampler::AlwaysOn),
            sampled,
            "{caller}"
        );
        assert_eq!(
            flags_of_child(caller, Sampler::AlwaysOff),
            dropped,
            "{caller}"
        );
    }
}

#[test]
fn the_random_flag_of_a_trace_begun_in_this_process_is_set_unless_its_ids_are_not_random() {
    let provider = SdkTracerProvider::builder().build();
    let root = Context::new().with_span(provider.tracer("test").start("root"));
    let flags = |propagator: &TraceContextPropagator| {
        let sent = Headers::sent(propagator, &root);
        sent.value("traceparent").expect("a traceparent is sent")[53..].to_owned()
    };
    assert_eq!(flags(&TraceContextPropagator::new()), "03");
    assert_eq!(
        flags(&TraceContextPropagator::new().with_random_trace_ids(false)),
        "01"
    );
}

#[test]
fn an_invalid_context_is_not_sent() {
    let invalid = SpanContext::new(
        TraceId::from(1),
        SpanId::INVALID,
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    for context in [
        Context::new(),
        Context::new().with_remote_span_context(invalid),
    ] {
        assert_eq!(
            Headers::sent(&TraceContextPropagator::new(), &context),
            Headers::default()
        );
    }
}

/// A sampler that adds a member to the list.
#[derive(Clone, Debug)]
struct Adds(&'static str, &'static str);

impl opentelemetry_sdk::trace::ShouldSample for Adds {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        _: &[opentelemetry::KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        let list = parent.map(|parent| parent.span().span_context().trace_state().clone());
        let list = list.unwrap_or_default();
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: list.insert(self.0, self.1).unwrap_or(list),
        }
    }
}

/// Returns the list that a span sends if its sampler adds `ours`.
fn list_with_own_member(received: &str, ours: Adds) -> String {
    let provider = SdkTracerProvider::builder().with_sampler(ours).build();
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let caller = extracted(&[("traceparent", &parent), ("tracestate", received)]);
    let span = provider.tracer("test").start_with_context("child", &caller);
    let sent = Headers::sent(&TraceContextPropagator::new(), &caller.with_span(span));
    sent.value("tracestate").unwrap_or_default().to_owned()
}

#[test]
fn a_member_added_in_this_process_moves_left_and_the_rest_is_unchanged() {
    assert_eq!(
        list_with_own_member("foo@@bar=1,b=2", Adds("a", "9")),
        "a=9,foo@@bar=1,b=2"
    );
    assert_eq!(
        list_with_own_member("foo@@bar=1,b=2,c=3", Adds("c", "9")),
        "c=9,foo@@bar=1,b=2"
    );
    assert_eq!(list_with_own_member("", Adds("a", "9")), "a=9");
}

#[test]
fn a_member_that_is_written_with_its_old_value_moves_left_too() {
    for (received, sent) in [
        ("a=1,b=2,own=9,c=3", "own=9,a=1,b=2,c=3"),
        ("a=1,own=9", "own=9,a=1"),
        ("own=9,a=1", "own=9,a=1"),
        ("a=1,foo@@bar=1,own=9,c=3", "own=9,a=1,foo@@bar=1,c=3"),
        ("a=1,own=8,own=9,c=3", "own=9,a=1,c=3"),
        ("a=1,a=1,own=9", "own=9,a=1,a=1"),
    ] {
        assert_eq!(list_with_own_member(received, Adds("own", "9")), sent);
    }
}

/// Returns the list that is sent after OpenTelemetry's copy of `received` was changed.
fn list_with(received: &str, change: impl Fn(&TraceState) -> TraceState) -> Option<String> {
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let caller = extracted(&[("traceparent", &parent), ("tracestate", received)]);
    let span = caller.span().span_context().clone();
    let changed = SpanContext::new(
        span.trace_id(),
        span.span_id(),
        span.trace_flags(),
        true,
        change(span.trace_state()),
    );
    let context = caller.with_remote_span_context(changed);
    let sent = Headers::sent(&TraceContextPropagator::new(), &context);
    sent.value("tracestate").map(str::to_owned)
}

#[test]
fn a_deleted_member_is_not_sent_and_the_last_written_member_is_left_most() {
    let delete = |list: &TraceState| list.delete("b").expect("the key is valid");
    let sent = list_with("foo@@bar=1,b=2,c=3", delete);
    assert_eq!(sent.as_deref(), Some("foo@@bar=1,c=3"));
    assert_eq!(list_with("b=2", delete), None);

    let write = |list: &TraceState| list.insert("x", "1").and_then(|list| list.insert("y", "2"));
    let sent = list_with("a=1,x=1,b=2", |list| {
        write(list).expect("both members are valid")
    });
    assert_eq!(sent.as_deref(), Some("y=2,x=1,a=1,b=2"));

    let wrong = |list: &TraceState| list.insert("x", "a\tb").expect("`TraceState` accepts it");
    assert_eq!(list_with("a=1", wrong).as_deref(), Some("a=1"));
}

#[test]
fn adding_to_a_full_list_removes_the_right_most_member() {
    let full: Vec<String> = (0..32).map(|n| format!("k{n}={n}")).collect();
    let sent = list_with_own_member(&full.join(","), Adds("own", "1"));
    assert_eq!(sent, format!("own=1,{}", full[..31].join(",")));
}

#[test]
fn invalid_members_of_a_list_made_by_opentelemetry_are_not_sent() {
    let made = TraceState::from_key_value([("", "1"), ("a", ""), ("b", "x\ty"), ("c", "1")])
        .expect("`TraceState` accepts them");
    let context = Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(1),
        SpanId::from(1),
        TraceFlags::SAMPLED,
        true,
        made,
    ));
    let sent = Headers::sent(&TraceContextPropagator::new(), &context);
    assert_eq!(sent.value("tracestate"), Some("c=1"));
}
