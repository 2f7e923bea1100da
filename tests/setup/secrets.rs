//! Messages on standard error contain no secrets, and values in them cannot harm a terminal.

use super::children::{command, run};

const SECRETS: [&str; 5] = [
    "http://user:topsecret@127.0.0.1:9",
    "http://user:top/secret@127.0.0.1:9",
    "http://user:top?secret@127.0.0.1:9",
    "http://user:top#secret@127.0.0.1:9",
    "http://127.0.0.1:9/?api_key=topsecret",
];

#[test]
fn a_password_in_an_endpoint_is_not_shown_whatever_characters_it_has() {
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
                &[("LOG_REDACT", &endpoint)],
                &[
                    ("ALL_PROXY", &endpoint),
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a.invalid"),
                ],
            ] {
                let output = run("service", variables);
                assert_ne!(output.stderr, "", "{variables:?}");
                for part in ["topsecret", "top/", "top?", "top#", "secret@", "user"] {
                    assert!(!output.stderr.contains(part), "{part} in {}", output.stderr);
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
        "LOG_REDACT",
        "LOG_REDACT_KEYS",
        "LOG_REDACT_KEY",
        #[cfg(feature = "level-token")]
        "LOG_LEVEL_KEY",
    ] {
        let output = command("service")
            .env(name, OsStr::from_bytes(b"authorization=topsecret\xff"))
            .output()
            .expect("the child process starts");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(
            stderr.contains(&format!("{name} is not valid UTF-8")),
            "{stderr}"
        );
        assert!(!stderr.contains("topsecret"), "{stderr}");
    }
}

#[test]
fn a_value_can_neither_forge_a_line_nor_control_a_terminal() {
    let output = run(
        "service",
        &[("LOG_FORMAT", "x\u{1b}[31m\nforged: line\u{202e}")],
    );
    assert!(
        output.stderr.contains(r"x\u{1b}[31m\nforged: line\u{202e}"),
        "{}",
        output.stderr
    );
    assert!(
        !output.stderr.contains('\u{1b}') && !output.stderr.contains("\nforged"),
        "{}",
        output.stderr
    );
}
