//! Logging from the destructor of a thread-local, when OpenTelemetry's context may be gone. A panic there would abort the process.
//! The default is global, since a scoped one is gone by then.

use super::{
    reentrant::globally,
    scene::{Scene, Setup, ids_in, local},
};
use opentelemetry::{Context, ContextGuard};
use std::{
    cell::RefCell,
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tracing::{Span, info, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

/// Logs when its thread ends. Locals are destroyed in the reverse order of their creation, so the first one logs last.
struct Farewell {
    message: &'static str,
    span: Option<Span>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        info!("{}", self.message);
        info!(parent: None, "{}, of none", self.message);
        if let Some(span) = self.span.take() {
            info!(parent: &span, "{}, of a span", self.message);
            span.in_scope(|| info!("{}, in a span", self.message));
        }
    }
}

thread_local! {
    static FIRST: RefCell<Option<Farewell>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Farewell>> = const { RefCell::new(None) };
    static ATTACHED: RefCell<Option<ContextGuard>> = const { RefCell::new(None) };
}

fn farewell(message: &'static str) -> Option<Farewell> {
    Some(Farewell {
        message,
        span: None,
    })
}

/// Runs on a thread of its own, which has ended afterwards.
fn on_a_thread(run: impl FnOnce() + Send + 'static) {
    thread::spawn(run).join().expect("no panic");
}

#[track_caller]
fn assert_no_ids(scene: &Scene, message: &str) {
    assert_eq!(scene.ids(message), None, "nothing is current: {message}");
    assert_eq!(scene.ids(&format!("{message}, of none")), None);
}

#[test]
fn a_destructor_may_log_on_a_thread_that_has_logged_before() {
    globally(
        a_destructor_may_log_on_a_thread_that_has_logged_before,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            // A caught panic is still printed.
            static PANICS: AtomicUsize = AtomicUsize::new(0);
            let hook = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                PANICS.fetch_add(1, Ordering::Relaxed);
                hook(info);
            }));
            on_a_thread(|| {
                FIRST.set(farewell("farewell"));
                info_span!("span").in_scope(|| info!("in the span"));
            });
            assert_eq!(PANICS.load(Ordering::Relaxed), 0);
            assert_eq!(scene.ids("in the span"), scene.exported_ids("span"));
            assert_no_ids(scene, "farewell");
        },
    );
}

#[test]
fn a_destructor_may_log_on_a_thread_that_has_only_used_the_opentelemetry_api_before() {
    globally(
        a_destructor_may_log_on_a_thread_that_has_only_used_the_opentelemetry_api_before,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            on_a_thread(|| {
                FIRST.set(farewell("farewell"));
                drop(local(1, 2).attach());
                assert!(ids_in(&Context::current()).is_none());
            });
            assert_no_ids(scene, "farewell");
        },
    );
}

#[test]
fn a_destructor_may_log_on_a_thread_that_has_not_logged_before() {
    globally(
        a_destructor_may_log_on_a_thread_that_has_not_logged_before,
        &Setup::new().span_events(FmtSpan::FULL),
        |scene| {
            on_a_thread(|| FIRST.set(farewell("farewell")));
            assert_no_ids(scene, "farewell");
        },
    );
}

#[test]
fn a_destructor_that_runs_before_the_context_is_gone_has_the_current_ids() {
    globally(
        a_destructor_that_runs_before_the_context_is_gone_has_the_current_ids,
        &Setup::new(),
        |scene| {
            on_a_thread(|| {
                info!("hello");
                let guard = local(1, 2).attach();
                // Created after OpenTelemetry's local, so that both are destroyed before it, this one first.
                ATTACHED.set(Some(guard));
                LAST.set(farewell("farewell"));
            });
            let ids = scene.ids("farewell");
            assert!(ids.ids.is_none() || ids == ids_in(&local(1, 2)), "{ids:?}");
            assert_eq!(scene.ids("farewell, of none"), None);
        },
    );
}

#[test]
fn a_destructor_may_log_about_a_span() {
    globally(
        a_destructor_may_log_about_a_span,
        // OpenTelemetry's own layer panics when a span is entered on a thread after its locals are destroyed.
        &Setup::new().otel_sees(|_| false).span_events(FmtSpan::FULL),
        |scene| {
            on_a_thread(|| {
                let span = info_span!("span");
                FIRST.set(Some(Farewell {
                    message: "farewell",
                    span: Some(span),
                }));
                info!("hello");
            });
            assert_no_ids(scene, "farewell");
            assert_eq!(scene.ids("farewell, of a span"), None);
            assert_eq!(scene.ids("farewell, in a span"), None);
            assert_eq!(scene.lifecycle_ids("close", "span"), None);
        },
    );
}

/// Logs about a span that it keeps, without entering it, and drops it.
struct Closes(Span);

impl Drop for Closes {
    fn drop(&mut self) {
        info!(parent: &self.0, "of the span");
        info!("beside the span");
    }
}

#[test]
fn a_span_closed_by_a_destructor_closes_with_its_ids() {
    thread_local! {
        static KEPT: RefCell<Option<Closes>> = const { RefCell::new(None) };
    }
    globally(
        a_span_closed_by_a_destructor_closes_with_its_ids,
        &Setup::new().span_events(FmtSpan::CLOSE),
        |scene| {
            on_a_thread(|| {
                KEPT.set(None);
                let span = info_span!("span");
                span.in_scope(|| info!("in the span"));
                KEPT.set(Some(Closes(span)));
            });
            let ids = scene.exported_ids("span");
            assert_eq!(scene.ids("in the span"), ids);
            assert_eq!(scene.ids("of the span"), ids);
            assert_eq!(scene.ids("beside the span"), None);
            assert_eq!(scene.lifecycle_ids("close", "span"), ids);
        },
    );
}
