//! Files that variables name, such as `LOG_FILE`: no problem with such a file stops or blocks a service.
#![cfg(unix)]

use super::children::run;
#[cfg(feature = "gzip")]
use log_files::trace_index::{TraceKey, has_sidecar, read_sidecar};
use std::{env, fs, path::PathBuf, process::Command};
#[cfg(feature = "gzip")]
use std::{
    thread,
    time::{Duration, Instant, SystemTime},
};
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

/// What compression is tested with.
#[cfg(feature = "gzip")]
impl Folder {
    /// Writes a log file that was last written two days ago, so that the next line begins a new file.
    fn write_old(&self, name: &str) -> String {
        let path = self.at(name);
        fs::write(&path, format!("{{\"trace_id\":\"{ID:032x}\"}}\n")).expect("writable");
        let two_days = Duration::from_secs(2 * 86_400);
        let file = fs::File::options().write(true).open(&path);
        let file = file.expect("the file exists");
        file.set_modified(SystemTime::now() - two_days)
            .expect("the time can be set");
        path
    }

    /// The closed files of a log file, without hidden ones.
    fn closed(&self, current: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).expect("the folder can be read");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let is_closed = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && name != current && !name.ends_with(".tmp")
        };
        paths.filter(is_closed).collect()
    }

    /// Waits until the closed files of a log file are compressed, and returns them.
    fn wait_for_indexes(&self, current: &str) -> Vec<PathBuf> {
        let begin = Instant::now();
        loop {
            let closed = self.closed(current);
            let is_indexed =
                |path: &PathBuf| fs::File::open(path).is_ok_and(|file| has_sidecar(path, &file));
            if !closed.is_empty() && closed.iter().all(is_indexed) {
                return closed;
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "{closed:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[cfg(feature = "gzip")]
const ID: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;

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
    for gzip in [
        "",
        if cfg!(feature = "gzip") {
            "true"
        } else {
            "false"
        },
    ] {
        let variables = [("LOG_FILE", "/dev/stdout"), ("LOG_FILE_GZIP", gzip)];
        let output = run("service", &variables);
        output.with_message("cart received");
        output.with_message("card declined");
    }
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

/// Logs a line, and waits until the file that was closed before it is compressed.
#[cfg(feature = "gzip")]
pub(crate) fn compressing_child() {
    let _guard = tracing_stamp::init().expect("the set-up is valid");
    info_span!("request").in_scope(|| info!("in the new file"));
    let path = PathBuf::from(env::var("LOG_FILE").expect("it is set"));
    let folder = path.parent().expect("a folder").to_owned();
    // It is not removed, because the parent process does that.
    std::mem::ManuallyDrop::new(Folder(folder)).wait_for_indexes("orders.jsonl");
}

#[cfg(feature = "gzip")]
#[test]
fn closed_log_files_are_compressed_with_an_index_if_a_variable_or_the_code_says_so() {
    for is_in_code in [true, false] {
        let folder = Folder::new("compressed");
        let path = folder.write_old("orders.jsonl");
        if is_in_code {
            let set = tracing_stamp::setup()
                .with_log_file(&path)
                .with_log_file_gzip(true);
            let (dispatch, _guard) = set.build().expect("the set-up is valid");
            tracing::dispatcher::with_default(&dispatch, || info!("in the new file"));
            folder.wait_for_indexes("orders.jsonl");
        } else {
            let variables = [("LOG_FILE", &*path), ("LOG_FILE_GZIP", "true")];
            assert_eq!(run("compressing", &variables).stderr, "");
        }
        let closed = folder.closed("orders.jsonl");
        assert_eq!(closed.len(), 1);
        assert!(
            closed[0].to_string_lossy().ends_with(".jsonl.gz"),
            "{closed:?}"
        );
        let file = fs::File::open(&closed[0]).expect("the file exists");
        let index = read_sidecar(&closed[0], &file).expect("an index");
        let key = TraceKey::of(ID).expect("a key");
        assert!(index.has_members() && index.blocks()[0].may_have(key));
        let current = fs::read_to_string(&path).expect("the file exists");
        assert!(current.contains("in the new file"), "{current}");
    }
}

#[cfg(feature = "gzip")]
#[test]
fn closed_log_files_stay_as_they_are_without_the_variable() {
    for value in ["", "false"] {
        let folder = Folder::new("plain");
        let path = folder.write_old("orders.jsonl");
        run("service", &[("LOG_FILE", &path), ("LOG_FILE_GZIP", value)]);
        let closed = folder.closed("orders.jsonl");
        assert_eq!(closed.len(), 1);
        assert!(
            closed[0].to_string_lossy().ends_with(".jsonl"),
            "{closed:?}"
        );
    }
}
