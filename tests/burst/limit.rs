//! Which lines are written.

use super::{HOUR, is_summary, lines, lines_with, support::Lines, suppressed, values};
use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};
use tracing::{Level, level_filters::LevelFilter};
use tracing_stamp::{Burst, ContextSource, TraceContext};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

fn count(numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        tracing::warn!(number, "counted");
    }
}

#[test]
fn the_first_lines_are_written_and_then_every_so_many_th() {
    let burst = Burst::per_call_site(3, HOUR).then_every(4);
    let lines = lines(burst, || count(1..=13));
    let expected = [("1", 0), ("2", 0), ("3", 0), ("7", 3), ("11", 3)];
    let expected = expected.map(|(number, suppressed)| (number.to_owned(), suppressed));
    assert_eq!(values(&lines, "number"), expected);
    let last = lines.last().expect("a summary");
    assert!(is_summary(last));
    assert_eq!(suppressed(last), 2);
}

#[test]
fn without_then_every_only_the_first_lines_are_written() {
    let lines = lines(Burst::per_call_site(2, HOUR), || count(1..=1_000));
    assert_eq!(lines.len(), 3);
    assert_eq!(suppressed(&lines[2]), 998);
}

#[test]
fn a_new_period_begins_with_the_first_line_after_the_last_period() {
    let period = Duration::from_millis(50);
    let lines = lines(Burst::per_call_site(2, period), || {
        let begin = Instant::now();
        while begin.elapsed() < 3 * period {
            count(1..=1);
        }
    });
    let numbers = values(&lines, "number");
    let carrying = numbers.iter().filter(|(_, suppressed)| *suppressed > 0);
    assert!(carrying.count() >= 2, "{numbers:?}");
    // Two lines per period, also if the machine stops for a while.
    assert!((4..=8).contains(&numbers.len()), "{numbers:?}");
    // The first line of a period reports what was left out in the last one.
    for (index, (_, suppressed)) in numbers.iter().enumerate() {
        assert!(index % 2 == 0 || *suppressed == 0, "{numbers:?}");
    }
}

#[test]
fn each_call_site_has_its_own_limit() {
    let lines = lines(Burst::per_call_site(1, HOUR), || {
        for _ in 0..3 {
            tracing::warn!("one");
            tracing::info!("other");
        }
    });
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line.get("message").clone())
        .collect();
    assert_eq!(messages[..2], ["one", "other"]);
    let mut summaries: Vec<_> = lines[2..]
        .iter()
        .map(|line| (line.get("level").to_string(), suppressed(line)))
        .collect();
    summaries.sort();
    let expected = [("\"INFO\"".to_owned(), 2), ("\"WARN\"".to_owned(), 2)];
    assert_eq!(summaries, expected);
}

fn log_at_all_levels() {
    for _ in 0..2 {
        tracing::error!("hello");
        tracing::warn!("hello");
        tracing::info!("hello");
        tracing::debug!("hello");
        tracing::trace!("hello");
    }
}

#[test]
fn errors_are_not_limited_unless_the_burst_says_so() {
    let written = |burst: Burst| {
        let mut lines = lines(burst, log_at_all_levels);
        lines.retain(|line| !is_summary(line));
        lines.len()
    };
    let burst = || Burst::per_call_site(1, HOUR);
    assert_eq!(written(burst()), 6);
    assert_eq!(written(burst().at_and_below(Level::ERROR)), 5);
    assert_eq!(written(burst().at_and_below(Level::DEBUG)), 8);
}

#[test]
fn lines_of_a_spans_life_are_not_limited() {
    let configure = |layer: tracing_stamp::StampLayer| {
        layer
            .with_span_events(FmtSpan::CLOSE)
            .with_burst(Burst::per_call_site(1, HOUR).at_and_below(Level::ERROR))
    };
    let lines = lines_with(configure, || {
        for _ in 0..5 {
            tracing::info_span!("job").in_scope(|| ());
        }
    });
    assert_eq!(lines.len(), 5);
}

#[test]
fn each_layer_has_its_own_limit() {
    let (few, many) = (Lines::default(), Lines::default());
    let layer = |first, lines: &Lines| {
        tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_burst(Burst::per_call_site(first, HOUR))
    };
    let subscriber = tracing_subscriber::registry()
        .with(layer(1, &few))
        .with(layer(4, &many));
    tracing::subscriber::with_default(subscriber, || count(1..=9));
    assert_eq!((few.all().len(), many.all().len()), (1 + 1, 4 + 1));
    assert_eq!(suppressed(&few.all()[1]), 8);
    assert_eq!(suppressed(&many.all()[4]), 5);
}

/// No trace is sampled.
struct Unsampled;

impl ContextSource for Unsampled {
    fn current(&self) -> Option<TraceContext> {
        let sampled = super::support::context()?;
        TraceContext::new(
            sampled.trace_id(),
            sampled.span_id(),
            tracing_stamp::opentelemetry::trace::TraceFlags::default(),
        )
    }
}

#[test]
fn lines_that_are_left_out_for_another_reason_do_not_count() {
    let layer = |lines: &Lines| {
        tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_context_source(Unsampled)
            .with_unsampled_max_level(LevelFilter::INFO)
            .with_burst(Burst::per_call_site(1, HOUR))
    };
    let lines = Lines::default();
    let unsampled = layer(&lines);
    let stats = unsampled.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(unsampled), || {
        (0..3).for_each(|_| tracing::debug!("contextual"));
        (0..3).for_each(|_| tracing::debug!(parent: None, "outside of any trace"));
    });
    assert_eq!((stats.suppressed(), lines.text().as_str()), (0, ""));
    let filtered = layer(&lines);
    let stats = filtered.stats();
    let subscriber = tracing_subscriber::registry().with(filtered.with_filter(LevelFilter::ERROR));
    tracing::subscriber::with_default(subscriber, || count(1..=3));
    assert_eq!((stats.suppressed(), lines.text().as_str()), (0, ""));
}

/// Counts how often it is formatted.
struct Formatted<'a>(&'a Cell<u32>);

impl fmt::Debug for Formatted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("formatted")
    }
}

#[test]
fn values_of_lines_that_are_left_out_are_not_formatted() {
    let formatted = Cell::new(0);
    let lines = lines(Burst::per_call_site(2, HOUR), || {
        (0..10).for_each(|_| tracing::info!(value = ?Formatted(&formatted), "hello"));
    });
    assert_eq!((lines.len(), formatted.get()), (3, 2));
}

/// Panics the second time that it is formatted.
struct Panics<'a>(&'a Cell<u32>);

impl fmt::Debug for Panics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        assert_ne!(self.0.get(), 2, "as the test expects");
        f.write_str("formatted")
    }
}

#[test]
fn the_number_is_not_lost_if_a_value_panics() {
    let formatted = Cell::new(0);
    let lines = lines(Burst::per_call_site(1, HOUR).then_every(3), || {
        let log = || tracing::info!(value = ?Panics(&formatted), "hello");
        (0..3).for_each(|_| log());
        catch_unwind(AssertUnwindSafe(log)).expect_err("the fourth line is written, and panics");
        (0..3).for_each(|_| log());
    });
    let numbers: Vec<_> = lines.iter().map(suppressed).collect();
    assert_eq!(numbers, [0, 4]);
}

#[test]
fn the_number_comes_before_the_users_fields_and_its_key_is_reserved() {
    let lines = lines(Burst::per_call_site(1, HOUR).then_every(2), || {
        let span = tracing::info_span!("job", suppressed = "by span").entered();
        (0..3).for_each(|_| tracing::info!(suppressed = "by event", "hello"));
        drop(span);
    });
    let fixed = ["timestamp", "level", "message", "target", "span_name"];
    assert_eq!(
        lines[0].keys(),
        [&fixed[..], &["field.suppressed"]].concat()
    );
    let keys = [&fixed[..], &["suppressed", "field.suppressed"]].concat();
    assert_eq!(lines[1].keys(), keys);
    assert_eq!(suppressed(&lines[1]), 1);
}

#[test]
fn a_setting_after_the_burst_keeps_it() {
    let configure = |layer: tracing_stamp::StampLayer| {
        layer
            .with_burst(Burst::per_call_site(1, HOUR))
            .with_file(true)
            .with_parent_span_id(true)
    };
    let lines = lines_with(configure, || count(1..=3));
    assert_eq!(lines.len(), 2);
    assert_eq!(*lines[1].get("file"), file!());
}

#[test]
fn the_last_burst_of_a_layer_counts() {
    let configure = |layer: tracing_stamp::StampLayer| {
        layer
            .with_burst(Burst::per_call_site(1, HOUR))
            .with_burst(Burst::per_call_site(2, HOUR))
    };
    assert_eq!(lines_with(configure, || count(1..=5)).len(), 3);
}

#[test]
fn all_lines_of_a_trace_that_was_given_a_level_are_written() {
    use opentelemetry::trace::TracerProvider as _;
    use tracing_subscriber::prelude::*;
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
    let otel = tracing_stamp::otel_layer(provider.tracer("test"), |layer| layer);
    let lines = crate::support::Lines::default();
    let layer = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_burst(Burst::per_call_site(1, HOUR));
    let stats = layer.stats();
    tracing::subscriber::with_default(
        tracing_subscriber::registry().with(otel).with(layer),
        || {
            let storm = || (0..10).for_each(|_| tracing::warn!("connection slow"));
            tracing::info_span!("request").in_scope(storm);
            tracing::info_span!("request").in_scope(|| {
                tracing_stamp::trace_level::set(tracing::Level::WARN);
                storm();
            });
        },
    );
    assert_eq!(stats.suppressed(), 9);
    assert_eq!(stats.stamped(), 11);
}
