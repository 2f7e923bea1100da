use super::written::{SharedEnvFilter, WrittenFilter};
use std::{fmt, sync::Arc, time::Duration};
use tracing_core::{LevelFilter, Metadata};
use tracing_subscriber::filter::Targets;

/// What a layer holds in memory until its trace fails, for [`StampLayer::with_hold`](crate::StampLayer::with_hold).
///
/// The layer writes the events up to a [level](Self::with_written), and holds the others that it sees, if they belong to a trace. It encodes
/// them at once, on the thread that logs, so a held line has the time, the ids and the fields that it would have had.
///
/// The held lines of a trace are **released** when, in this process,
///
/// - the layer writes an ERROR event of the trace ([`with_release_level`](Self::with_release_level)), or a
///   [burst](crate::StampLayer::with_burst) leaves it out,
/// - a local root span, which is usually the request's, ends with an error ([`with_released_by`](Self::with_released_by) selects other
///   spans): its field `otel.status_code` is `ERROR`, `http.response.status_code` is 500 or more, or it has an `error.type`; or a panic
///   has left the span,
/// - such a span has taken longer than a [threshold](Self::with_slow_after),
/// - the trace is given a [level](crate::trace_level), and an event of it is written,
/// - or [`release`](super::release) is called.
///
/// They are written in the order of their times, before the line that released them, and have `"held":true`. Further lines of the trace are
/// written at once, until its last local root span ends.
///
/// They are **dropped** when
///
/// - the last local root span of the trace ends otherwise,
/// - they are older than a [limit](Self::with_max_age), in a trace that has no span of `tracing` here,
/// - or they need more memory than is allowed [for a trace](Self::with_max_trace_bytes) or [in all](Self::with_max_bytes): the oldest
///   first.
///
/// [`Stats`](crate::Stats) counts them. If lines of a trace were dropped for lack of memory and it is released later, a line
/// `held lines dropped` says how many.
///
/// A local root span is a span whose parent is in another process or another trace, or that has none.
///
/// ```
/// use tracing::level_filters::LevelFilter;
/// use tracing_stamp::{Hold, opentelemetry::trace::TracerProvider};
/// use tracing_subscriber::prelude::*;
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
/// let otel = tracing_stamp::otel_layer(provider.tracer("shop"), |layer| layer);
/// let stamp = tracing_stamp::layer()
///     .with_hold(Hold::new().with_written(LevelFilter::INFO))
///     .with_filter(LevelFilter::DEBUG);
/// let subscriber = tracing_subscriber::registry().with(otel).with(stamp);
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("request", order = 1017).in_scope(|| {
///         tracing::debug!("3 items in stock"); // written only because of the error
///         tracing::error!("payment refused");
///     });
///     tracing::info_span!("request", order = 1018).in_scope(|| {
///         tracing::debug!("5 items in stock"); // never written
///     });
/// });
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until it is given to a layer"]
pub struct Hold {
    pub(crate) written: WrittenFilter,
    pub(crate) release_level: LevelFilter,
    pub(crate) slow_after: Option<Duration>,
    pub(crate) released_by: ReleasedBy,
    pub(crate) releases_on_panic: bool,
    #[cfg_attr(
        not(feature = "setup"),
        allow(dead_code, reason = "only the guard of `init` shuts down")
    )]
    pub(crate) releases_at_shutdown: bool,
    pub(crate) max_age: Duration,
    pub(crate) max_trace_bytes: usize,
    pub(crate) max_bytes: usize,
}

/// Which spans release their trace by their end.
#[derive(Clone)]
pub(crate) enum ReleasedBy {
    LocalRoots,
    Selected(Arc<dyn Fn(&Metadata<'_>) -> bool + Send + Sync>),
}

impl Hold {
    /// Holds events more verbose than INFO, up to 64 KiB for a trace and 16 MiB in all.
    pub fn new() -> Self {
        Self {
            written: WrittenFilter::Level(LevelFilter::INFO),
            release_level: LevelFilter::ERROR,
            slow_after: None,
            released_by: ReleasedBy::LocalRoots,
            releases_on_panic: true,
            releases_at_shutdown: false,
            max_age: Duration::from_secs(30),
            max_trace_bytes: 64 << 10,
            max_bytes: 16 << 20,
        }
    }

    /// Sets the most verbose level that is written at once; INFO by default. With `init`, `RUST_LOG` decides instead.
    pub fn with_written(self, level: LevelFilter) -> Self {
        let written = WrittenFilter::Level(level);
        Self { written, ..self }
    }

    /// Sets by target which events are written at once. With `init`, `RUST_LOG` decides instead.
    ///
    /// ```
    /// use tracing_stamp::Hold;
    ///
    /// let hold = Hold::new().with_written_targets("info,shop=debug".parse()?);
    /// # let _ = hold;
    /// # Ok::<(), tracing_subscriber::filter::ParseError>(())
    /// ```
    pub fn with_written_targets(self, targets: Targets) -> Self {
        let written = WrittenFilter::Targets(Box::new(targets));
        Self { written, ..self }
    }

    /// The filter of `init` says which events are written at once.
    #[cfg_attr(
        not(feature = "setup"),
        allow(dead_code, reason = "only `init` has such a filter")
    )]
    pub(crate) fn with_written_filter(self, filter: SharedEnvFilter) -> Self {
        let written = WrittenFilter::Env(filter);
        Self { written, ..self }
    }

    /// Sets the level of events that release their trace: this one and those above it; ERROR by default, and none with `OFF`.
    pub fn with_release_level(self, release_level: LevelFilter) -> Self {
        Self {
            release_level,
            ..self
        }
    }

    /// Releases a trace whose local root span has taken longer than this when it ends. By default no duration does.
    pub fn with_slow_after(self, threshold: Duration) -> Self {
        Self {
            slow_after: Some(threshold),
            ..self
        }
    }

    /// Sets which spans release their trace by ending with an error or too late, in place of the local root spans.
    pub fn with_released_by(
        self,
        spans: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            released_by: ReleasedBy::Selected(Arc::new(spans)),
            ..self
        }
    }

    /// Sets whether a panic releases; on by default.
    ///
    /// A panic that leaves a local root span releases its trace. If the process was set up by `init`, then the line of a panic does too,
    /// even if the panic is caught within the span, and all traces are released where a panic ends the process: by `panic = "abort"`,
    /// or if the guard of `init` is dropped by a panic.
    pub fn with_release_on_panic(self, releases_on_panic: bool) -> Self {
        Self {
            releases_on_panic,
            ..self
        }
    }

    /// Sets whether all traces are released when the guard of `init` shuts logging down; off by default, so the lines that are held then
    /// are dropped.
    pub fn with_release_at_shutdown(self, releases_at_shutdown: bool) -> Self {
        Self {
            releases_at_shutdown,
            ..self
        }
    }

    /// Sets how long a line is held in a trace that has no span of `tracing` in this process; 30 seconds by default. Such a trace has no end
    /// that a layer could see.
    pub fn with_max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Sets the memory for the lines of one trace, in bytes; 65,536 by default, and at least 1,024. A longer line is not held.
    pub fn with_max_trace_bytes(self, bytes: usize) -> Self {
        let max_trace_bytes = bytes.max(1_024);
        Self {
            max_trace_bytes,
            ..self
        }
    }

    /// Sets the memory for the lines of all traces of a layer, in bytes; 16,777,216 by default. Besides, each trace that is held needs less
    /// than a kilobyte.
    pub fn with_max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// Whether an event of this level releases its trace.
    #[inline]
    pub(crate) fn is_released_by_event(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.release_level
            && (self.releases_on_panic || metadata.target() != "panic")
    }

    /// Whether the end of a span can release its trace.
    pub(crate) fn is_released_by_span(&self, metadata: &Metadata<'_>, is_root: bool) -> bool {
        match &self.released_by {
            ReleasedBy::LocalRoots => is_root,
            ReleasedBy::Selected(is_selected) => is_selected(metadata),
        }
    }
}

impl Default for Hold {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("release_level", &self.release_level)
            .field("slow_after", &self.slow_after)
            .field("max_age", &self.max_age)
            .field("max_trace_bytes", &self.max_trace_bytes)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
