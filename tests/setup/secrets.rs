//! What is secret is not on standard error.

use super::children::{command, run};

const SECRETS: [&str; 5] = [
    "http://user:topsecret@127.0.0.1:9",
    "http://user:top/secret@127.0.0.1:9",
    "http://user:top?secret@127.0.0.1:9",
    "http://user:top#secret@127.0.0.1:9",
    "http://127.0.0.1:9/?api_key=topsecret",
];

#[test]
fn a_password_in_an_endpoint_is_not_shown_whatever_is_in_it() {
    for endpoint in SECRETS {
        for begin in ["", "http:/", "ftp://"] {
            let endpoint = match begin {
                "" => endpoint.to_owned(),
                begin => endpoint.replace("http://", begin),
            };
            for variables in [
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)][..],
                &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &endpoint)],
                &[
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                ],
                &[
                    ("OTEL_TRACES_EXPORTER", "zipkin"),
                    ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", &endpoint),
                ],
                #[cfg(feature = "ship")]
                &[("LOG_SHIP", &endpoint)],
                &[("LOG_FORMAT", &endpoint)],
                &[
                    ("ALL_PROXY", &endpoint),
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a.invalid"),
                ],
            ] {
                let said = run("service", variables);
                assert_ne!(said.err, "", "{variables:?}");
                for part in ["topsecret", "top/", "top?", "top#", "secret@", "user"] {
                    assert!(!said.err.contains(part), "{part} in {}", said.err);
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_named_and_not_shown() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    for name in [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "LOG_FORMAT",
    ] {
        let output = command("service")
            .env(name, OsStr::from_bytes(b"authorization=topsecret\xff"))
            .output()
            .expect("a child");
        let err = String::from_utf8(output.stderr).expect("text");
        assert!(err.contains(&format!("{name} is not valid UTF-8")), "{err}");
        assert!(!err.contains("topsecret"), "{err}");
    }
}

#[test]
fn a_value_cannot_forge_a_line_or_drive_a_terminal() {
    let said = run(
        "service",
        &[("LOG_FORMAT", "x\u{1b}[31m\nforged: line\u{202e}")],
    );
    assert!(
        said.err.contains(r"x\u{1b}[31m\nforged: line\u{202e}"),
        "{}",
        said.err
    );
    assert!(
        !said.err.contains('\u{1b}') && !said.err.contains("\nforged"),
        "{}",
        said.err
    );
}
