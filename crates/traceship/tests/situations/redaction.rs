//! Nothing secret leaves: neither in a request nor in a file beside the log.

use super::{
    PATIENCE,
    elasticsearch::Mood,
    files::{Folder, append},
    lines::number_of,
    server::{Action, Request, Server, response},
    shipper, shipper_to,
    stand::Stand,
    wait_for, wait_until,
    wire::Wire,
};
use log_redaction::{Redaction, Replacement};
use serde_json::{Value, json};
use std::{fs, ops::ControlFlow, path::Path, time::Duration};
use traceship::{Elasticsearch, Loki, Otlp, Shipper, Target};

const REJECTED: &str = ".loki.rejected.jsonl";
const WAITING: &str = ".loki.waiting.jsonl";
const PASSWORD: &str = "hunter2-correct-horse";
const JWT: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const MAIL: &str = "ada@example.org";
const KEY: &str = "a key of pseudonyms";

fn rules() -> Redaction {
    Redaction::new().secrets().emails().cards()
}

fn pseudonyms() -> Redaction {
    Redaction::new()
        .replaced_by(Replacement::Pseudonym)
        .key("user")
        .with_pseudonym_key(KEY)
}

fn assert_absent(bytes: &[u8], secret: &str) {
    let is_there = bytes
        .windows(secret.len())
        .any(|part| part == secret.as_bytes());
    assert!(
        !is_there,
        "{secret} is in {}",
        String::from_utf8_lossy(bytes)
    );
}

fn assert_present(bytes: &[u8], text: &str) {
    let is_there = bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes());
    assert!(
        is_there,
        "{text} is not in {}",
        String::from_utf8_lossy(bytes)
    );
}

/// Writes files of different programs. Each of the numbers from 0 to 7 is in one line.
fn write_logs(folder: &Folder) {
    let time = "2026-11-30T10:00:00.000Z";
    let json = [
        format!(r#"{{"ts":"{time}","msg":"n=0;","password":"{PASSWORD}"}}"#),
        format!(r#"{{"ts":"{time}","msg":"n=1;","\u0070assword":"{PASSWORD}"}}"#),
        format!(
            r#"{{"ts":"{time}","msg":"n=2;","login":{{"user":{{"API-Key":["{PASSWORD}"]}}}}}}"#
        ),
        format!(r#"{{"ts":"{time}","msg":"n=3; from {MAIL}, token {JWT}"}}"#),
    ];
    append(&folder.at("json.log"), &(json.join("\n") + "\n"));
    append(
        &folder.at("text.log"),
        &format!("n=4; password={PASSWORD} for {MAIL}\n"),
    );
    let docker =
        |text: &str| json!({ "log": text, "stream": "stderr", "time": time }).to_string() + "\n";
    let line = format!("{{\"msg\":\"n=5; {JWT}\",\"password\":\"{PASSWORD}\"}}\n");
    let (begin, end) = line.split_at(line.len() - 12);
    append(
        &folder.at("docker.log"),
        &(docker(begin) + &docker(end) + &docker(&format!("n=6; {JWT}\n"))),
    );
    let (begin, end) = JWT.split_at(30);
    append(
        &folder.at("cri.log"),
        &format!("{time} stdout P n=7; {begin}\n{time} stdout F {end}\n"),
    );
}

fn targets(url: &str) -> [Target; 3] {
    let loki = Loki::new(url)
        .and_then(|loki| loki.with_label_of("who", "password"))
        .expect("the address is valid");
    [
        loki.into(),
        Elasticsearch::new(url, "logs")
            .expect("the address is valid")
            .into(),
        Otlp::new(url).expect("the address is valid").into(),
    ]
}

#[test]
fn no_request_to_any_server_has_a_secret_of_any_form_of_line() {
    for index in 0..3 {
        let (folder, wire) = (Folder::new(), Wire::start());
        write_logs(&folder);
        let [loki, elasticsearch, otlp] = targets(&wire.url());
        let target = [loki, elasticsearch, otlp].into_iter().nth(index);
        let shipper = shipper_to(target.expect("there are three"), &folder.0);
        let report = shipper.with_redaction(rules()).run_once();
        let report = report.expect("shipping succeeds");
        let sent = wire.bytes();
        for number in 0..8 {
            assert_present(&sent, &format!("n={number};"));
        }
        for secret in [PASSWORD, JWT, "dozjgNryP4J3jVmNHl0w5N", MAIL] {
            assert_absent(&sent, secret);
        }
        assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (8, 0));
        let counts = report.stats().redacted_by_rule();
        let passwords = counts.iter().find(|(rule, _)| rule == "password");
        assert!(
            passwords.is_some_and(|(_, count)| *count >= 4),
            "{counts:?}"
        );
    }
}

#[test]
fn without_rules_lines_are_sent_as_they_are() {
    let (folder, wire) = (Folder::new(), Wire::start());
    write_logs(&folder);
    let [loki, ..] = targets(&wire.url());
    let report = shipper_to(loki, &folder.0).run_once();
    let report = report.expect("shipping succeeds");
    assert_present(&wire.bytes(), PASSWORD);
    assert_eq!(report.stats().redacted_by_rule(), []);
}

#[test]
fn time_level_ids_and_everything_that_is_not_secret_stay() {
    let folder = Folder::new();
    let line = |password: &str| {
        format!(
            "{{\"when\":\"2026-11-30T10:00:00.123456Z\",\"level\":\"WARN\",\"message\":\"n=1;\",\"traceId\":\"{:032x}\",\
             \"span_id\":\"{:016x}\",\"log.record.uid\":\"U1\",\"password\":{password},\"has_token\":true, \"x\": [1.50,null]}}",
            7, 8
        )
    };
    append(&folder.at("app.log"), &(line("\"secret\"") + "\n"));
    let names = log_files::KeyNames {
        timestamp: "when",
        trace_id: "traceId",
        ..log_files::OTEL
    };
    // The last words of all ids have rules.
    let rules = Redaction::new()
        .secret_keys()
        .key("id")
        .key("uid")
        .key("when")
        .key("level");
    // The order of the settings makes no difference.
    let settings: [&dyn Fn(Shipper) -> Shipper; 2] = [
        &|shipper| shipper.with_key_names(names).with_redaction(rules.clone()),
        &|shipper| shipper.with_redaction(rules.clone()).with_key_names(names),
    ];
    for set in settings {
        let stand = Stand::loki();
        let shipper = set(shipper(&stand, &folder.0).with_from_start(true));
        shipper.run_once().expect("shipping succeeds");
        let entries = stand.entries();
        assert_eq!(entries[0].line, line("\"[redacted]\""));
        assert_eq!(entries[0].nanos, 1_796_032_800_123_456_000);
        assert_eq!(entries[0].metadata["trace_id"], format!("{:032x}", 7));
        assert!(entries[0].labels.contains("level=\"warn\""));
    }
}

#[test]
fn a_secret_across_the_limit_of_a_line_is_redacted_before_the_line_is_cut() {
    for offset in 0..60 {
        let (folder, wire) = (Folder::new(), Wire::start());
        let filler = "x ".repeat(480 + offset);
        append(
            &folder.at("app.log"),
            &format!(
                "{{\"msg\":\"n=1; {filler} {JWT} {filler}\"}}\nn=2; {filler} {JWT} {filler}\n"
            ),
        );
        let loki = Loki::new(wire.url().as_str()).expect("the address is valid");
        let shipper = shipper_to(loki.with_max_line_bytes(1_024).into(), &folder.0);
        let report = shipper.with_redaction(rules()).run_once();
        let report = report.expect("shipping succeeds");
        assert_eq!((report.stats().shipped(), report.stats().cut()), (2, 2));
        assert_absent(&wire.bytes(), "eyJ");
    }
}

#[test]
fn rejected_lines_are_redacted_in_their_file_and_sent_again_without_secrets() {
    let folder = Folder::new();
    let server = Server::start(|_| response(400, "1 has structured metadata too large"));
    write_logs(&folder);
    let shipper = |rules| to_loki(&server, &folder.0).with_redaction(rules);
    let report = shipper(rules()).run_once().expect("shipping succeeds");
    assert_eq!(report.stats().rejected(), 8);
    let records = fs::read(folder.at(REJECTED)).expect("lines are rejected");
    assert_no_secret(&records);
    server.decide(|_| Action::Accept);
    let report = shipper(rules()).retry_rejected();
    let report = report.expect("rejected lines are sent again");
    assert_eq!(report.stats().shipped(), 8);
    for entry in server.entries() {
        assert_no_secret(format!("{entry:?}").as_bytes());
    }
}

#[test]
fn a_line_that_was_rejected_before_there_were_rules_is_redacted_when_it_is_sent_again() {
    let folder = Folder::new();
    let server = Server::start(|_| response(400, "1 has structured metadata too large"));
    write_logs(&folder);
    to_loki(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    assert_present(
        &fs::read(folder.at(REJECTED)).expect("lines are rejected"),
        PASSWORD,
    );
    // They are rejected again, now by their redacted texts.
    let shipper = || to_loki(&server, &folder.0).with_redaction(rules());
    let report = shipper().retry_rejected().expect("lines are sent again");
    assert_eq!(report.stats().rejected(), 8);
    assert_no_secret(&fs::read(folder.at(REJECTED)).expect("lines are rejected"));
    server.decide(|_| Action::Accept);
    let report = shipper().retry_rejected().expect("lines are sent again");
    assert_eq!(report.stats().shipped(), 8);
    for entry in server.entries() {
        assert_no_secret(format!("{entry:?}").as_bytes());
    }
}

#[test]
fn a_pseudonym_in_the_file_of_rejected_lines_is_not_replaced_a_second_time() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let server = Server::start(|_| response(400, "1 has structured metadata too large"));
    append(
        &folder.at("app.log"),
        "{\"msg\":\"n=1;\",\"user\":\"ada\"}\n",
    );
    shipper(&stand, &folder.0)
        .with_name("direct")
        .expect("the name is valid")
        .with_redaction(pseudonyms())
        .run_once()
        .expect("shipping succeeds");
    let expected = stand.stored();
    assert!(!expected[0].contains("ada"), "{expected:?}");
    to_loki(&server, &folder.0)
        .with_redaction(pseudonyms())
        .run_once()
        .expect("shipping succeeds");
    server.decide(|_| Action::Accept);
    to_loki(&server, &folder.0)
        .with_redaction(pseudonyms())
        .retry_rejected()
        .expect("rejected lines are sent again");
    let lines: Vec<_> = server
        .entries()
        .into_iter()
        .map(|entry| entry.line)
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn lines_that_wait_are_redacted_in_their_file_also_if_the_rules_are_newer() {
    let folder = Folder::new();
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(20);
    let server = Server::start(too_new);
    append(
        &folder.at("app.log"),
        &format!("{{\"ts\":\"{time}\",\"msg\":\"n=1;\",\"password\":\"{PASSWORD}\"}}\n"),
    );
    let wait = |shipper: Shipper| {
        let shipping = shipper.start().expect("the shipper starts");
        let begin = std::time::Instant::now();
        while !folder.at(WAITING).exists() && begin.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        shipping.shutdown(Duration::from_secs(5));
        fs::read(folder.at(WAITING)).expect("a line waits")
    };
    assert_present(&wait(to_loki(&server, &folder.0)), PASSWORD);
    server.decide(|_| Action::Accept);
    let shipper = to_loki(&server, &folder.0).with_redaction(rules());
    let shipping = shipper.start().expect("the shipper starts");
    wait_until("the line arrives", || !server.entries().is_empty());
    shipping.shutdown(Duration::from_secs(5));
    assert_no_secret(format!("{:?}", server.entries()).as_bytes());
    assert!(!folder.at(WAITING).exists());

    server.decide(too_new);
    append(
        &folder.at("app.log"),
        &format!("{{\"ts\":\"{time}\",\"msg\":\"n=2;\",\"password\":\"{PASSWORD}\"}}\n"),
    );
    let records = wait(to_loki(&server, &folder.0).with_redaction(rules()));
    assert_present(&records, "n=2;");
    assert_no_secret(&records);
}

#[test]
fn the_cursor_counts_the_bytes_of_the_file_and_lines_that_are_sent_again_are_the_same() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let line =
            |number: u64| format!("{{\"msg\":\"n={number};\",\"user\":\"u{}\"}}\n", number % 7);
        append(
            &folder.at("app.log"),
            &(0..1_000).map(line).collect::<String>(),
        );
        let shipper = || {
            shipper(&stand, &folder.0)
                .with_batch_lines(100)
                .with_redaction(pseudonyms())
        };
        stand.set_mood(Mood::LosesReplies);
        let shipping = shipper().start().expect("the shipper starts");
        wait_for(&stand, 100);
        shipping.shutdown(Duration::ZERO);
        stand.set_mood(Mood::Accepts);
        append(
            &folder.at("app.log"),
            &(1_000..1_100).map(line).collect::<String>(),
        );
        let report = shipper().run_once().expect("shipping succeeds");
        assert_eq!(report.unshipped_bytes(), 0);
        append(&folder.at("app.log"), &line(1_100));
        let report = shipper().run_once().expect("shipping succeeds");
        assert_eq!(report.stats().shipped(), 1);
        super::assert_once(&stand, 0..1_101);
        // Each user has one pseudonym.
        let stored = stand.stored();
        for number in 0..7 {
            let of_user = stored
                .iter()
                .filter(|line| number_of(line).is_some_and(|n| n % 7 == number));
            let names: std::collections::BTreeSet<String> = of_user
                .map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"))
                .map(|line| line["user"].to_string())
                .collect();
            assert!(
                names.len() == 1 && !names.contains(&format!("\"u{number}\"")),
                "{names:?}"
            );
        }
    }
}

#[test]
fn a_dry_run_shows_redacted_lines_at_their_offsets_in_the_file() {
    let folder = Folder::new();
    write_logs(&folder);
    append(&folder.at("text.log"), "n=8;\n");
    let [loki, ..] = targets("http://127.0.0.1:9");
    let mut last = None;
    let shipper = shipper_to(loki, &folder.0).with_redaction(rules());
    let shown = shipper.dry_run(|line| {
        assert_no_secret(line.text());
        assert_no_secret(line.labels().unwrap_or_default().as_bytes());
        if line.text() == b"n=8;" {
            last = Some(line.offset());
        }
        ControlFlow::Continue(())
    });
    shown.expect("the files are read");
    let before = format!("n=4; password={PASSWORD} for {MAIL}\n").len() as u64;
    assert_eq!(last, Some(before));
}

#[test]
fn a_line_of_which_nothing_is_left_is_not_sent() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("app.log"), &format!("{MAIL}\nn=1; {MAIL}\n"));
    let rules = Redaction::new().replaced_by(Replacement::Remove).emails();
    let shipper = shipper(&stand, &folder.0).with_redaction(rules);
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(stand.stored(), ["n=1;"]);
    assert_eq!((report.stats().shipped(), report.unshipped_bytes()), (1, 0));
}

#[test]
fn each_secret_is_counted_once_although_lines_of_containers_are_read_in_several_attempts() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let docker = |text: &str| {
        json!({ "log": text, "stream": "stdout", "time": "2026-11-30T10:00:00Z" }).to_string()
            + "\n"
    };
    let mut text = String::new();
    for number in 0..50 {
        text += &docker(&format!("{{\"msg\":\"n={number};\",\"password\":\"x\"}}\n"));
    }
    // A line in many parts is longer than the bytes that are read at once.
    text += &docker("{\"msg\":\"n=50;\",\"filler\":\"");
    for _ in 0..1_000 {
        text += &docker(&"y".repeat(1_000));
    }
    text += &docker("\",\"password\":\"x\"}\n");
    append(&folder.at("0.log"), &text);
    let shipper = shipper(&stand, &folder.0)
        .with_batch_bytes(4 << 10)
        .with_redaction(Redaction::new().secret_keys());
    let report = shipper.run_once().expect("shipping succeeds");
    assert_eq!(
        report.stats().redacted_by_rule(),
        [("password".to_owned(), 51)]
    );
}

#[test]
fn pseudonyms_without_a_key_are_refused() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(&folder.at("app.log"), "n=1;\n");
    let rules = || {
        Redaction::new()
            .replaced_by(Replacement::Pseudonym)
            .emails()
    };
    let shipper = || shipper(&stand, &folder.0).with_redaction(rules());
    for error in [
        shipper().start().map(drop).expect_err("there is no key"),
        shipper().run_once().map(drop).expect_err("there is no key"),
        shipper()
            .retry_rejected()
            .map(drop)
            .expect_err("there is no key"),
        shipper()
            .dry_run(|_| ControlFlow::Continue(()))
            .expect_err("there is no key"),
    ] {
        assert!(error.to_string().contains("with_pseudonym_key"), "{error}");
    }
    let keyed = rules().with_pseudonym_key(KEY);
    super::shipper(&stand, &folder.0)
        .with_redaction(keyed)
        .run_once()
        .expect("there is a key");
}

/// Refuses a push as Loki refuses a line that is too far in the future.
fn too_new(request: &Request) -> Action {
    response(
        400,
        &format!(
            "entry for stream '{}' has timestamp too new: …",
            request.lines[0].labels
        ),
    )
}

fn to_loki(server: &Server, files: &Path) -> Shipper {
    let loki = Loki::new(server.url().as_str()).expect("the address is valid");
    shipper_to(loki.into(), files)
}

fn assert_no_secret(bytes: &[u8]) {
    for secret in [PASSWORD, JWT, MAIL] {
        assert_absent(bytes, secret);
    }
}
