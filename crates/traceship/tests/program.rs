//! Tests of the program `traceship`.

#[path = "support/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod server;

use server::Server;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("traceship-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the folder exists");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn traceship(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_traceship"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in [
        "LOKI_URL",
        "LOKI_ADDR",
        "LOKI_USERNAME",
        "LOKI_ORG_ID",
        "LOKI_BEARER_TOKEN",
        "LOKI_BEARER_TOKEN_FILE",
    ] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    traceship(arguments).output().expect("the process starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn line(number: u64) -> String {
    let now = jiff::Timestamp::now();
    format!(
        "{{\"timestamp\":\"{now:.6}\",\"level\":\"INFO\",\"service.name\":\"orders\",\"number\":{number}}}\n"
    )
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn once_ships_the_present_contents_and_prints_how_many_lines() {
    let (folder, server) = (Folder::new("once"), Server::accepting());
    fs::write(
        folder.0.join("a.jsonl"),
        (0..10).map(line).collect::<String>(),
    )
    .expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let output = run(&["--to", &to, "--label", "env=test", "--once", &files]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "10 lines shipped, 0 rejected\n");
    assert_eq!(server.numbers(), (0..10).collect::<Vec<_>>());
    assert!(server.entries()[0].labels.contains("env=\"test\""));

    server.decide(|_| server::response(400, "no"));
    fs::write(folder.0.join("b.jsonl"), line(10)).expect("the file is written");
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("0 lines shipped, 1 rejected"));

    server.decide(|_| server::Action::Accept);
    fs::write(folder.0.join("c.jsonl.gz"), b"\x1f\x8b and no more").expect("the file is written");
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("c.jsonl.gz"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("1 files could not be read"));
}

#[test]
fn an_error_of_an_argument_says_what_is_expected() {
    for (arguments, word) in [
        (vec!["--to", "loki=localhost:3100", "x"], "http://"),
        (vec!["--to", "lokki=http://localhost:3100", "x"], "loki=URL"),
        (vec!["--to", "loki", "x"], "LOKI_URL"),
        (
            vec!["--to", "elasticsearch=http://localhost:9200", "x"],
            "index",
        ),
        (
            vec![
                "--to",
                "loki=http://localhost:3100",
                "--label",
                "trace_id=1",
                "--once",
                "x",
            ],
            "structured metadata",
        ),
        (
            vec!["--to", "loki=http://localhost:3100", "--label", "env", "x"],
            "NAME=VALUE",
        ),
        (vec!["--to", "loki=http://localhost:3100"], "FILES"),
        (
            vec![
                "--to",
                "opensearch=http://localhost:9200/logs",
                "--label",
                "env=test",
                "x",
            ],
            "only Loki",
        ),
        (
            vec![
                "--to",
                "loki=http://localhost:3100",
                "--once",
                "no/such/folder/orders.jsonl",
            ],
            "no file",
        ),
        (
            vec![
                "--to",
                "loki=http://localhost:3100",
                "--metrics",
                "0.0.0.0:0",
                "/tmp",
            ],
            "127.0.0.1",
        ),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(word),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    assert!(!std::path::Path::new("no").exists(), "no folder is created");
}

#[test]
fn help_names_every_environment_variable_that_is_read() {
    let output = run(&["--help"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let help = String::from_utf8_lossy(&output.stdout);
    for name in [
        "LOKI_URL",
        "LOKI_ADDR",
        "LOKI_USERNAME",
        "LOKI_PASSWORD",
        "LOKI_BEARER_TOKEN_FILE",
        "LOKI_BEARER_TOKEN ",
        "LOKI_ORG_ID",
        "LOKI_CA_CERT_PATH",
        "LOKI_CLIENT_CERT_PATH",
        "LOKI_CLIENT_KEY_PATH",
        "ELASTICSEARCH_API_KEY",
        "ELASTICSEARCH_USERNAME",
        "ELASTICSEARCH_PASSWORD",
        "ELASTICSEARCH_CA_CERT_PATH",
    ] {
        assert!(help.contains(name), "{name} is missing in:\n{help}");
    }
}

#[test]
fn the_index_template_makes_trace_ids_keywords() {
    let output = run(&[
        "--to",
        "opensearch=http://localhost:9200/logs-orders",
        "--print-template",
    ]);
    let template: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("the text is JSON");
    assert_eq!(
        template["template"]["mappings"]["properties"]["trace.id"]["type"],
        "keyword"
    );
    assert_eq!(template["index_patterns"][0], "logs-orders*");
    assert_eq!(template["template"]["mappings"]["disable_objects"], true);
    let output = run(&[
        "--to",
        "elasticsearch=http://localhost:9200/logs-orders",
        "--print-template",
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    let limit = r#""index.mapping.total_fields.ignore_dynamic_beyond_limit":true"#;
    assert!(
        text.contains(limit) && !text.contains("disable_objects"),
        "{text}"
    );
}

fn get(port: u16, path: &str) -> String {
    let mut response = String::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        // If other clients block the server, the response stays empty.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
        let _ = stream.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes());
        let _ = stream.read_to_string(&mut response);
    }
    response
}

/// Sends SIGTERM to a process, as a service manager does.
#[cfg(unix)]
fn terminate(process: &Child) {
    let id = rustix::process::Pid::from_child(process);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("the process runs");
}

#[cfg(unix)]
#[test]
fn it_follows_files_serves_metrics_and_delivers_the_rest_on_sigterm() {
    let (folder, server) = (Folder::new("follow"), Server::accepting());
    let log = folder.0.join("a.jsonl");
    fs::write(&log, line(0)).expect("the file is written");
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port is free")
        .port();
    let to = format!("loki={}", server.url());
    let mut process = traceship(&[
        "--to",
        &to,
        "--metrics",
        &format!("127.0.0.1:{free}"),
        &folder.0.display().to_string(),
    ])
    .spawn()
    .expect("the process starts");
    wait_until("the first line arrives", || server.numbers() == [0]);
    wait_until("the line is counted", || {
        get(free, "/metrics").contains("traceship_lines_shipped_total 1\n")
    });
    // The server responds although other clients send nothing, or send a byte at a time.
    let slow: Vec<_> = (0..3)
        .map(|_| {
            TcpStream::connect(("127.0.0.1", free))
                .expect("the metrics address accepts connections")
        })
        .collect();
    let is_stopped = Arc::new(AtomicBool::new(false));
    let (of_thread, mut drips) = (
        Arc::clone(&is_stopped),
        slow.iter()
            .map(|stream| stream.try_clone().expect("the stream is cloned"))
            .collect::<Vec<_>>(),
    );
    let dripping = thread::spawn(move || {
        while !of_thread.load(SeqCst) {
            for stream in &mut drips {
                let _ = stream.write_all(b"x");
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    assert!(get(free, "/health").ends_with("ok\n"));
    is_stopped.store(true, SeqCst);
    dripping.join().expect("no thread has panicked");
    drop(slow);
    assert!(get(free, "/other").starts_with("HTTP/1.1 404"));

    let second = run(&["--to", &to, "--once", &folder.0.display().to_string()]);
    assert!(
        stderr(&second).contains("another shipper"),
        "{}",
        stderr(&second)
    );

    let mut file = fs::File::options()
        .append(true)
        .open(&log)
        .expect("the file exists");
    file.write_all(line(1).as_bytes())
        .expect("the file is written");
    terminate(&process);
    assert!(process.wait().expect("the process ends").success());
    assert_eq!(server.numbers(), [0, 1]);
}

#[cfg(unix)]
#[test]
fn the_number_of_unshipped_bytes_is_printed_at_the_end() {
    let (folder, server) = (
        Folder::new("left"),
        Server::start(|_| server::response(503, "down")),
    );
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let to = format!("loki={}", server.url());
    let process = traceship(&[
        "--to",
        &to,
        "--drain-seconds",
        "1",
        &folder.0.display().to_string(),
    ])
    .spawn()
    .expect("the process starts");
    wait_until("the shipper has tried", || !server.requests().is_empty());
    terminate(&process);
    let output = process.wait_with_output().expect("the process ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("bytes are left for the next start"),
        "{}",
        stderr(&output)
    );
}
