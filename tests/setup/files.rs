//! Files that variables name, such as `LOG_FILE`: no problem with such a file stops or blocks a service.
#![cfg(unix)]

use super::children::run;
use std::{env, fs, path::PathBuf, process::Command};
use tracing::{info, info_span};

/// A temporary folder, removed at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("stamp-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the folder can be created");
        Self(path)
    }

    /// The path of a file in the folder.
    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Creates a named pipe.
    fn pipe(&self, name: &str) -> String {
        let path = self.at(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo runs").success());
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_service_writes_to_a_file_beside_a_log_file_that_another_process_writes() {
    let folder = Folder::new("locked");
    let path = folder.at("orders.jsonl");
    let (_dispatch, _guard) = tracing_stamp::setup()
        .with_log_file(&path)
        .build()
        .expect("the set-up is valid");
    let output = run("service", &[("LOG_FILE", &path)]);
    let beside = folder.at("orders.instance-2.jsonl");
    assert!(output.stderr.contains("open already"), "{}", output.stderr);
    assert_eq!(
        output.stderr.matches(&beside).count(),
        1,
        "{}",
        output.stderr
    );
    let text = fs::read_to_string(&beside).expect("the service has written it");
    assert!(text.contains("cart received") && text.contains("card declined"));
    assert_eq!(output.lines.len(), 0, "{}", output.stdout);
}

#[test]
fn lines_go_to_standard_output_if_the_log_file_cannot_be_opened_and_that_is_reported_once() {
    let folder = Folder::new("unopenable");
    fs::write(folder.at("file"), "").expect("the folder is writable");
    let pipe = folder.pipe("pipe");
    for path in [folder.at("file/orders.jsonl"), folder.at(""), pipe] {
        let output = run("service", &[("LOG_FILE", &path)]);
        let reports = output.stderr.matches("written to standard output").count();
        assert_eq!(reports, 1, "{path}: {}", output.stderr);
        output.with_message("cart received");
        output.with_message("card declined");
    }
}

/// Logs to a writer that is set in code.
pub(crate) fn ignored_file_child() {
    let _guard = tracing_stamp::setup()
        .with_writer(std::io::stdout())
        .init()
        .expect("the set-up is valid");
    info_span!("request").in_scope(|| info!("to the writer"));
}

#[test]
fn a_log_file_beside_a_writer_in_code_is_reported_as_ignored() {
    let folder = Folder::new("ignored");
    let path = folder.at("orders.jsonl");
    let output = run("ignored-file", &[("LOG_FILE", &path)]);
    output.with_message("to the writer");
    let report = format!("the log file {path} is ignored");
    assert_eq!(
        output.stderr.matches(&report).count(),
        1,
        "{}",
        output.stderr
    );
    assert!(!PathBuf::from(path).exists());

    let output = run("ignored-file", &[]);
    output.with_message("to the writer");
    assert_eq!(output.stderr, "");
}

#[test]
fn a_log_file_may_be_the_device_of_standard_output() {
    let output = run("service", &[("LOG_FILE", "/dev/stdout")]);
    output.with_message("cart received");
    output.with_message("card declined");
}

#[test]
fn a_certificate_file_without_an_end_or_a_writer_is_refused_at_once() {
    let folder = Folder::new("certificate");
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9");
    let name = "OTEL_EXPORTER_OTLP_CERTIFICATE";
    for path in [folder.pipe("roots.pem"), "/dev/zero".to_owned()] {
        let output = run("service", &[endpoint, (name, &path)]);
        output.with_message("cart received");
        let refused = format!("{path} cannot be read");
        assert!(
            output.stderr.contains(&refused),
            "{path}: {}",
            output.stderr
        );
    }
}
