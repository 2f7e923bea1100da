//! The requests that exporters send to a stand-in for a backend.

use super::children::{self, run};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

/// Starts a backend that responds to requests. Returns its address and the heads of the requests in lower case.
fn listen() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("a port");
    let (sender, requests) = mpsc::channel();
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
            if sender.send(head).is_err() {
                return;
            }
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream
                .get_mut()
                .write_all(response)
                .expect("the client reads");
        }
    });
    (format!("http://{address}"), requests)
}

#[test]
fn variables_set_protocol_compression_and_headers_of_requests() {
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
        let output = run("service", &all);
        assert_eq!(output.stderr, "", "{variables:?}");
        let head = requests.try_recv().expect("a request");
        assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
        for part in expected {
            assert!(head.contains(part), "{part} in {head}");
        }
        assert!(!head.contains(unexpected), "{unexpected} in {head}");
    }
}

#[test]
fn a_backend_that_never_responds_delays_no_exit_and_lost_spans_are_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "http://user:hunter2@{}",
        listener.local_addr().expect("a port")
    );
    let output = run("service", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)]);
    assert!(
        output.stderr.contains("2 spans were not delivered"),
        "{}",
        output.stderr
    );
    assert!(
        output.duration < Duration::from_secs(30),
        "{:?}",
        output.duration
    );
    assert_eq!(output.lines.len(), 2);
    // An export that exceeds its timeout fails, and that is reported too.
    let output = run(
        "service",
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("OTEL_BSP_EXPORT_TIMEOUT", "100"),
        ],
    );
    assert!(
        output.stderr.contains("spans cannot be delivered to"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
}

#[test]
fn a_secret_in_an_invalid_url_is_not_shown() {
    for url in [
        "ftp://user:hunter2@host/?token=hunter2",
        "http://user:hunter2@[bad",
        "http://user:hunter2@ho st/#hunter2",
    ] {
        let output = run("service", &[("OTEL_EXPORTER_OTLP_ENDPOINT", url)]);
        assert!(
            output.stderr.contains("OTEL_EXPORTER_OTLP_ENDPOINT"),
            "{}",
            output.stderr
        );
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    }
}

#[test]
fn events_of_an_exporter_do_not_become_lines() {
    let (endpoint, _requests) = listen();
    let output = run(
        "service",
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("RUST_LOG", "trace"),
        ],
    );
    let targets: Vec<_> = output
        .lines
        .iter()
        .map(|line| line.get("target").to_string())
        .collect();
    assert!(
        targets.iter().all(|target| target.contains("setup::")),
        "{targets:?}"
    );
    assert_eq!(children::lines(&output.stdout).len(), 3);
}
