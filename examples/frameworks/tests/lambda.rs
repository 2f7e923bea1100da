mod lines;

use lambda_runtime::{Context, LambdaEvent};
use lines::Lines;
use serde_json::json;
use std::{env, process::Command, time::Duration};

/// Variable from the configuration of the function.
const PROPAGATORS: (&str, &str) = ("OTEL_PROPAGATORS", "xray,baggage");

#[tokio::test]
async fn lines_of_an_invocation_have_the_trace_that_lambda_passes() {
    let (name, value) = PROPAGATORS;
    if env::var_os(name).is_none() {
        let itself = env::current_exe().expect("a test has a path");
        let status = Command::new(itself)
            .env(name, value)
            .status()
            .expect("the process starts");
        return assert!(status.success());
    }
    let lines = Lines::default();
    let guard = tracing_stamp::setup()
        .with_writer(lines.clone())
        .init()
        .expect("no other subscriber is installed");
    let mut context = Context::default();
    context.xray_trace_id =
        Some("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1".into());
    let reply = frameworks::lambda::handler(LambdaEvent::new(json!({ "order": 7 }), context)).await;
    assert_eq!(
        reply.expect("the handler succeeds"),
        json!({ "shipped": true })
    );
    guard
        .writer()
        .flush(Duration::from_secs(5))
        .expect("lines are written");
    let line = lines.one("order received");
    assert_eq!(
        line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736",
        "{line}"
    );
    assert!(line["span_id"].is_string() && line["order"] == 7, "{line}");
}
