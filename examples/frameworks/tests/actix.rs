mod lines;

use actix_web::{App, HttpServer, middleware::from_fn};
use lines::Lines;
use opentelemetry_instrumentation_actix_web::RequestTracing;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

#[actix_web::test]
async fn every_line_of_a_request_has_the_trace_of_its_caller_access_lines_included() {
    let lines = Lines::default();
    let guard = tracing_stamp::setup()
        .with_writer(lines.clone())
        .init()
        .expect("no other subscriber is installed");
    let app = || {
        App::new()
            .configure(frameworks::actix::routes)
            .wrap(from_fn(frameworks::actix::access_line))
            .wrap(RequestTracing::new())
    };
    let server = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a port is free");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);

    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let response = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        let head = format!("GET /orders/7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntraceparent: 00-{trace_id}-00f067aa0ba902b7-01\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("the server reads");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("the server responds");
        response
    })
    .await
    .expect("the task does not panic");
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    handle.stop(true).await;
    running
        .await
        .expect("the task does not panic")
        .expect("the server ends without an error");
    guard
        .writer()
        .flush(Duration::from_secs(5))
        .expect("lines are written");

    let found = lines.one("order found");
    for message in ["order found", "parcel packed", "request handled"] {
        let line = lines.one(message);
        assert_eq!(line["trace_id"], trace_id, "{line}");
        assert!(line["span_id"].is_string(), "{line}");
    }
    let access = lines.one("request handled");
    assert_eq!(
        access["span_id"], found["span_id"],
        "both lines have the request span's id"
    );
    assert_eq!(
        (&access["status"], &access["path"]),
        (&200.into(), &"/orders/7".into())
    );
    assert_ne!(
        lines.one("parcel packed")["span_id"],
        found["span_id"],
        "this line has the id of a span within the request's"
    );
}
