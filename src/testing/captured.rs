use super::{line::Line, memory::Memory};
use crate::{
    schema::Schema,
    setup::{Format, Setup, redact_spans, setup},
};
use log_files::{KeyNames, LineReader};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData};
use std::time::Duration;
use tracing_core::dispatcher;

/// How long to wait until everything is flushed to memory.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(60);

/// The lines that a scope logged, and the spans that ended in it.
///
/// ```
/// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
/// assert_eq!(captured.lines().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Captured {
    lines: Vec<Line>,
    spans: Vec<SpanData>,
}

/// Runs a closure under its own subscriber, with all levels enabled, and captures what it logs. This includes jobs on other threads if
/// they are [carried](crate::carry). Every trace is sampled.
///
/// # Panics
///
/// If `run` panics, or if an environment variable of the set-up has an invalid value.
///
/// ```
/// let (sum, captured) = tracing_stamp::testing::capture(|| {
///     tracing::debug!("adding");
///     1 + 1
/// });
/// assert_eq!((sum, captured.line("adding").level()), (2, "DEBUG"));
/// ```
///
/// ```
/// use tracing_stamp::{carry::carry, testing::capture};
///
/// let ((), captured) = capture(|| {
///     let job = carry(|| tracing::info!("on another thread"));
///     std::thread::spawn(job).join().expect("no panic");
/// });
/// assert_eq!(captured.lines().len(), 1);
/// ```
pub fn capture<T>(run: impl FnOnce() -> T) -> (T, Captured) {
    capture_with(
        setup().with_filter("trace").with_schema(Schema::otel()),
        run,
    )
}

/// Like [`capture`], with the given set-up. Its writer, format and tracer provider are replaced.
///
/// # Panics
///
/// If `run` panics, or if the set-up is invalid.
///
/// ```
/// use tracing_stamp::{setup, testing::capture_with};
///
/// let setup = setup().with_service_name("orders").with_filter("info");
/// let ((), captured) = capture_with(setup, || {
///     tracing::info!("hello");
///     tracing::debug!("too low");
/// });
/// assert_eq!(captured.lines().len(), 1);
/// assert_eq!(captured.line("hello").get("service.name"), Some(&"orders".into()));
/// ```
pub fn capture_with<T>(setup: Setup, run: impl FnOnce() -> T) -> (T, Captured) {
    let (lines, spans) = (Memory::<u8>::default(), Memory::<SpanData>::default());
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOn)
        .with_simple_exporter(spans.clone());
    let built = setup
        .with_tracer_provider(provider.build())
        .with_format(Format::Json)
        .with_writer(lines.clone())
        .build();
    let (dispatch, guard) = built.unwrap_or_else(|error| panic!("the set-up is invalid: {error}"));
    let reader = LineReader::new(Some(&KeyNames::from(guard.schema())));
    let redactor = guard.redactor().cloned();
    let result = dispatcher::with_default(&dispatch, run);
    let report = guard.shutdown(FLUSH_TIMEOUT);
    assert!(
        report.is_complete(),
        "some lines or spans were not captured: {report:?}"
    );
    let lines = lines.take();
    let lines = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let parse = |line: &[u8]| match Line::parse(line, &reader) {
        Ok(line) => line,
        Err(error) => panic!(
            "the line is not valid JSON: {error} in {}",
            String::from_utf8_lossy(line)
        ),
    };
    let mut spans = spans.take();
    if let Some(redactor) = &redactor {
        redact_spans(&mut spans, redactor);
    }
    let captured = Captured {
        lines: lines.map(parse).collect(),
        spans,
    };
    (result, captured)
}

impl Captured {
    /// Returns all lines, in order.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].message(), "hello");
    /// ```
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the only line with this message.
    ///
    /// # Panics
    ///
    /// If there is no such line, or more than one.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.line("hello").level(), "INFO");
    /// ```
    #[must_use]
    pub fn line(&self, message: &str) -> &Line {
        let mut found = self.lines.iter().filter(|line| line.message() == message);
        match (found.next(), found.next()) {
            (Some(line), None) => line,
            (None, _) => panic!("no line has the message {message:?}: {:#?}", self.lines),
            _ => panic!(
                "more than one line has the message {message:?}: {:#?}",
                self.lines
            ),
        }
    }

    /// Returns all spans that ended, in the order in which they ended. They are redacted as spans that are exported.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info_span!("checkout").in_scope(|| ()));
    /// assert_eq!(captured.spans()[0].name, "checkout");
    /// ```
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| drop(tracing::info_span!("login", password = "hunter2")));
    /// let span = format!("{:?}", captured.spans()[0]);
    /// assert!(span.contains("[redacted]") && !span.contains("hunter2"));
    /// ```
    #[must_use]
    pub fn spans(&self) -> &[SpanData] {
        &self.spans
    }

    /// Returns the only span with this name.
    ///
    /// # Panics
    ///
    /// If there is no such span, or more than one.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info_span!("checkout").in_scope(|| ()));
    /// assert!(captured.span("checkout").span_context.is_sampled());
    /// ```
    #[must_use]
    pub fn span(&self, name: &str) -> &SpanData {
        let mut found = self.spans.iter().filter(|span| span.name == name);
        match (found.next(), found.next()) {
            (Some(span), None) => span,
            (None, _) => panic!("no span has the name {name:?}: {:#?}", self.spans),
            _ => panic!(
                "more than one span has the name {name:?}: {:#?}",
                self.spans
            ),
        }
    }

    /// Asserts that each line logged in a span has the ids of a span that ended, and that this span has the name on the line.
    ///
    /// # Panics
    ///
    /// If this does not hold for a line.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| {
    ///     tracing::info_span!("checkout").in_scope(|| tracing::info!("hello"));
    /// });
    /// captured.assert_ids_agree();
    /// ```
    pub fn assert_ids_agree(&self) {
        for line in &self.lines {
            let Some(name) = line.get("span_name").and_then(|name| name.as_str()) else {
                continue;
            };
            let has_same_ids = |span: &&SpanData| {
                Some(span.span_context.span_id()) == line.span_id()
                    && Some(span.span_context.trace_id()) == line.trace_id()
            };
            match self.spans.iter().find(has_same_ids) {
                // A request's span is exported under a name by OpenTelemetry's conventions, which differs from its name in `tracing`.
                Some(span) if is_request(span) => {}
                Some(span) => assert_eq!(
                    span.name, name,
                    "the name of the span with the ids of {line:#?}"
                ),
                None => panic!(
                    "no span that ended has the ids of {line:#?}: {:#?}",
                    self.spans
                ),
            }
        }
    }
}

fn is_request(span: &SpanData) -> bool {
    let keys = ["http.request.method", "rpc.method"];
    span.attributes
        .iter()
        .any(|attribute| keys.contains(&attribute.key.as_str()))
}
