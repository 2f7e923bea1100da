//! What an exporter sends, by a backend that only listens.

use super::children::{self, run};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

/// A backend that answers, and says the heads of requests in lower case.
fn listen() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("a port");
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut stream = BufReader::new(socket.expect("a connection"));
            let (mut head, mut line) = (String::new(), String::new());
            while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
                head.push_str(&line.to_ascii_lowercase());
                line.clear();
            }
            let length = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.lines().next()?.trim().parse().ok());
            stream
                .read_exact(&mut vec![0; length.unwrap_or(0)])
                .expect("a body");
            if tell.send(head).is_err() {
                return;
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).expect("it listens");
        }
    });
    (format!("http://{address}"), told)
}

#[test]
fn requests_are_as_the_environment_says() {
    for (variables, expected, unexpected) in [
        (
            &[][..],
            &["content-type: application/x-protobuf"][..],
            "content-encoding",
        ),
        (
            &[("OTEL_EXPORTER_OTLP_PROTOCOL", " HTTP/JSON ")],
            &["content-type: application/json"],
            "protobuf",
        ),
        (
            &[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")],
            &["content-encoding: gzip"],
            "json",
        ),
        (
            &[
                ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
                ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"),
            ],
            &["protobuf"],
            "content-encoding",
        ),
        (
            &[
                ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", ""),
                (
                    "OTEL_EXPORTER_OTLP_HEADERS",
                    "Api-Key=a%20secret,x-tenant=1,",
                ),
            ],
            &["api-key: a secret", "x-tenant: 1"],
            "json",
        ),
        (
            &[
                ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=mine"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "other=1"),
            ],
            &["api-key: mine"],
            "json",
        ),
    ] {
        let (endpoint, requests) = listen();
        let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)];
        all.extend_from_slice(variables);
        let said = run("service", &all);
        assert_eq!(said.err, "", "{variables:?}");
        let head = requests.try_recv().expect("a request");
        assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
        for part in expected {
            assert!(head.contains(part), "{part} in {head}");
        }
        assert!(!head.contains(unexpected), "{unexpected} in {head}");
    }
}

#[test]
fn a_backend_that_never_answers_costs_no_more_than_the_limit_and_what_is_lost_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "http://user:hunter2@{}",
        listener.local_addr().expect("a port")
    );
    let said = run("service", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)]);
    assert!(
        said.err.contains("2 spans were not delivered"),
        "{}",
        said.err
    );
    assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
    assert_eq!(said.lines.len(), 2);
    // An export that may take no longer fails, which is told as well.
    let said = run(
        "service",
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("OTEL_BSP_EXPORT_TIMEOUT", "100"),
        ],
    );
    assert!(
        said.err.contains("spans cannot be delivered to"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("hunter2"), "{}", said.err);
}

#[test]
fn a_secret_in_a_wrong_url_is_not_told() {
    for url in [
        "ftp://user:hunter2@host/?token=hunter2",
        "http://user:hunter2@[bad",
        "http://user:hunter2@ho st/#hunter2",
    ] {
        let said = run("service", &[("OTEL_EXPORTER_OTLP_ENDPOINT", url)]);
        assert!(
            said.err.contains("OTEL_EXPORTER_OTLP_ENDPOINT"),
            "{}",
            said.err
        );
        assert!(!said.err.contains("hunter2"), "{}", said.err);
    }
}

#[test]
fn what_an_exporter_logs_itself_is_no_line() {
    let (endpoint, _requests) = listen();
    let said = run(
        "service",
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("RUST_LOG", "trace"),
        ],
    );
    let targets: Vec<_> = said
        .lines
        .iter()
        .map(|line| line.get("target").to_string())
        .collect();
    assert!(
        targets.iter().all(|target| target.contains("setup::")),
        "{targets:?}"
    );
    assert_eq!(children::lines(&said.out).len(), 3);
}
