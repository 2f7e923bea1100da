//! `LOG_FILE`, and files that other variables name: what is wrong with them never blocks a service, and a log file never stops one.
#![cfg(unix)]

use super::children::run;
use std::{env, fs, path::PathBuf, process::Command};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("stamp-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

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
fn a_service_starts_where_another_process_writes_its_log_file() {
    let folder = Folder::new("locked");
    let path = folder.at("orders.jsonl");
    let (_dispatch, _guard) = tracing_stamp::setup()
        .with_log_file(&path)
        .build()
        .expect("it starts");
    let said = run("service", &[("LOG_FILE", &path)]);
    let beside = folder.at("orders.instance-2.jsonl");
    assert!(said.err.contains("open already"), "{}", said.err);
    assert_eq!(said.err.matches(&beside).count(), 1, "{}", said.err);
    let text = fs::read_to_string(&beside).expect("it is there");
    assert!(text.contains("cart received") && text.contains("card declined"));
    assert_eq!(said.lines.len(), 0, "{}", said.out);
}

#[test]
fn a_service_whose_log_file_cannot_be_opened_writes_to_standard_output_and_says_so_once() {
    let folder = Folder::new("unopenable");
    fs::write(folder.at("file"), "").expect("it can be written");
    let pipe = folder.pipe("pipe");
    for path in [folder.at("file/orders.jsonl"), folder.at(""), pipe] {
        let said = run("service", &[("LOG_FILE", &path)]);
        let told = said.err.matches("written to standard output").count();
        assert_eq!(told, 1, "{path}: {}", said.err);
        said.with_message("cart received");
        said.with_message("card declined");
    }
}

#[test]
fn a_log_file_may_be_standard_output_by_its_name() {
    let said = run("service", &[("LOG_FILE", "/dev/stdout")]);
    said.with_message("cart received");
    said.with_message("card declined");
}

#[test]
fn a_certificate_that_has_no_end_or_no_writer_is_refused_at_once() {
    let folder = Folder::new("certificate");
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9");
    let name = "OTEL_EXPORTER_OTLP_CERTIFICATE";
    for path in [folder.pipe("roots.pem"), "/dev/zero".to_owned()] {
        let said = run("service", &[endpoint, (name, &path)]);
        said.with_message("cart received");
        let refused = format!("{path} cannot be read");
        assert!(said.err.contains(&refused), "{path}: {}", said.err);
    }
}
