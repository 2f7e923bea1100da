//! Spans go through the proxy that the environment names, and messages name that proxy.

use super::children::{ChildOutput, run};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
};

/// A server that can be reached only through a proxy: by RFC 6761 its name does not exist.
const SERVER: &str = "http://collector.invalid:4318";

/// Starts a proxy that responds to CONNECT with a status, and then responds to requests as if it were the server. Returns its address and
/// the heads of the requests.
fn proxy(status: u16) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            loop {
                let (mut head, mut length) = (String::new(), 0);
                while stream.read_line(&mut head).is_ok_and(|bytes| bytes > 2) {
                    let last = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                    if let Some(value) = last.strip_prefix("content-length:") {
                        length = value.trim().parse().expect("a number");
                    }
                }
                if head.is_empty() {
                    break;
                }
                stream.read_exact(&mut vec![0; length]).expect("a body");
                let status = if head.starts_with("CONNECT") {
                    status
                } else {
                    200
                };
                let response = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                let sent = stream.get_mut().write_all(response.as_bytes());
                if sender.send(head).is_err() || sent.is_err() || status != 200 {
                    break;
                }
            }
        }
    });
    (address, requests)
}

fn service(endpoint: &str, variables: &[(&str, &str)]) -> ChildOutput {
    let mut all = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "5000"),
    ];
    all.extend_from_slice(variables);
    let output = run("service", &all);
    assert_eq!(output.lines.len(), 2, "{}", output.stderr);
    output
}

#[test]
fn spans_go_through_the_proxy_for_the_urls_scheme_with_its_credentials() {
    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        let (address, requests) = proxy(200);
        let address = address.replace("http://", "http://user:p%40ss@");
        let output = service(SERVER, &[(variable, &address)]);
        assert_eq!(output.stderr, "", "{variable}");
        let connect = requests.try_recv().expect("the proxy got a CONNECT");
        assert!(
            connect.starts_with("CONNECT collector.invalid:4318 HTTP/1.1\r\n"),
            "{connect}"
        );
        // user:p@ss
        assert!(
            connect.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"),
            "{connect}"
        );
        let post = requests.try_recv().expect("the proxy got the spans");
        assert!(post.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{post}");
    }
    // A proxy for the other scheme, HTTP_PROXY (set by CGI) and a proxy for a host in `no_proxy` are not used.
    for variables in [
        &[][..],
        &[("http_proxy", ""), ("no_proxy", "collector.invalid")],
    ] {
        let (address, requests) = proxy(200);
        let mut all = vec![("HTTPS_PROXY", &*address), ("HTTP_PROXY", &address)];
        if !variables.is_empty() {
            all.push(("ALL_PROXY", &address));
        }
        all.extend_from_slice(variables);
        let output = service(SERVER, &all);
        assert!(
            output
                .stderr
                .contains("cannot be delivered to http://collector.invalid"),
            "{}",
            output.stderr
        );
        assert!(!output.stderr.contains("proxy"), "{}", output.stderr);
        requests.try_recv().expect_err("the proxy is not used");
    }
}

#[test]
fn a_loopback_address_is_never_proxied() {
    let (address, requests) = proxy(200);
    let output = service("http://127.0.0.1:9", &[("ALL_PROXY", &address)]);
    assert!(
        output.stderr.contains("http://127.0.0.1:9"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("refused") && !output.stderr.contains("proxy"),
        "{}",
        output.stderr
    );
    requests.try_recv().expect_err("the proxy is not used");
}

#[test]
fn a_message_names_the_proxy_and_the_cause() {
    let down = "http://user:secret@127.0.0.1:9";
    let named =
        "collector.invalid:4318/v1/traces through the proxy http://…@127.0.0.1:9 (by http_proxy)";
    let output = service(SERVER, &[("http_proxy", down)]);
    assert!(
        output.stderr.contains(named) && output.stderr.contains("refused"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    let (refusing, _requests) = proxy(403);
    let output = service(SERVER, &[("http_proxy", &refusing)]);
    for part in [&*refusing, "403", "CONNECT", "NO_PROXY"] {
        assert!(output.stderr.contains(part), "{part} in {}", output.stderr);
    }
    let output = service(SERVER, &[("ALL_PROXY", "gopher://proxy")]);
    assert!(
        output
            .stderr
            .contains("gopher://proxy (by ALL_PROXY) is not usable"),
        "{}",
        output.stderr
    );
    // SOCKS is supported, and nothing listens at this address.
    let output = service(SERVER, &[("ALL_PROXY", "socks5h://127.0.0.1:9")]);
    assert!(
        output.stderr.contains("socks5h://127.0.0.1:9") && output.stderr.contains("refused"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_message_about_a_failed_export_has_the_cause() {
    for variables in [
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")][..],
        &[
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://127.0.0.1:9/"),
        ],
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
    ] {
        let output = service("http://127.0.0.1:9", variables);
        assert!(
            output.stderr.to_lowercase().contains("connection refused"),
            "{}",
            output.stderr
        );
        assert!(
            !output.stderr.contains("network error"),
            "{}",
            output.stderr
        );
    }
}
