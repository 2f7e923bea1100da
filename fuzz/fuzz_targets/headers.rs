//! Parses arbitrary headers. Checks that nothing panics, that limits hold, and that sent headers do not change on a second pass.

#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::TraceContextExt as _,
};
use tracing_stamp::w3c::{BaggagePropagator, TraceContextPropagator};

/// Ordered headers, possibly several with the same name.
#[derive(Debug, Default, PartialEq)]
struct Headers(Vec<(String, String)>);

impl Injector for Headers {
    fn set(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }
}

impl Extractor for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        self.get_all(key).and_then(|all| all.first().copied())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(key, _)| key.as_str()).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let all = self.0.iter().filter(|(known, _)| known == key);
        Some(all.map(|(_, value)| value.as_str()).collect())
    }
}

fn through(headers: &Headers) -> (Context, Headers) {
    let (trace, baggage) = (TraceContextPropagator::new(), BaggagePropagator::new());
    let context = trace.extract_with_context(&Context::new(), headers);
    let context = baggage.extract_with_context(&context, headers);
    let mut sent = Headers::default();
    trace.inject_context(&context, &mut sent);
    baggage.inject_context(&context, &mut sent);
    (context, sent)
}

// The first character of each line selects the header.
fuzz_target!(|text: &str| {
    let mut headers = Headers::default();
    for line in text.split('\n') {
        let name = match line.as_bytes().first() {
            Some(b'p') => "traceparent",
            Some(b's') => "tracestate",
            Some(b'b') => "baggage",
            _ => continue,
        };
        headers.0.push((name.to_owned(), line[1..].to_owned()));
    }
    let (context, sent) = through(&headers);
    for (name, value) in &sent.0 {
        let limit = match name.as_str() {
            "traceparent" => 55,
            "tracestate" => 2_048,
            _ => 8_192,
        };
        assert!(value.len() <= limit, "{name}: {value}");
        assert!(
            value.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{name}: {value}"
        );
    }
    assert_eq!(
        sent.get("traceparent").is_some(),
        context.span().span_context().is_valid()
    );
    assert_eq!(through(&sent).1, sent);
});
