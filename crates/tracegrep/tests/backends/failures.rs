//! Servers that fail, or that respond with what they should not. The program is run, because its messages and exit codes matter.

use crate::{
    http::{Listener, messages, respond},
    shop::{Shop, texts},
    support::TRACE,
};
use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

const SECRETS: [&str; 3] = ["s3cret", "dXNlcjpzM2NyZXQ=", "user:"];

/// A server that responds to all requests alike.
fn responding(status: u16, headers: &str, body: &str) -> Listener {
    let (headers, body) = (headers.to_owned(), body.to_owned());
    Listener::start(move |stream| {
        for _ in messages(stream) {
            if respond(stream, status, &headers, &body).is_err() {
                return;
            }
        }
    })
}

fn with_password(url: &str) -> String {
    url.replace("http://", "http://user:s3cret@")
}

fn tracegrep(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
    let command = command.args(arguments).stdin(Stdio::null());
    let output = command.output().expect("the program starts");
    let shown = [&*output.stdout, &*output.stderr].concat();
    let shown = String::from_utf8_lossy(&shown);
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
    output
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_server_that_fails_ends_neither_the_search_of_files_nor_that_of_other_servers() {
    let shop = Shop::new();
    let folder = shop.path().to_str().expect("text");
    let expected = texts(&shop.trace()).join("\n") + "\n";
    let row = format!(r#"{{"_time":"2030-01-01T00:00:00Z","_msg":"later {TRACE}"}}"#);
    let healthy = responding(200, "", &row);
    let deep = "[".repeat(100_000);
    for (status, body, reason) in [
        (500, "no disk", "responds with HTTP 500: no disk"),
        (401, "", "responds with HTTP 401"),
        (200, "<html>", "does not respond as"),
        (200, "", "does not respond as"),
        (200, &*deep, "does not respond as"),
        (
            200,
            r#"{"hits":{"hits":7},"data":7}"#,
            "does not respond as",
        ),
    ] {
        let failing = responding(status, "", body);
        let url = with_password(&failing.url());
        for option in ["--loki", "--opensearch", "--jaeger"] {
            let healthy = healthy.url();
            let output = tracegrep(&[TRACE, folder, option, &url, "--victorialogs", &healthy]);
            assert_eq!(output.status.code(), Some(2), "{option} {body:.20}");
            let shown = stderr(&output);
            assert!(
                shown.contains(&format!("{}: {reason}", failing.url())),
                "{option} {shown}"
            );
            let expected = format!("{expected}later {TRACE}\n");
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                expected,
                "{option}"
            );
        }
    }
}

#[test]
fn no_server_at_the_address_is_an_error_that_shows_no_password() {
    for option in ["--loki", "--opensearch", "--victorialogs", "--jaeger"] {
        let output = tracegrep(&[TRACE, option, "http://user:s3cret@127.0.0.1:1"]);
        assert_eq!(output.status.code(), Some(2));
        let shown = stderr(&output);
        assert!(
            shown.contains("http://127.0.0.1:1: the request failed: "),
            "{shown}"
        );
        for wrong in [
            "user:s3cret@host",
            "ftp://user:s3cret@host",
            "http://user:s3cret@host?x",
        ] {
            let output = tracegrep(&[TRACE, option, wrong]);
            assert_eq!(output.status.code(), Some(2), "{wrong}");
            assert!(stderr(&output).contains("not a valid server address"));
        }
    }
    for wrong in [
        "otlp=http://user:s3cret@127.0.0.1:1",
        "jaeger=http://user:s3cret@a",
        "user:s3cret@a",
    ] {
        let shop = Shop::new();
        let folder = shop.path().to_str().expect("text");
        let output = tracegrep(&[TRACE, folder, "--export", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

/// A server that refuses all requests and repeats their credentials.
fn repeating(body: &'static str) -> Listener {
    Listener::start(move |stream| {
        for message in messages(stream) {
            let is_authorization =
                |line: &&str| line.to_ascii_lowercase().starts_with("authorization");
            let line = message
                .head
                .lines()
                .find(is_authorization)
                .unwrap_or_default();
            let shown = body.replace("AUTH", line);
            if respond(stream, 401, "", &shown).is_err() {
                return;
            }
        }
    })
}

#[test]
fn credentials_that_a_server_repeats_in_an_error_are_not_shown() {
    let shop = Shop::new();
    let folder = shop.path().to_str().expect("text");
    for body in [
        "bad credentials AUTH",
        r#"{"message":"bad credentials AUTH user:s3cret"}"#,
    ] {
        let server = repeating(body);
        let url = with_password(&server.url());
        let export = format!("otlp={url}");
        for option in [
            "--loki",
            "--opensearch",
            "--victorialogs",
            "--jaeger",
            "--export",
        ] {
            let value = if option == "--export" { &export } else { &url };
            let output = tracegrep(&[TRACE, folder, option, value]);
            assert_eq!(output.status.code(), Some(2), "{option}");
            let shown = stderr(&output);
            assert!(shown.contains("bad credentials"), "{option} {shown}");
        }
    }
}

#[test]
fn an_export_to_a_server_that_is_no_receiver_of_spans_fails() {
    let shop = Shop::new();
    let folder = shop.path().to_str().expect("text");
    for (body, code) in [
        ("<html>welcome</html>", 2),
        (r#"{"status":"success"}"#, 2),
        (r#"{"partialSuccess":{}}"#, 0),
    ] {
        let server = responding(200, "content-type: text/html\r\n", body);
        let export = format!("otlp={}", server.url());
        let output = tracegrep(&[TRACE, folder, "--export", &export]);
        assert_eq!(output.status.code(), Some(code), "{body}");
        let is_reported = stderr(&output).contains("does not respond as an OTLP receiver does");
        assert_eq!(is_reported, code == 2, "{}", stderr(&output));
    }
}

#[test]
fn lines_of_a_trace_that_has_only_spans_are_explained() {
    let spans = format!(
        r#"{{"data":[{{"spans":[{{"traceID":"{TRACE}","spanID":"00f067aa0ba902b7","operationName":"place order","references":[],"startTime":1,"duration":1,"tags":[]}}],"processes":{{}}}}]}}"#
    );
    let jaeger = responding(200, "", &spans);
    let output = tracegrep(&[TRACE, "--jaeger", &jaeger.url()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("place order"));
    let output = tracegrep(&[TRACE, "--lines", "--jaeger", &jaeger.url()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("--tree shows the spans"));
}

#[test]
fn a_redirect_is_not_followed_so_credentials_stay_with_the_server_that_was_named() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let other = Listener::start(move |stream| {
        for _ in messages(stream) {
            count.fetch_add(1, SeqCst);
            if respond(stream, 200, "", "{}").is_err() {
                return;
            }
        }
    });
    let location = format!("location: {}/\r\n", other.url());
    let redirecting = responding(307, &location, "");
    let url = with_password(&redirecting.url());
    for option in ["--loki", "--opensearch", "--victorialogs", "--jaeger"] {
        let output = tracegrep(&[TRACE, option, &url]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("a redirect to another address"),
            "{}",
            stderr(&output)
        );
    }
    assert_eq!(requests.load(SeqCst), 0);
}

#[test]
fn a_response_without_an_end_is_read_only_up_to_a_limit() {
    let endless = Listener::start(|mut stream| {
        if messages(stream).next().is_none() {
            return;
        }
        let block = vec![b' '; 1 << 20];
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while sent.is_ok() {
            sent = stream.write_all(&block);
        }
    });
    for option in ["--jaeger", "--loki", "--opensearch", "--victorialogs"] {
        let output = tracegrep(&[TRACE, option, &endless.url()]);
        assert_eq!(output.status.code(), Some(2));
        let shown = stderr(&output);
        let expected = match option {
            "--victorialogs" => "has more than 64 MiB of lines with the id",
            _ => "the response cannot be read",
        };
        assert!(shown.contains(expected), "{option} {shown}");
    }
}

#[test]
fn credentials_of_the_environment_and_of_files_reach_the_server() {
    let listener = Listener::start(|stream| {
        for message in messages(stream) {
            let head = message.head.to_ascii_lowercase();
            let is_allowed = head.contains("authorization: bearer s3cret\r\n")
                && head.contains("x-scope-orgid: shop\r\n");
            let (status, body) = match is_allowed {
                true => (200, r#"{"data":{"result":[]}}"#),
                false => (401, ""),
            };
            if respond(stream, status, "", body).is_err() {
                return;
            }
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let token = folder.path().join("token");
    std::fs::write(&token, "s3cret\n").expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
    let command = command.args([TRACE, "--loki", &listener.url()]);
    let run = |command: &mut Command| command.output().expect("the program starts").status.code();
    assert_eq!(run(command), Some(2));
    let command = command
        .env("LOKI_BEARER_TOKEN_FILE", &token)
        .env("LOKI_ORG_ID", "shop");
    assert_eq!(run(command), Some(1), "nothing is found");
}
