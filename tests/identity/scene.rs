//! A subscriber with OpenTelemetry's layer and stamping layers around it, in each relevant order.

pub(crate) use super::setup::{ORDERS, Order, Setup, Way};
use super::support::{Exported, Line, Lines};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};
use tracing::Dispatch;
use tracing_stamp::Stats;

/// A trace id and a span id, as a line has them.
pub(crate) type Ids = (String, String);

/// A subscriber, the lines of its stamping layers, and the exported spans.
pub(crate) struct Scene {
    pub(crate) exported: Exported,
    pub(crate) lines: Vec<Lines>,
    pub(crate) stats: Vec<Stats>,
    pub(crate) dispatch: Dispatch,
    pub(crate) way: Way,
    /// The layers know nothing yet.
    pub(crate) is_fresh: bool,
    /// OpenTelemetry's layer can be asked, and its spans record, so that their end can be observed.
    pub(crate) shows_ends: bool,
}

impl Scene {
    /// A scene with a subscriber of its own. Its stamping layers watch, and know nothing yet.
    pub(crate) fn new(
        exported: Exported,
        lines: Vec<Lines>,
        stats: Vec<Stats>,
        dispatch: Dispatch,
    ) -> Self {
        Self {
            exported,
            lines,
            stats,
            dispatch,
            way: Way::Watched,
            is_fresh: true,
            shows_ends: true,
        }
    }

    /// Whether ids may be absent from lines that need to know which ids a span has.
    pub(crate) fn may_be_unsure(&self) -> bool {
        self.way == Way::Watched && (self.is_fresh || !self.shows_ends)
    }

    pub(crate) fn run<T>(&self, f: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, f)
    }

    /// Opens and closes a span with a line in it, so that the layers learn all that a span shows.
    pub(crate) fn warm_up(&self) {
        self.run(|| {
            tracing::error_span!("warm-up").in_scope(|| tracing::error!("warm-up"));
        });
    }

    /// Forgets all lines and exported spans.
    pub(crate) fn forget(&self) {
        self.lines.iter().for_each(Lines::clear);
        self.exported.exporter.reset();
    }

    /// The only line with this message, on which all layers must agree but for its times.
    pub(crate) fn line(&self, message: &str) -> Line {
        self.the_line(message, None)
    }

    /// The only lifecycle line of this kind of the only span with this name.
    pub(crate) fn lifecycle_line(&self, kind: &str, span: &str) -> Line {
        self.the_line(kind, Some(span))
    }

    fn the_line(&self, message: &str, span: Option<&str>) -> Line {
        let mut agreed: Option<Line> = None;
        for lines in &self.lines {
            let mut found = lines.all();
            found.retain(|line| {
                line.get("message") == message
                    && span.is_none_or(|span| line.get("span_name") == span)
            });
            assert_eq!(
                found.len(),
                1,
                "lines {message:?} of {span:?} in {}",
                lines.text()
            );
            let line = found.remove(0);
            let identity = |line: &Line| {
                ["trace_id", "span_id", "trace_flags"].map(|key| line.get(key).clone())
            };
            if self.may_be_unsure() && !line.has("trace_id") {
                agreed.get_or_insert(line);
                continue;
            }
            if let Some(agreed) = &agreed
                && (!self.may_be_unsure() || agreed.has("trace_id"))
            {
                assert_eq!(
                    identity(agreed),
                    identity(&line),
                    "the layers before and after OpenTelemetry's differ on {message:?}"
                );
            }
            agreed = Some(line);
        }
        agreed.expect("a scene has a stamping layer")
    }

    /// All lifecycle lines of this kind of spans with this name, of all layers.
    pub(crate) fn lifecycle_lines(&self, kind: &str, span: &str) -> Vec<Line> {
        let mut lines: Vec<_> = self.lines.iter().flat_map(Lines::all).collect();
        lines.retain(|line| line.get("message") == kind && line.get("span_name") == span);
        lines
    }

    /// The ids on the only line with this message.
    pub(crate) fn ids(&self, message: &str) -> Found {
        self.found(ids_of(&self.line(message)))
    }

    /// The ids on the only lifecycle line of this kind of a span.
    pub(crate) fn lifecycle_ids(&self, kind: &str, span: &str) -> Found {
        self.found(ids_of(&self.lifecycle_line(kind, span)))
    }

    /// The ids on a line of this scene.
    pub(crate) fn ids_on(&self, line: &Line) -> Found {
        self.found(ids_of(line))
    }

    fn found(&self, ids: Option<Ids>) -> Found {
        Found {
            ids,
            may_be_absent: self.may_be_unsure(),
        }
    }

    /// Whether OpenTelemetry's layer reports the ids of spans, so that none may be absent.
    pub(crate) fn reports(&self) -> bool {
        self.way != Way::Watched
    }

    /// The closing line of the only span with this name has this parent. Layers that watch cannot know it, and must leave it out.
    #[track_caller]
    pub(crate) fn assert_parent(&self, span: &str, parent: Option<SpanId>) {
        let close = self.lifecycle_line("close", span);
        let expected = parent.filter(|_| self.reports());
        let expected = expected.map(|parent| parent.to_string());
        assert_eq!(
            close.get("parent_span_id").as_str(),
            expected.as_deref(),
            "the parent of {span}: {close:?}"
        );
    }

    /// The exported parent of the only span with this name.
    pub(crate) fn exported_parent(&self, span: &str) -> Option<SpanId> {
        let parent = self.exported.span(span).parent_span_id;
        Some(parent).filter(|parent| *parent != SpanId::INVALID)
    }

    /// The exported ids of the only span with this name.
    pub(crate) fn exported_ids(&self, span: &str) -> Option<Ids> {
        self.exported.ids(span)
    }
}

/// The ids on a line. If they may be absent, absent ids equal any expected ones.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) ids: Option<Ids>,
    may_be_absent: bool,
}

impl PartialEq<Option<Ids>> for Found {
    fn eq(&self, expected: &Option<Ids>) -> bool {
        self.ids == *expected || self.may_be_absent && self.ids.is_none()
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        *self == other.ids || *other == self.ids
    }
}

/// The ids of a line. Fails on a line that has only some of the three keys.
pub(crate) fn ids_of(line: &Line) -> Option<Ids> {
    let has = ["trace_id", "span_id", "trace_flags"].map(|key| line.has(key));
    assert!(
        has == [true; 3] || has == [false; 3],
        "only some of the ids on {line:?}"
    );
    line.ids()
}

/// Prints in which variant a scenario failed.
pub(crate) fn named(name: &str, scenario: impl FnOnce()) {
    if let Some(why) = failure(scenario) {
        panic!("[{name}] {why}");
    }
}

/// Runs a scenario in each variant, even after one has failed, and then fails with the names of those.
pub(crate) fn each<T>(variants: impl IntoIterator<Item = T>, scenario: impl Fn(T)) {
    let failures: Vec<_> = variants
        .into_iter()
        .filter_map(|variant| failure(|| scenario(variant)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn failure(scenario: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(scenario)).err()?;
    let why = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Some(why.to_owned())
}

/// Longer than any machine takes. Only a deadlock reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a scenario on a thread of its own. If the scenario never ends, this fails instead of hanging.
pub(crate) fn without_hanging(name: &str, scenario: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn(move || {
        scenario();
        // The receiver is gone only if the test has already failed.
        let _ = done.send(());
    });
    match is_done.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("[{name}] still not done: a deadlock"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// A context from another process.
pub(crate) fn remote(trace_id: u128, span_id: u64, flags: TraceFlags) -> Context {
    Context::new().with_remote_span_context(span_context(trace_id, span_id, flags, true))
}

/// A context of this process that is not exported: a caller of the OpenTelemetry API has made it current.
pub(crate) fn local(trace_id: u128, span_id: u64) -> Context {
    Context::new().with_remote_span_context(span_context(
        trace_id,
        span_id,
        TraceFlags::SAMPLED,
        false,
    ))
}

fn span_context(trace_id: u128, span_id: u64, flags: TraceFlags, is_remote: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from(trace_id),
        SpanId::from(span_id),
        flags,
        is_remote,
        TraceState::NONE,
    )
}

/// The ids of a context's span, as a line has them.
pub(crate) fn ids_in(context: &Context) -> Option<Ids> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid()
        .then(|| (span.trace_id().to_string(), span.span_id().to_string()))
}
