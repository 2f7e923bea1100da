//! A backend whose certificate only those trust who were given it.

use super::children::run;
use rustls::{ServerConfig, ServerConnection, Stream, pki_types::PrivateKeyDer};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, mpsc},
    thread,
};

/// Answers requests over TLS, and says what their first lines are.
fn serve(listener: TcpListener, config: ServerConfig) -> mpsc::Receiver<String> {
    let config = Arc::new(config);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let mut connection =
                ServerConnection::new(Arc::clone(&config)).expect("a configuration");
            let mut stream = BufReader::new(Stream::new(&mut connection, &mut socket));
            let (mut first, mut length) = (String::new(), 0);
            let mut line = String::new();
            // One that does not trust the certificate ends it here.
            while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
                if first.is_empty() {
                    first = line.trim().to_owned();
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a number");
                }
                line.clear();
            }
            if first.is_empty() || tell.send(first).is_err() {
                continue;
            }
            stream.read_exact(&mut vec![0; length]).expect("a body");
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.into_inner().write_all(answer).expect("it listens");
        }
    });
    told
}

#[test]
fn a_backend_is_trusted_by_the_certificate_that_was_given() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("they are known")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("they belong together");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!(
        "https://localhost:{}",
        listener.local_addr().expect("a port").port()
    );
    let requests = serve(listener, config);
    let pem = std::env::temp_dir().join(format!("certificate-{}.pem", std::process::id()));
    fs::write(&pem, own.cert.pem()).expect("it can be written");

    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint);
    let said = run("service", &[endpoint]);
    for part in [
        "https://localhost",
        "certificate is refused",
        "UnknownIssuer",
    ] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    let said = run(
        "service",
        &[
            endpoint,
            (
                "OTEL_EXPORTER_OTLP_CERTIFICATE",
                pem.to_str().expect("text"),
            ),
        ],
    );
    assert_eq!(said.err, "");
    assert_eq!(
        requests.try_recv().as_deref(),
        Ok("POST /v1/traces HTTP/1.1")
    );
    fs::remove_file(pem).expect("it is there");
}

#[test]
fn a_file_of_certificates_that_cannot_be_used_is_reported_and_stops_no_service() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9");
    for protocol in ["http/protobuf", "grpc"] {
        // A device has no end, and some pipes never say anything.
        for (path, why) in [
            ("/nowhere.pem", "/nowhere.pem cannot be read"),
            ("/dev/null", "regular file"),
            ("/dev/zero", "regular file"),
            (file!(), "no certificate in PEM"),
        ] {
            let said = run(
                "service",
                &[
                    endpoint,
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_CERTIFICATE", path),
                ],
            );
            assert_eq!(said.lines.len(), 2, "{}", said.err);
            assert!(said.err.contains(why), "{protocol} {path}: {}", said.err);
        }
    }
}
