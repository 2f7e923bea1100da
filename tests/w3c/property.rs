//! No input panics. What is written is read back, and what is read is written unchanged.

use super::Headers;
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    propagation::TextMapPropagator as _,
    trace::{SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tracing_stamp::{
    TraceContext,
    w3c::{BaggagePropagator, TraceContextPropagator, Tracestate},
};

/// Generates text that is usually close to valid.
fn near(alphabet: &'static str) -> impl Strategy<Value = String> {
    let chars: Vec<char> = alphabet.chars().collect();
    prop_oneof![
        9 => prop::collection::vec(prop::sample::select(chars), 0..80).prop_map(String::from_iter),
        1 => any::<String>(),
    ]
}

fn through(
    propagator: &dyn opentelemetry::propagation::TextMapPropagator,
    headers: &Headers,
) -> Headers {
    Headers::sent(
        propagator,
        &propagator.extract_with_context(&Context::new(), headers),
    )
}

proptest! {
    #[test]
    fn a_traceparent_reads_back_unchanged(trace_id in 1u128.., span_id in 1u64.., flags in 0u8..4) {
        let flags = TraceFlags::new(flags);
        let context = TraceContext::new(TraceId::from(trace_id), SpanId::from(span_id), flags);
        let context = context.expect("no zeros");
        prop_assert_eq!(TraceContext::from_traceparent(&context.to_traceparent()), Some(context));
    }

    #[test]
    fn a_traceparent_that_was_read_keeps_its_meaning_when_it_is_written(text in near("0123456789abcdef-")) {
        if let Some(context) = TraceContext::from_traceparent(&text) {
            let written = context.to_traceparent();
            prop_assert_eq!(TraceContext::from_traceparent(&written), Some(context));
        }
    }

    #[test]
    fn a_tracestate_reads_back_unchanged(members in prop::collection::vec(("[a-z0-9][a-z0-9_*/@-]{0,20}", "[ -+--<>-~]{0,20}[!-+--<>-~]"), 0..32)) {
        let text: Vec<String> = members.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let list: Tracestate = text.join(",").parse().expect("the list is valid");
        let read: Vec<(&str, &str)> = list.iter().collect();
        let expected: Vec<(&str, &str)> = members.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn a_list_is_extracted_as_it_is_parsed(
        members in prop::collection::vec(
            ("[a-c0@_A]{1,3}|[a-c0@_A =,é\t]{0,3}|a{255,257}", "[!~a]{1,3}|[!~a= ,\t\u{7f}é]{0,3}|b{255,257}"),
            0..4,
        ),
        copies in prop_oneof![9 => 1..3_usize, 1 => 10..40_usize],
        end in "[, ]?",
    ) {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let text = vec![members.join(","); copies].join(",") + &end;
        let parent = ("traceparent", "00-12345678901234567890123456789012-1234567890123456-03");
        let headers = Headers::of([parent, ("tracestate", text.as_str())]);
        let context = TraceContextPropagator::new().extract(&headers);
        let parsed = text.parse::<Tracestate>().ok().filter(|list| !list.is_empty());
        prop_assert_eq!(Tracestate::of(&context), parsed.as_ref());
        if let Some(list) = parsed && let Ok(expected) = TraceState::from_key_value(list.iter()) {
            let span = context.span();
            prop_assert_eq!(span.span_context().trace_state(), &expected);
        }
    }

    #[test]
    fn trace_headers_do_not_change_on_the_second_pass(parent in near("0123456789abcdef-"), lines in prop::collection::vec(near("abc019_-*/@=, \t"), 0..4)) {
        let right = "00-12345678901234567890123456789012-1234567890123456-03";
        for parent in [parent.as_str(), right] {
            let lines = lines.iter().map(|line| ("tracestate", line.as_str()));
            let headers = Headers::of(std::iter::once(("traceparent", parent)).chain(lines));
            let once = through(&TraceContextPropagator::new(), &headers);
            prop_assert_eq!(&through(&TraceContextPropagator::new(), &once), &once);
        }
    }

    #[test]
    fn a_baggage_reads_back_unchanged(members in prop::collection::btree_map("[!#-'*+.0-9A-Z^_`a-z|~-]{1,10}", any::<String>(), 0..20)) {
        let context = Context::new().with_baggage(members.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())));
        let sent = Headers::sent(&BaggagePropagator::new(), &context);
        let read = BaggagePropagator::new().extract_with_context(&Context::new(), &sent);
        let read: BTreeMap<String, String> =
            read.baggage().iter().map(|(key, (value, _))| (key.to_string(), value.to_string())).collect();
        if sent.value("baggage").is_none_or(|header| header.len() < 8_000) {
            prop_assert_eq!(read, members);
        }
    }

    #[test]
    fn a_baggage_header_does_not_change_on_the_second_pass(lines in prop::collection::vec(near("ab=;, \t%2Cé\\\""), 0..4)) {
        let headers = Headers::of(lines.iter().map(|line| ("baggage", line.as_str())));
        let once = through(&BaggagePropagator::new(), &headers);
        prop_assert_eq!(&through(&BaggagePropagator::new(), &once), &once);
    }
}
