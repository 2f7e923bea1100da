//! Once a thread has its buffers, an event allocates nothing, however deep it is. Neither does a span, nor the first event in it. A poll of a
//! carried future allocates nothing.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::{
    future::{self, Future as _},
    io,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tracing::{Dispatch, Subscriber, info, info_span, span::EnteredSpan};
use tracing_stamp::{Burst, carry::Carry as _};
use tracing_subscriber::{Layer, filter::filter_fn, prelude::*, registry::LookupSpan};

fn event() {
    info!(
        method = "GET",
        path = "/api/v1/orders/42",
        status = 200_u64,
        latency_ms = 12.75_f64,
        cached = false,
        user = "alice \"quoted\" \n",
        "handled request"
    );
}

/// Returns OpenTelemetry's layer, restricted to spans.
fn otel<S>() -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let provider = SdkTracerProvider::builder().build();
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("test"))
        .with_filter(filter_fn(|metadata| metadata.is_span()))
}

#[test]
fn an_event_allocates_nothing_at_any_depth() {
    let layer = tracing_stamp::layer()
        .with_record_uid(true)
        .with_writer(io::sink);
    assert_no_allocation_at_any_depth(tracing_subscriber::registry().with(otel()).with(layer));
}

#[test]
fn an_event_with_the_id_of_its_spans_parent_allocates_nothing_at_any_depth() {
    let provider = SdkTracerProvider::builder().build();
    let otel = tracing_stamp::otel_layer(provider.tracer("test"), |layer| {
        layer.with_filter(filter_fn(|metadata| metadata.is_span()))
    });
    let layer = tracing_stamp::layer()
        .with_parent_span_id(true)
        .with_writer(io::sink);
    assert_no_allocation_at_any_depth(tracing_subscriber::registry().with(otel).with(layer));
}

#[test]
fn an_event_that_is_left_out_and_one_that_is_written_after_it_allocate_nothing() {
    let second = Duration::from_secs(1);
    for burst in [
        Burst::per_call_site(1, second).then_every(3),
        Burst::per_call_site(1, second).then_every(3).by("path"),
        Burst::per_call_site(u32::MAX, second),
    ] {
        let layer = tracing_stamp::layer()
            .with_burst(burst)
            .with_writer(io::sink);
        let stats = layer.stats();
        // The first line that is left out starts a thread.
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            (0..100).for_each(|_| event());
            let counted = allocation_counter::measure(|| (0..100).for_each(|_| event()));
            assert_eq!(counted.count_total, 0);
        });
        assert_eq!(stats.suppressed() + stats.unstamped(), 200);
    }
}

fn assert_no_allocation_at_any_depth(subscriber: impl Subscriber + Send + Sync) {
    tracing::subscriber::with_default(subscriber, || {
        let mut entered: Vec<EnteredSpan> = Vec::new();
        for depth in 0..=10 {
            // The first event of a thread creates its buffers, and the first event in a span the text of the span's fields.
            event();
            let counted = allocation_counter::measure(|| (0..100).for_each(|_| event()));
            assert_eq!(counted.count_total, 0, "at depth {depth}");
            entered.push(info_span!("span", depth, tenant = "acme").entered());
        }
        // Innermost span first, as scopes end.
        while entered.pop().is_some() {}
    });
}

/// Creates two spans, one within the other.
fn spans(within: fn()) {
    let outer = info_span!("outer", tenant = "acme", attempt = 3).entered();
    within();
    info_span!("inner", table = "orders").in_scope(within);
    drop(outer);
}

#[test]
fn a_span_and_the_first_event_in_it_allocate_nothing() {
    let allocations = |dispatch: Dispatch, within: fn()| {
        tracing::dispatcher::with_default(&dispatch, || {
            // Warms up what a layer learns once, and the memory that spans reuse.
            (0..10).for_each(|_| spans(within));
            allocation_counter::measure(|| (0..100).for_each(|_| spans(within))).count_total
        })
    };
    let nothing: fn() = || ();
    for within in [nothing, event] {
        let registry = tracing_subscriber::registry;
        let layer = tracing_stamp::layer().with_writer(io::sink);
        let bare = allocations(registry().with(otel()).into(), within);
        let stamped = allocations(registry().with(otel()).with(layer).into(), within);
        assert_eq!(stamped, bare);
    }
}

#[test]
fn an_event_with_bytes_an_error_and_values_of_other_types_allocates_nothing() {
    fn event() {
        let error: &(dyn std::error::Error + 'static) = &std::fmt::Error;
        info!(bytes = &[1_u8, 2, 3][..], error, debug = ?(1, "two"), display = %'c', float = 0.1 + 0.2, "x");
    }
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(io::sink));
    tracing::subscriber::with_default(subscriber, || {
        event();
        let counted = allocation_counter::measure(|| (0..100).for_each(|_| event()));
        assert_eq!(counted.count_total, 0);
    });
}

#[test]
fn a_line_whose_fields_hide_those_of_its_span_allocates_nothing() {
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(io::sink));
    tracing::subscriber::with_default(subscriber, || {
        let _span = info_span!("span", method = "POST", status = 0).entered();
        event();
        let counted = allocation_counter::measure(|| (0..100).for_each(|_| event()));
        assert_eq!(counted.count_total, 0);
    });
}

#[test]
fn a_held_line_allocates_nothing() {
    let provider = SdkTracerProvider::builder().build();
    let otel = tracing_stamp::otel_layer(provider.tracer("test"), |layer| {
        layer.with_filter(filter_fn(|metadata| metadata.is_span()))
    });
    // Each event is one that is held.
    let hold = tracing_stamp::Hold::new().with_written(tracing::level_filters::LevelFilter::ERROR);
    let layer = tracing_stamp::layer().with_writer(io::sink).with_hold(hold);
    let stats = layer.stats();
    tracing::subscriber::with_default(
        tracing_subscriber::registry().with(otel).with(layer),
        || {
            let request = |events: usize| {
                let _request = info_span!("request", tenant = "acme").entered();
                event();
                allocation_counter::measure(|| (1..events).for_each(|_| event())).count_total
            };
            // The first request allocates the memory for held lines, which further ones use again. It is at its limit after some 140 lines.
            request(1_000);
            assert_eq!((request(20), request(100), request(1_000)), (0, 0, 0));
        },
    );
    assert_eq!(stats.held(), 2_120);
    assert_eq!(stats.held_dropped(), 2_120);
}

#[test]
fn a_poll_of_a_carried_future_allocates_nothing() {
    let layer = tracing_stamp::layer().with_writer(io::sink);
    let subscriber = tracing_subscriber::registry().with(otel()).with(layer);
    tracing::subscriber::with_default(subscriber, || {
        // Warms up what a layer learns once, when a span closes.
        spans(|| ());
        let job = future::poll_fn(|_| {
            event();
            Poll::<()>::Pending
        });
        let mut job = pin!(info_span!("request", tenant = "acme").in_scope(|| job.carry()));
        let mut poll = || {
            let polled = job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
        };
        // The first poll allocates the stack of contexts of the thread.
        poll();
        let counted = allocation_counter::measure(|| (0..100).for_each(|_| poll()));
        assert_eq!(counted.count_total, 0);
    });
}
