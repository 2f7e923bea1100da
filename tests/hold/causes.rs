//! What else releases a trace, and what does not.

use crate::scene::Scene;
use opentelemetry::trace::TraceContextExt as _;
use std::{panic, thread, time::Duration};
use tracing::{debug, error, field::Empty, info_span, level_filters::LevelFilter, warn};
use tracing_stamp::{Hold, hold};
use tracing_subscriber::fmt::format::FmtSpan;

/// Runs a request with a held line in a layer, and returns what was written.
fn written(settings: Hold, request: impl FnOnce()) -> Vec<String> {
    let scene = Scene::new(settings);
    scene.run(request);
    scene.written()
}

#[test]
fn the_end_of_a_request_with_a_status_of_500_or_more_releases_its_trace() {
    for (status, expected) in [
        (600, vec!["a*"]),
        (499, vec![]),
        (500, vec!["a*"]),
        (503, vec!["a*"]),
        (200, vec![]),
    ] {
        let at_creation = written(Hold::new(), || {
            info_span!("request", http.response.status_code = status).in_scope(|| debug!("a"));
        });
        assert_eq!(at_creation, expected, "{status}");
        let recorded = written(Hold::new(), || {
            let request = info_span!("request", http.response.status_code = Empty);
            request.in_scope(|| debug!("a"));
            request.record("http.response.status_code", status);
        });
        assert_eq!(recorded, expected, "{status}");
    }
}

#[test]
fn the_end_of_a_request_with_an_error_as_its_status_or_an_error_type_releases_its_trace() {
    let status = opentelemetry::trace::Status::error("refused");
    for (field, value, releases) in [
        ("otel.status_code", "ERROR", true),
        ("otel.status_code", "error", true),
        ("otel.status_code", "OK", false),
        ("error.type", "timeout", true),
        ("other", "ERROR", false),
    ] {
        let written = written(Hold::new(), || {
            let request =
                info_span!("request", otel.status_code = Empty, error.type = Empty, other = Empty);
            request.in_scope(|| debug!("a"));
            request.record(field, value);
        });
        assert_eq!(written.len(), usize::from(releases), "{field} {value}");
    }
    let written = written(Hold::new(), || {
        info_span!("request", otel.status_code = ?status).in_scope(|| debug!("a"));
    });
    assert_eq!(written, ["a*"]);
}

#[test]
fn an_error_that_opentelemetrys_interface_sets_releases_the_trace() {
    let in_context = written(Hold::new(), || {
        info_span!("request").in_scope(|| {
            debug!("a");
            opentelemetry::Context::current()
                .span()
                .set_status(opentelemetry::trace::Status::error("refused"));
        });
    });
    assert_eq!(in_context, ["a*"]);
    let before_the_start = written(Hold::new(), || {
        use tracing_opentelemetry::OpenTelemetrySpanExt as _;
        let request = info_span!("request");
        request.set_status(opentelemetry::trace::Status::error("refused"));
        request.in_scope(|| debug!("a"));
    });
    assert_eq!(before_the_start, ["a*"]);
}

#[test]
fn a_panic_that_leaves_the_local_root_releases_its_trace() {
    let request = || {
        let unwound = panic::catch_unwind(|| {
            let _request = info_span!("request").entered();
            debug!("a");
            panic::resume_unwind(Box::new(()));
        });
        assert!(unwound.is_err());
    };
    assert_eq!(written(Hold::new(), request), ["a*"]);
    assert!(written(Hold::new().with_release_on_panic(false), request).is_empty());
}

#[test]
fn a_request_within_a_destructor_during_a_panic_has_not_panicked() {
    struct Bye;
    impl Drop for Bye {
        fn drop(&mut self) {
            info_span!("request").in_scope(|| debug!("bye"));
        }
    }
    let written = written(Hold::new(), || {
        let unwound = panic::catch_unwind(|| {
            let _bye = Bye;
            panic::resume_unwind(Box::new(()));
        });
        assert!(unwound.is_err());
    });
    assert!(written.is_empty());
}

#[test]
fn a_request_that_takes_longer_than_the_threshold_releases_its_trace() {
    let request = || {
        info_span!("request").in_scope(|| {
            debug!("a");
            thread::sleep(Duration::from_millis(20));
        });
    };
    let slow = |millis| Hold::new().with_slow_after(Duration::from_millis(millis));
    assert_eq!(written(slow(10), request), ["a*"]);
    assert!(written(slow(60_000), request).is_empty());
    assert!(written(Hold::new(), request).is_empty());
}

#[test]
fn spans_of_choice_release_their_trace_in_place_of_the_local_roots() {
    let hold = || Hold::new().with_released_by(|span| span.name() == "payment");
    let request = |of_root: i64, of_payment: i64| {
        move || {
            let request = info_span!("request", http.response.status_code = of_root);
            let _request = request.entered();
            debug!("a");
            info_span!("payment", http.response.status_code = of_payment).in_scope(|| debug!("b"));
            debug!("c");
        }
    };
    assert!(written(hold(), request(500, 200)).is_empty());
    assert_eq!(written(hold(), request(200, 500)), ["a*", "b*", "c"]);
}

#[test]
fn the_level_that_releases_can_be_chosen() {
    let request = || {
        info_span!("request").in_scope(|| {
            debug!("a");
            warn!("b");
        });
        info_span!("request").in_scope(|| {
            debug!("c");
            error!("d");
        });
    };
    let warnings = Hold::new().with_release_level(LevelFilter::WARN);
    assert_eq!(written(warnings, request), ["a*", "b", "c*", "d"]);
    let none = Hold::new().with_release_level(LevelFilter::OFF);
    assert_eq!(written(none, request), ["b", "d"]);
}

#[test]
fn release_writes_the_lines_of_the_current_trace_in_all_layers() {
    let (one, other) = (Scene::new(Hold::new()), Scene::new(Hold::new()));
    let request = || {
        info_span!("request").in_scope(|| {
            debug!("a");
            hold::release();
            debug!("b");
        });
        info_span!("request").in_scope(|| debug!("c"));
        hold::release();
    };
    one.run(request);
    other.run(request);
    assert_eq!(one.written(), ["a*", "b"]);
    assert_eq!(other.written(), ["a*", "b"]);
}

#[test]
fn a_trace_is_released_by_its_id() {
    let scene = Scene::new(Hold::new());
    scene.run(|| {
        let request = info_span!("request");
        let trace_id = request.in_scope(|| {
            debug!("a");
            opentelemetry::Context::current()
                .span()
                .span_context()
                .trace_id()
        });
        hold::release_trace(opentelemetry::trace::TraceId::from(1));
        assert!(scene.written().is_empty());
        hold::release_trace(trace_id);
        assert_eq!(scene.written(), ["a*"]);
    });
}

#[test]
fn a_released_line_is_the_line_that_would_have_been_written() {
    let scene = Scene::new(Hold::new().with_written(LevelFilter::DEBUG));
    let held = Scene::new(Hold::new());
    for scene in [&scene, &held] {
        scene.run(|| {
            info_span!("request", order = 1017).in_scope(|| {
                debug!(items = 3, "in stock");
                error!("refused");
            });
        });
    }
    let line = |scene: &Scene| {
        let text = scene.lines.text();
        let line: serde_json::Value =
            serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
        let serde_json::Value::Object(mut line) = line else {
            panic!("an object");
        };
        for id in ["timestamp", "trace_id", "span_id"] {
            assert!(line.shift_remove(id).is_some());
        }
        line
    };
    let mut released = line(&held);
    let keys: Vec<_> = released.keys().cloned().collect();
    assert_eq!(
        keys[keys.len() - 3..],
        ["held", "order", "items"],
        "a fixed key stands before the fields"
    );
    assert_eq!(released.shift_remove("held"), Some(true.into()));
    assert_eq!(released, line(&scene));
}

#[test]
fn a_field_named_held_is_renamed_on_each_line() {
    let scene = Scene::new(Hold::new());
    scene.run(|| error!(held = 1, "a"));
    assert!(scene.lines.text().contains("\"field.held\":1"));
}

#[test]
fn the_closing_line_of_a_request_that_is_held_comes_after_what_its_end_releases() {
    use opentelemetry::trace::TracerProvider as _;
    use tracing_subscriber::prelude::*;
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
    let lines = crate::support::Lines::default();
    let stamp = tracing_stamp::layer()
        .with_writer(lines.clone())
        .with_span_events(FmtSpan::CLOSE)
        .with_hold(Hold::new());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::otel_layer(
            provider.tracer("test"),
            |layer| layer,
        ))
        .with(stamp);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("request", http.response.status_code = 500).in_scope(|| {
            debug!("a");
            tracing::debug_span!("query").in_scope(|| debug!("b"));
        });
        info_span!("request", http.response.status_code = 200).in_scope(|| {
            tracing::debug_span!("query").in_scope(|| debug!("c"));
        });
    });
    let expected = ["a*", "b*", "close*", "close", "close"];
    assert_eq!(crate::scene::written(&lines), expected);
}

#[test]
fn a_trace_that_is_given_a_level_is_released_by_its_next_line() {
    let lines = written(Hold::new(), || {
        info_span!("request").in_scope(|| {
            debug!("a");
            tracing_stamp::trace_level::set(tracing::Level::DEBUG);
            tracing::info!("b");
            debug!("c");
        });
        info_span!("request").in_scope(|| {
            debug!("d");
            tracing::info!("e");
        });
    });
    assert_eq!(lines, ["a*", "b", "c", "e"]);
}

#[test]
fn the_last_status_of_a_response_counts_and_the_status_ok_is_final() {
    for (statuses, expected) in [([503, 200], 0), ([200, 503], 1)] {
        let lines = written(Hold::new(), || {
            let request = info_span!("request", http.response.status_code = statuses[0]);
            request.in_scope(|| debug!("a"));
            request.record("http.response.status_code", statuses[1]);
        });
        assert_eq!(lines.len(), expected, "{statuses:?}");
    }
    for statuses in [["ERROR", "OK"], ["OK", "ERROR"]] {
        let lines = written(Hold::new(), || {
            let request = info_span!("request", otel.status_code = statuses[0]);
            request.in_scope(|| debug!("a"));
            request.record("otel.status_code", statuses[1]);
        });
        assert!(lines.is_empty(), "{statuses:?}");
    }
}
