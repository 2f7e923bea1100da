//! Rules that hold with every version of OpenTelemetry, compared with the spans that the version's own exporter receives.
//!
//! `run.sh` compiles this once for each version.

mod stage;

use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _, trace::TraceContextExt as _};
use opentelemetry_sdk::trace::Sampler;
use serde_json::Value;
use stage::{Stage, remote, set_parent, version};
use std::thread;
use tracing::{info, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

#[test]
fn nested_spans_stamp_their_own_lines() {
    for outcome in Stage::new().play(|| {
        for _ in 0..2 {
            let _request = info_span!("request").entered();
            info!("in request");
            let _handler = info_span!("handler").entered();
            info!("in handler");
            drop(info_span!("query").entered());
            info!("after query");
        }
    }) {
        let request = outcome.span("request");
        assert_eq!(
            outcome.span("handler").parent_span_id.as_ref(),
            Some(&request.span_id)
        );
        // There are two rounds, and each line belongs to a span of its own round.
        let lines = outcome.lines("in handler");
        assert_ne!(lines[0]["trace_id"], lines[1]["trace_id"]);
        assert_eq!(lines[0]["trace_id"], request.trace_id.as_str());
        assert_eq!(
            lines[0]["span_id"],
            outcome.span("handler").span_id.as_str()
        );
        assert_eq!(
            outcome.lines("after query")[0]["span_id"],
            outcome.span("handler").span_id.as_str()
        );
        assert_eq!(
            outcome.lines("in request")[0]["span_id"],
            request.span_id.as_str()
        );
    }
}

#[test]
fn an_explicit_parent_that_was_entered_decides() {
    for outcome in Stage::new().play(|| {
        let other = info_span!("other");
        other.in_scope(|| info!("warm"));
        let _request = info_span!("request").entered();
        info!(parent: &other, "named");
        info!(parent: None, "without");
        info!("unnamed");
    }) {
        // A layer that watches contexts, and comes before OpenTelemetry's, knows no span's own ids until a span has closed.
        if outcome.is_certain() {
            outcome.is_stamped("named", "other");
        } else {
            outcome.is_stamped_or_bare("named", "other");
        }
        outcome.is_stamped("unnamed", "request");
        assert_eq!(outcome.lines("without")[0].get("trace_id"), None);
    }
}

#[test]
fn once_a_span_has_closed_every_explicit_parent_that_was_entered_stamps() {
    for outcome in Stage::new().play(|| {
        info_span!("warm").in_scope(|| info!("warm"));
        let other = info_span!("other");
        other.in_scope(|| info!("in other"));
        let _request = info_span!("request").entered();
        info!(parent: &other, "named");
    }) {
        outcome.is_stamped("named", "other");
        outcome.is_stamped("in other", "other");
    }
}

#[test]
fn an_explicit_parent_that_was_not_entered_has_its_own_ids_or_none() {
    for outcome in Stage::new().play(|| {
        let other = info_span!("other");
        let _request = info_span!("request").entered();
        info!(parent: &other, "named");
        drop(other);
    }) {
        // A span that has not started has no ids yet, unless the version gives them at creation.
        if cfg!(keeps_ids) {
            outcome.is_stamped("named", "other");
        } else {
            outcome.is_stamped_or_bare("named", "other");
        }
    }
}

#[test]
fn a_parent_set_before_the_first_line_is_on_every_line() {
    for outcome in Stage::new()
        .span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .play(|| {
            let request = info_span!("request");
            set_parent(&request, remote(0xabc, 0xdef));
            let _request = request.entered();
            info!("in request");
            let _handler = info_span!("handler").entered();
            info!("in handler");
        })
    {
        outcome.is_stamped("in request", "request");
        outcome.is_stamped("in handler", "handler");
        assert_eq!(outcome.span("request").trace_id, format!("{:032x}", 0xabc));
        let closing = outcome.lines("close");
        let request = closing
            .iter()
            .find(|line| line["span_name"] == "request")
            .unwrap();
        assert_eq!(request["trace_id"], format!("{:032x}", 0xabc));
    }
}

#[test]
fn a_parent_set_within_the_span_leaves_lines_of_the_span_or_none() {
    for outcome in Stage::new().play(|| {
        let request = info_span!("request");
        let _entered = request.clone().entered();
        set_parent(&request, remote(0xabc, 0xdef));
        info!("in request");
    }) {
        // Since 0.32 the span has started by then, and keeps its ids. Before, it changes them.
        outcome.is_stamped("in request", "request");
    }
}

#[test]
fn a_remote_context_outside_any_span_stamps() {
    for outcome in Stage::new().play(|| {
        let _context = remote(0xabc, 0xdef).attach();
        info!("in a remote context");
        info_span!("request").in_scope(|| info!("in request"));
    }) {
        let line = outcome.lines("in a remote context")[0];
        assert_eq!(line["trace_id"], format!("{:032x}", 0xabc));
        assert_eq!(line["span_id"], format!("{:016x}", 0xdef));
        assert_eq!(line["trace_flags"], "01");
        outcome.is_stamped("in request", "request");
        assert_eq!(outcome.span("request").trace_id, format!("{:032x}", 0xabc));
    }
}

#[test]
fn a_context_attached_by_hand_within_a_span_stamps_as_that_version_makes_children() {
    for outcome in Stage::new().play(|| {
        info_span!("warm").in_scope(|| info!("warm"));
        let _request = info_span!("request").entered();
        let _context = remote(0xabc, 0xdef).attach();
        info!("within");
        drop(info_span!("child").entered());
    }) {
        let line = outcome.lines("within")[0];
        let child = outcome.span("child");
        assert_eq!(
            line["trace_id"],
            child.trace_id.as_str(),
            "{}",
            outcome.origin()
        );
        assert_eq!(
            line["span_id"].as_str(),
            child.parent_span_id.as_deref(),
            "{}",
            outcome.origin()
        );
    }
}

#[test]
fn unsampled_spans_stamp_and_no_line_says_sampled() {
    for outcome in Stage::new().sampler(Sampler::AlwaysOff).play(|| {
        let _request = info_span!("request").entered();
        info!("in request");
        let _handler = info_span!("handler").entered();
        info!("in handler");
    }) {
        let outer = outcome.lines("in request")[0];
        let inner = outcome.lines("in handler")[0];
        if cfg!(keeps_ids) {
            assert_eq!(
                outer.get("trace_flags"),
                None,
                "the sampler has not run yet: {outer}"
            );
        } else {
            assert_eq!(outer["trace_flags"], "00");
        }
        assert!(outer["trace_id"].is_string(), "{outer}");
        assert_eq!(outer["trace_id"], inner["trace_id"]);
        assert_ne!(outer["span_id"], inner["span_id"]);
        assert_ne!(inner["trace_flags"], "01");
    }
}

#[test]
fn closing_lines_have_the_ids_and_the_parent_of_their_span_or_no_parent() {
    for outcome in Stage::new().span_events(FmtSpan::FULL).play(|| {
        info_span!("warm").in_scope(|| info!("warm"));
        let _request = info_span!("request").entered();
        info!("in request");
        let _handler = info_span!("handler").entered();
        info!("in handler");
    }) {
        for name in ["request", "handler"] {
            let closing = outcome.lines("close");
            let line = closing
                .iter()
                .find(|line| line["span_name"] == name)
                .unwrap();
            let span = outcome.span(name);
            assert_eq!(
                line["trace_id"],
                span.trace_id.as_str(),
                "{}: {line}",
                outcome.origin()
            );
            assert_eq!(
                line["span_id"],
                span.span_id.as_str(),
                "{}: {line}",
                outcome.origin()
            );
            let parent = line.get("parent_span_id").and_then(Value::as_str);
            if outcome.is_certain() || parent.is_some() {
                assert_eq!(
                    parent,
                    span.parent_span_id.as_deref(),
                    "{}: {line}",
                    outcome.origin()
                );
            }
        }
        for message in ["new", "enter", "exit"] {
            for line in outcome.lines(message) {
                let span = outcome.span(line["span_name"].as_str().unwrap());
                if let Some(id) = line.get("span_id") {
                    assert_eq!(id, span.span_id.as_str(), "{}: {line}", outcome.origin());
                }
            }
        }
    }
}

#[test]
fn lines_have_the_parent_of_their_span_or_none() {
    for outcome in Stage::new().parents().play(|| {
        let _request = info_span!("request").entered();
        info!("in request");
        let handler = info_span!("handler");
        handler.in_scope(|| info!("in handler"));
        info_span!("query").in_scope(|| info!(parent: &handler, "named"));
        let called = info_span!("called");
        set_parent(&called, remote(0xabc, 0xdef));
        called.in_scope(|| info!("in called"));
    }) {
        for (message, name) in [
            ("in request", "request"),
            ("in handler", "handler"),
            ("named", "handler"),
            ("in called", "called"),
        ] {
            let line = outcome.lines(message)[0];
            let parent = line.get("parent_span_id").and_then(Value::as_str);
            if outcome.is_certain() || parent.is_some() {
                let expected = outcome.span(name).parent_span_id.as_deref();
                assert_eq!(parent, expected, "{}: {line}", outcome.origin());
            }
        }
    }
}

#[test]
fn four_threads_stamp_their_own_spans() {
    for outcome in Stage::new().play(|| {
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        thread::scope(|scope| {
            for name in ["a", "b", "c", "d"] {
                let dispatch = dispatch.clone();
                scope.spawn(move || {
                    tracing::dispatcher::with_default(&dispatch, || {
                        for _ in 0..50 {
                            let _span = info_span!("job", otel.name = name).entered();
                            info!(name, "in job");
                            let _inner = info_span!("step").entered();
                            info!(name, "in step");
                        }
                    });
                });
            }
        });
    }) {
        let jobs = outcome.lines("in job");
        assert_eq!(jobs.len(), 200);
        let mut traces: Vec<_> = jobs
            .iter()
            .map(|line| line["trace_id"].as_str().unwrap())
            .collect();
        traces.sort_unstable();
        traces.dedup();
        assert_eq!(traces.len(), 200, "each job is a trace of its own");
        // A step's line follows its job's line on the same thread, and is in the same trace.
        for name in ["a", "b", "c", "d"] {
            let of = |message: &str| -> Vec<_> {
                let lines = outcome
                    .lines(message)
                    .into_iter()
                    .filter(|line| line["name"] == name);
                lines.map(|line| line["trace_id"].clone()).collect()
            };
            assert_eq!(of("in job"), of("in step"));
        }
    }
}

#[test]
fn baggage_of_this_version_is_on_lines() {
    for outcome in Stage::new().baggage(&["tenant"]).play(|| {
        let baggage = [
            KeyValue::new("tenant", "acme"),
            KeyValue::new("secret", "x"),
        ];
        let _context = Context::current_with_baggage(baggage).attach();
        info!("in a tenant");
    }) {
        let line = outcome.lines("in a tenant")[0];
        assert_eq!(line["tenant"], "acme");
        assert_eq!(line.get("secret"), None);
    }
}

#[test]
fn a_carried_job_takes_the_context_of_this_version_along() {
    use tracing_stamp::carry::carry;
    for outcome in Stage::new().baggage(&["tenant"]).play(|| {
        let context = remote(0xabc, 0xdef).with_baggage([KeyValue::new("tenant", "acme")]);
        let _context = context.attach();
        let job = carry(|| info!("in a job"));
        thread::spawn(job).join().unwrap();
        let current = Context::current();
        assert!(
            current.span().span_context().is_valid(),
            "it stays current here"
        );
    }) {
        let line = outcome.lines("in a job")[0];
        assert_eq!(line["trace_id"], format!("{:032x}", 0xabc));
        assert_eq!(line["tenant"], "acme");
    }
}

#[test]
fn log_records_have_the_ids_of_the_current_span() {
    let logger = tracing_stamp::bridge::log::Logger::new();
    for outcome in Stage::new().play(|| {
        let _request = info_span!("request").entered();
        let record = log::Record::builder()
            .level(log::Level::Info)
            .target("library")
            .args(format_args!("from log"))
            .build();
        log::Log::log(&logger, &record);
    }) {
        outcome.is_stamped("from log", "request");
    }
}

#[test]
fn slog_records_have_the_ids_of_the_current_span() {
    use slog::{Drain as _, Logger, o};
    use tracing_stamp::bridge::slog::TracingDrain;
    for outcome in Stage::new().play(|| {
        let root = Logger::root(TracingDrain::new().fuse(), o!());
        let _request = info_span!("request").entered();
        slog::info!(root, "from slog");
    }) {
        outcome.is_stamped("from slog", "request");
    }
}

#[test]
fn records_that_stay_on_slog_have_the_ids_of_the_current_context() {
    use slog::{Drain as _, Logger, o};
    use tracing_stamp::bridge::slog::TraceIdDrain;
    let lines = stage::Lines::default();
    let json = std::sync::Mutex::new(slog_json::Json::default(lines.clone())).fuse();
    let root = Logger::root(
        TraceIdDrain::new(json).with_opentelemetry(version()).fuse(),
        o!(),
    );
    let context = remote(0xabc, 0xdef).attach();
    slog::info!(root, "from slog");
    drop(context);
    let line: serde_json::Value = serde_json::from_str(&lines.text()).unwrap();
    assert_eq!(line["trace_id"], format!("{:032x}", 0xabc));
    assert_eq!(line["span_id"], format!("{:016x}", 0xdef));
}
