//! Spans are sent to a backend with a self-signed certificate.

use super::children::run;
use rustls::{ServerConfig, ServerConnection, Stream, pki_types::PrivateKeyDer};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, mpsc},
    thread,
};

/// Responds to requests over TLS. The receiver gets the first line of each request.
fn serve(listener: TcpListener, config: ServerConfig) -> mpsc::Receiver<String> {
    let config = Arc::new(config);
    let (sender, first_lines) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let mut connection =
                ServerConnection::new(Arc::clone(&config)).expect("a configuration");
            let mut stream = BufReader::new(Stream::new(&mut connection, &mut socket));
            let (mut first, mut length) = (String::new(), 0);
            let mut line = String::new();
            // A client that does not trust the certificate closes the connection here.
            while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
                if first.is_empty() {
                    first = line.trim().to_owned();
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a number");
                }
                line.clear();
            }
            if first.is_empty() || sender.send(first).is_err() {
                continue;
            }
            stream.read_exact(&mut vec![0; length]).expect("a body");
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream
                .into_inner()
                .write_all(response)
                .expect("the client reads");
        }
    });
    first_lines
}

#[test]
fn a_backend_with_the_given_certificate_is_trusted_and_refused_without_it() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider supports them")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("key and certificate match");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "https://localhost:{}",
        listener.local_addr().expect("a port").port()
    );
    let requests = serve(listener, config);
    let pem = std::env::temp_dir().join(format!("certificate-{}.pem", std::process::id()));
    fs::write(&pem, own.cert.pem()).expect("the folder is writable");

    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint);
    let output = run("service", &[endpoint]);
    for part in [
        "https://localhost",
        "certificate is refused",
        "UnknownIssuer",
    ] {
        assert!(output.stderr.contains(part), "{part} in {}", output.stderr);
    }
    let output = run(
        "service",
        &[
            endpoint,
            (
                "OTEL_EXPORTER_OTLP_CERTIFICATE",
                pem.to_str().expect("UTF-8"),
            ),
        ],
    );
    assert_eq!(output.stderr, "");
    assert_eq!(
        requests.try_recv().as_deref(),
        Ok("POST /v1/traces HTTP/1.1")
    );
    fs::remove_file(pem).expect("the file exists");
}

#[test]
fn an_unusable_file_of_certificates_is_reported_and_does_not_stop_the_service() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9");
    for protocol in ["http/protobuf", "grpc"] {
        // A device may have no end, and a pipe may never have a writer.
        for (path, reason) in [
            ("/nowhere.pem", "/nowhere.pem cannot be read"),
            ("/dev/null", "regular file"),
            ("/dev/zero", "regular file"),
            (file!(), "has no PEM certificate"),
        ] {
            let output = run(
                "service",
                &[
                    endpoint,
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_CERTIFICATE", path),
                ],
            );
            assert_eq!(output.lines.len(), 2, "{}", output.stderr);
            assert!(
                output.stderr.contains(reason),
                "{protocol} {path}: {}",
                output.stderr
            );
        }
    }
}
