//! The services of `examples/shop` in one process, with one trace through all of them.

#[path = "../../../../examples/shop/gateway.rs"]
mod gateway;
#[path = "../../../../examples/shop/orders/mod.rs"]
mod orders;
#[path = "../../../../examples/shop/payments.rs"]
mod payments;

use super::{CALLER, SAMPLED, TRACE, attribute, captured, serve};
use http::StatusCode;
use opentelemetry_sdk::trace::SpanData;
use std::{collections::BTreeMap, net::SocketAddr};

async fn start() -> SocketAddr {
    let payments = serve(payments::router()).await;
    let orders = serve(orders::router(payments)).await;
    serve(gateway::router(orders)).await
}

#[test]
fn every_line_of_three_services_carries_the_callers_trace_id_and_an_exported_span() {
    let ((), seen) = captured(async {
        let gateway = start().await;
        let client = reqwest::Client::new();
        for (order, status) in [(7, StatusCode::OK), (8, StatusCode::BAD_GATEWAY)] {
            let request = client.post(format!("http://{gateway}/checkout/{order}"));
            let response = request
                .header("traceparent", SAMPLED)
                .send()
                .await
                .expect("a response");
            assert_eq!(response.status(), status);
            response.bytes().await.expect("the body is complete");
        }
        // Gives the worker of the queue time to finish.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    });
    for line in seen.lines() {
        assert_eq!(
            line.trace_id().map(|id| id.to_string()).as_deref(),
            Some(TRACE),
            "{line:#?}"
        );
    }
    // The span of each line was exported.
    seen.assert_ids_agree();
    for message in ["checkout started", "order priced"] {
        assert_eq!(
            seen.lines()
                .iter()
                .filter(|line| line.message() == message)
                .count(),
            2
        );
    }
    for message in [
        "card charged",
        "card declined",
        "parcel packed",
        "checkout failed",
    ] {
        assert_eq!(seen.line(message).message(), message);
    }
}

#[test]
fn parents_link_up_from_service_to_service_and_through_the_queue() {
    let ((), seen) = captured(async {
        let gateway = start().await;
        let request = reqwest::Client::new().post(format!("http://{gateway}/checkout/7"));
        let response = request
            .header("traceparent", SAMPLED)
            .send()
            .await
            .expect("a response");
        response.bytes().await.expect("the body is complete");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    });
    let by_id: BTreeMap<_, &SpanData> = seen
        .spans()
        .iter()
        .map(|span| (span.span_context.span_id().to_string(), span))
        .collect();
    let way = |span: &SpanData| {
        let mut names = vec![span.name.to_string()];
        let mut parent = span.parent_span_id.to_string();
        while let Some(span) = by_id.get(&parent) {
            names.push(span.name.to_string());
            parent = span.parent_span_id.to_string();
        }
        (names.join(" < "), parent)
    };
    assert_eq!(
        way(seen.span("POST /charges/{cents}")),
        (
            "POST /charges/{cents} < POST < POST /orders/{order} < POST < POST /checkout/{order}"
                .to_owned(),
            CALLER.to_owned()
        )
    );
    let parcel = seen.span("pack parcel");
    assert_eq!(
        way(parcel).0,
        "pack parcel < POST /orders/{order} < POST < POST /checkout/{order}"
    );
    let linked: Vec<_> = parcel
        .links
        .iter()
        .map(|link| link.span_context.span_id())
        .collect();
    assert_eq!(
        linked,
        [seen.span("POST /orders/{order}").span_context.span_id()]
    );
    assert_eq!(seen.spans().len(), 6);
    assert_eq!(
        attribute(seen.span("POST /charges/{cents}"), "url.path").as_deref(),
        Some("/charges/48300")
    );
}
