use super::{line::Line, memory::Memory};
use crate::{
    schema::Schema,
    setup::{Format, Setup, setup},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData};
use std::time::Duration;
use tracing_core::dispatcher;

/// So long a capture waits for its own memory.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a scope has logged, and the spans that ended in it.
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

/// Runs something under a subscriber of its own, with all levels on, and captures what it logs on this thread, and on others what
/// is [carried](crate::carry) there. Every trace is sampled.
///
/// # Panics
///
/// When `run` does, or the environment has a wrong value.
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

/// The same under a set-up of one's own, of which writer and provider are replaced.
///
/// # Panics
///
/// When `run` does, or the set-up is wrong.
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
    let (dispatch, guard) = built.unwrap_or_else(|error| panic!("the set-up is wrong: {error}"));
    let schema = guard.schema().clone();
    let result = dispatcher::with_default(&dispatch, run);
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_complete(), "not all was captured: {report:?}");
    let lines = lines.take();
    let lines = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let parse = |line: &[u8]| match Line::parse(line, &schema) {
        Ok(line) => line,
        Err(error) => panic!("{error} in {}", String::from_utf8_lossy(line)),
    };
    let captured = Captured {
        lines: lines.map(parse).collect(),
        spans: spans.take(),
    };
    (result, captured)
}

impl Captured {
    /// All lines, in order.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info!("hello"));
    /// assert_eq!(captured.lines()[0].message(), "hello");
    /// ```
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The only line with this message.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
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
            (None, _) => panic!("no line {message:?} among {:#?}", self.lines),
            _ => panic!("more than one line {message:?} among {:#?}", self.lines),
        }
    }

    /// All spans that ended, in the order of their ends.
    ///
    /// ```
    /// let ((), captured) = tracing_stamp::testing::capture(|| tracing::info_span!("checkout").in_scope(|| ()));
    /// assert_eq!(captured.spans()[0].name, "checkout");
    /// ```
    #[must_use]
    pub fn spans(&self) -> &[SpanData] {
        &self.spans
    }

    /// The only span of this name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
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
            (None, _) => panic!("no span {name:?} among {:#?}", self.spans),
            _ => panic!("more than one span {name:?} among {:#?}", self.spans),
        }
    }

    /// Asserts that each line which was logged in a span has the ids of a span that ended, and that is called as the line says.
    ///
    /// # Panics
    ///
    /// When one has not.
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
            let is_of = |span: &&SpanData| {
                Some(span.span_context.span_id()) == line.span_id()
                    && Some(span.span_context.trace_id()) == line.trace_id()
            };
            match self.spans.iter().find(is_of) {
                // The span of a request has its name by OpenTelemetry's conventions, and another in `tracing`.
                Some(span) if is_of_request(span) => {}
                Some(span) => assert_eq!(span.name, name, "the span that {line:#?} names"),
                None => panic!(
                    "no span that ended has the ids of {line:#?}, among {:#?}",
                    self.spans
                ),
            }
        }
    }
}

fn is_of_request(span: &SpanData) -> bool {
    let keys = ["http.request.method", "rpc.method"];
    span.attributes
        .iter()
        .any(|attribute| keys.contains(&attribute.key.as_str()))
}
