//! What a service that is started by `init` redacts, and how variables and code change it.

#[cfg(feature = "redact")]
use super::{
    children::command,
    servers::{Server, get},
};
use super::{
    children::{ChildOutput, run},
    code,
    support::Exported,
};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
    thread,
};
use tracing::{error, info, info_span};
use tracing_stamp::{Redaction, Replacement, setup::setup};

/// Secrets that a service logs. None of them may leave it.
const PASSWORD: &str = "hunter2";
const TOKEN: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
const CARD: &str = "4111 1111 1111 1111";
const EMAIL: &str = "ada@example.com";
const ADDRESS: &str = "203.0.113.7";
const SSN: &str = "078-05-1120";

/// Calls `init`, and logs secrets in every way that it captures.
pub(crate) fn child() {
    let guard = tracing_stamp::init().expect("the variables are valid");
    let span = info_span!(
        "login",
        password = PASSWORD,
        ssn = SSN,
        clone = format!("git clone https://{TOKEN}@git.example"),
    );
    let description = format!("refused {TOKEN}");
    span.in_scope(|| {
        drop(info_span!(
            "pay",
            otel.status_code = "ERROR",
            otel.status_description = description
        ));
        info!(
            api_key = PASSWORD,
            customer.ssn = SSN,
            has_password = true,
            "welcome"
        );
        error!(cookie = PASSWORD, "{EMAIL} from {ADDRESS} paid with {CARD}");
        log::info!(authorization = PASSWORD, ssn = SSN; "record with {TOKEN}");
        let panicked = thread::Builder::new().name("worker".into());
        let panicked = panicked.spawn(|| panic!("cannot use {TOKEN}"));
        assert!(panicked.expect("the thread starts").join().is_err());
    });
    drop(span);
    let stats = guard.stats();
    drop(guard);
    for count in stats.redacted() {
        eprintln!("{}: {}", count.rule, count.count);
    }
}

/// Starts a collector that responds to one request. Returns its address and the bodies of its requests.
fn collector() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("a port");
    let (sender, bodies) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut stream = BufReader::new(socket.expect("a connection"));
            let (mut length, mut line, mut is_gzip) = (0, String::new(), false);
            while stream.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
                let header = line.to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a number");
                }
                is_gzip |= header.starts_with("content-encoding: gzip");
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).expect("a body");
            if is_gzip {
                let mut plain = Vec::new();
                let read = GzDecoder::new(&*body).read_to_end(&mut plain);
                read.expect("the body is gzip");
                body = plain;
            }
            if sender.send(body).is_err() {
                return;
            }
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let written = stream.get_mut().write_all(response);
            written.expect("the client reads");
        }
    });
    (format!("http://{address}"), bodies)
}

/// Runs the service with these variables, and returns its output and the body with which it has exported its span.
fn service(variables: &[(&str, &str)]) -> (ChildOutput, String) {
    let (endpoint, bodies) = collector();
    let mut all = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deploy.token=hunter2,region=north",
        ),
    ];
    all.extend_from_slice(variables);
    let output = run("secrets", &all);
    let body = bodies.try_recv().expect("a request");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    (output, body.to_string())
}

#[test]
fn secret_keys_are_redacted_by_default_on_lines_and_exported_spans() {
    let (output, body) = service(&[]);
    for out in [&output.stdout, &body] {
        assert!(!out.contains(PASSWORD), "{out}");
        // These need patterns or own keys.
        for left in [TOKEN, CARD, EMAIL, ADDRESS, SSN] {
            assert!(out.contains(left), "{left} in {out}");
        }
    }
    let welcome = output.with_message("welcome");
    for key in ["password", "api_key"] {
        assert_eq!(welcome.get(key), "[redacted]");
    }
    assert_eq!(welcome.get("has_password"), true);
    assert!(
        body.contains("\"key\":\"deploy.token\",\"value\":{\"stringValue\":\"[redacted]\"}"),
        "{body}"
    );
    assert!(body.contains("\"stringValue\":\"north\""), "{body}");
}

#[test]
fn none_switches_redaction_off() {
    let (output, body) = service(&[("LOG_REDACT", "none")]);
    for out in [&output.stdout, &body] {
        for left in [PASSWORD, TOKEN, CARD, EMAIL, ADDRESS, SSN] {
            assert!(out.contains(left), "{left} in {out}");
        }
    }
    assert_eq!(output.with_message("welcome").get("password"), PASSWORD);
}

#[test]
fn own_keys_are_added_to_the_default_and_can_name_their_replacement() {
    let (output, body) = service(&[("LOG_REDACT_KEYS", "ssn=last4")]);
    for out in [&output.stdout, &body] {
        assert!(!out.contains(PASSWORD) && !out.contains(SSN), "{out}");
        assert!(out.contains("****1120"), "{out}");
    }
    let (output, body) = service(&[("LOG_REDACT", "none"), ("LOG_REDACT_KEYS", "ssn=remove")]);
    for out in [&output.stdout, &body] {
        assert!(out.contains(PASSWORD) && !out.contains("ssn"), "{out}");
    }
}

#[cfg(feature = "redact")]
#[test]
fn all_sets_together_leave_no_secret_on_lines_panics_and_exported_spans() {
    let variables = [
        ("LOG_REDACT", "secrets,cards,emails,ips"),
        ("LOG_REDACT_KEYS", "ssn"),
    ];
    for format in ["json", "pretty"] {
        let output = command("secrets")
            .envs(variables)
            .env("LOG_FORMAT", format)
            .output()
            .expect("the child process starts");
        let stdout = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(stdout.contains("[redacted] paid"), "{stdout}");
        assert!(stdout.contains("cannot use [redacted]"), "{stdout}");
        for secret in [PASSWORD, TOKEN, CARD, EMAIL, ADDRESS, SSN] {
            assert!(!stdout.contains(secret), "{secret} in {stdout}");
        }
    }
    let (output, body) = service(&variables);
    for out in [&output.stdout, &body] {
        for secret in [PASSWORD, TOKEN, CARD, EMAIL, ADDRESS, SSN] {
            assert!(!out.contains(secret), "{secret} in {out}");
        }
    }
}

#[cfg(feature = "redact")]
#[test]
#[ignore = "needs a real Jaeger: tests/servers/jaeger.sh install"]
fn no_secret_is_found_in_jaeger() {
    let jaeger = Server::start("jaeger.sh", &["start"]);
    let output = run(
        "secrets",
        &[
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                &*jaeger.address("JAEGER_OTLP_HTTP"),
            ),
            ("LOG_REDACT", "secrets,cards,emails,ips"),
            ("LOG_REDACT_KEYS", "ssn"),
        ],
    );
    let trace = output.with_message("welcome").get("trace_id");
    let trace = trace.as_str().expect("a string");
    let url = format!("{}/api/traces/{trace}", jaeger.address("JAEGER_QUERY"));
    let response = get(&url, |response| {
        let spans = response["data"][0]["spans"].as_array();
        spans.is_some_and(|spans| spans.len() == 2)
    });
    let response = response.to_string();
    assert!(response.contains("git clone") && response.contains("[redacted]"));
    for secret in [PASSWORD, TOKEN, CARD, EMAIL, ADDRESS, SSN] {
        assert!(!response.contains(secret), "{secret} in {response}");
    }
}

#[cfg(feature = "redact")]
#[test]
fn with_a_key_of_pseudonyms_a_user_can_be_followed_from_lines_to_spans() {
    let variables = [
        ("LOG_REDACT_KEYS", "ssn"),
        ("LOG_REDACT_KEY", "0123456789abcdef"),
    ];
    let (output, body) = service(&variables);
    let welcome = output.with_message("welcome");
    let pseudonym = welcome.get("ssn").as_str().expect("a string");
    assert_eq!(pseudonym.len(), 12, "{pseudonym}");
    assert_eq!(welcome.get("customer.ssn"), pseudonym);
    assert!(body.contains(pseudonym), "{body}");
    let (again, _) = service(&variables);
    assert_eq!(again.with_message("welcome").get("ssn"), pseudonym);
}

#[cfg(not(feature = "redact"))]
#[test]
fn words_that_need_a_feature_name_it() {
    for (variable, value) in [
        ("LOG_REDACT", "secrets"),
        ("LOG_REDACT", "keys=pseudonym"),
        ("LOG_REDACT_KEYS", "ssn=pseudonym"),
        ("LOG_REDACT_KEY", "0123456789abcdef"),
    ] {
        let output = run("service", &[(variable, value)]);
        let expected = "needs the feature `redact` of tracing-stamp";
        let stderr = &output.stderr;
        assert!(
            stderr.contains(variable) && stderr.contains(expected),
            "{stderr}"
        );
    }
}

#[cfg(feature = "ship")]
#[test]
fn lines_in_a_log_file_and_on_a_log_server_are_redacted() {
    let folder = std::env::temp_dir().join(format!("redacted-{}", std::process::id()));
    let file = folder.join("orders.jsonl");
    std::fs::create_dir_all(&folder).expect("the folder can be created");
    let (endpoint, bodies) = collector();
    let target = format!("otlp={endpoint}");
    let output = run(
        "secrets",
        &[
            ("LOG_FILE", file.to_str().expect("UTF-8")),
            ("LOG_SHIP", &*target),
            ("LOG_REDACT_KEYS", "ssn"),
        ],
    );
    let written = std::fs::read_to_string(&file).expect("the file exists");
    let _ = std::fs::remove_dir_all(&folder);
    let shipped: Vec<u8> = bodies.try_iter().flatten().collect();
    let shipped = String::from_utf8_lossy(&shipped);
    for out in [&*written, &shipped] {
        assert!(out.contains("welcome"), "{out} {}", output.stderr);
        assert!(!out.contains(SSN) && !out.contains(PASSWORD), "{out}");
    }
}

#[test]
fn lines_that_the_set_up_writes_itself_have_the_redacted_resource() {
    let lines = code::lines(
        setup()
            .with_resource([("service.namespace", "hunter2")])
            .with_redaction(Redaction::new().key("namespace"))
            .with_unstamped_report(true),
        || info!("hello"),
    );
    for message in ["hello", "lines outside of any trace"] {
        let line = lines.with_message(message);
        assert_eq!(line.get("service.namespace"), "[redacted]");
    }
}

#[test]
fn rules_in_code_replace_those_of_the_environment() {
    // Without a variable, the environment has the rules for secret keys.
    let lines = code::lines(setup().with_redaction(Redaction::new().key("ssn")), || {
        info!(ssn = SSN, password = PASSWORD, "hello");
    });
    let line = lines.with_message("hello");
    assert_eq!(line.get("ssn"), "[redacted]");
    assert_eq!(line.get("password"), PASSWORD);
}

#[test]
fn the_layer_has_the_last_word_and_exported_spans_follow_it() {
    let redaction = Redaction::new().replaced_by(Replacement::Remove).key("ssn");
    let lines = code::lines(
        setup().configure_layer(|layer| layer.with_redaction(redaction)),
        || info!(ssn = SSN, password = PASSWORD, "hello"),
    );
    let line = lines.with_message("hello");
    assert!(!line.has("ssn"));
    assert_eq!(line.get("password"), PASSWORD);
}

#[test]
fn the_guard_counts_what_the_lines_and_the_exporter_have_redacted() {
    let (output, _) = service(&[]);
    // Only the exporter has an attribute with this key, that of the resource.
    assert!(output.stderr.contains("token: 1\n"), "{}", output.stderr);
    assert!(output.stderr.contains("cookie: "), "{}", output.stderr);
}

#[test]
fn a_provider_of_the_application_is_not_redacted() {
    let exported = Exported::new();
    let setup = setup().with_tracer_provider(exported.provider.clone());
    code::lines(setup, || {
        drop(info_span!("login", password = PASSWORD));
        let attributes = &exported.spans()[0].attributes;
        let mut values = attributes.iter().map(|attribute| attribute.value.as_str());
        assert!(values.any(|value| value == PASSWORD));
    });
}
