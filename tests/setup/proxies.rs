//! Spans go through the proxy that the environment names, and messages name it.

use super::children::{Said, run};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
};

/// A server that nobody can reach but by a proxy: RFC 6761 keeps the name from existing.
const SERVER: &str = "http://collector.invalid:4318";

/// A proxy that responds to CONNECT with a status, and takes what comes through itself; its address, and what it was asked.
fn proxy(status: u16) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, asked) = mpsc::channel();
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
                if tell.send(head).is_err() || sent.is_err() || status != 200 {
                    break;
                }
            }
        }
    });
    (address, asked)
}

fn service(endpoint: &str, variables: &[(&str, &str)]) -> Said {
    let mut all = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "5000"),
    ];
    all.extend_from_slice(variables);
    let said = run("service", &all);
    assert_eq!(said.lines.len(), 2, "{}", said.err);
    said
}

#[test]
fn spans_go_through_the_proxy_of_the_urls_scheme_with_its_credentials() {
    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        let (address, asked) = proxy(200);
        let address = address.replace("http://", "http://user:p%40ss@");
        let said = service(SERVER, &[(variable, &address)]);
        assert_eq!(said.err, "", "{variable}");
        let connect = asked.try_recv().expect("it was asked");
        assert!(
            connect.starts_with("CONNECT collector.invalid:4318 HTTP/1.1\r\n"),
            "{connect}"
        );
        // user:p@ss
        assert!(
            connect.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"),
            "{connect}"
        );
        let post = asked.try_recv().expect("it was sent");
        assert!(post.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{post}");
    }
    // Those of the other scheme, of CGI, and for what NO_PROXY names, are not asked.
    for variables in [
        &[][..],
        &[("http_proxy", ""), ("no_proxy", "collector.invalid")],
    ] {
        let (address, asked) = proxy(200);
        let mut all = vec![("HTTPS_PROXY", &*address), ("HTTP_PROXY", &address)];
        if !variables.is_empty() {
            all.push(("ALL_PROXY", &address));
        }
        all.extend_from_slice(variables);
        let said = service(SERVER, &all);
        assert!(
            said.err
                .contains("cannot be delivered to http://collector.invalid"),
            "{}",
            said.err
        );
        assert!(!said.err.contains("proxy"), "{}", said.err);
        asked.try_recv().expect_err("nobody goes through it");
    }
}

#[test]
fn a_loopback_address_is_never_proxied() {
    let (address, asked) = proxy(200);
    let said = service("http://127.0.0.1:9", &[("ALL_PROXY", &address)]);
    assert!(said.err.contains("http://127.0.0.1:9"), "{}", said.err);
    assert!(
        said.err.contains("refused") && !said.err.contains("proxy"),
        "{}",
        said.err
    );
    asked.try_recv().expect_err("nobody goes through it");
}

#[test]
fn a_message_names_the_proxy_and_the_cause() {
    let down = "http://user:secret@127.0.0.1:9";
    let named =
        "collector.invalid:4318/v1/traces through the proxy http://…@127.0.0.1:9 (by http_proxy)";
    let said = service(SERVER, &[("http_proxy", down)]);
    assert!(
        said.err.contains(named) && said.err.contains("refused"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("secret"), "{}", said.err);
    let (refusing, _asked) = proxy(403);
    let said = service(SERVER, &[("http_proxy", &refusing)]);
    for part in [&*refusing, "403", "CONNECT", "NO_PROXY"] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    let said = service(SERVER, &[("ALL_PROXY", "gopher://proxy")]);
    assert!(
        said.err
            .contains("gopher://proxy (by ALL_PROXY) is not usable"),
        "{}",
        said.err
    );
    // SOCKS is spoken to, and this is no SOCKS.
    let said = service(SERVER, &[("ALL_PROXY", "socks5h://127.0.0.1:9")]);
    assert!(
        said.err.contains("socks5h://127.0.0.1:9") && said.err.contains("refused"),
        "{}",
        said.err
    );
}

#[test]
fn no_message_says_network_error_without_its_cause() {
    for variables in [
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")][..],
        &[
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://127.0.0.1:9/"),
        ],
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
    ] {
        let said = service("http://127.0.0.1:9", variables);
        assert!(
            said.err.to_lowercase().contains("connection refused"),
            "{}",
            said.err
        );
        assert!(!said.err.contains("network error"), "{}", said.err);
    }
}
