//! The program `traceship`, as a process.

#[path = "ship/server.rs"]
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
        fs::create_dir_all(&path).expect("a folder");
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
    traceship(arguments).output().expect("a process")
}

fn said(output: &Output) -> String {
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
fn once_ships_what_is_there_and_says_how_much() {
    let (folder, server) = (Folder::new("once"), Server::taking());
    fs::write(
        folder.0.join("a.jsonl"),
        (0..10).map(line).collect::<String>(),
    )
    .expect("written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let output = run(&["--to", &to, "--label", "env=test", "--once", &files]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "10 lines shipped, 0 rejected\n");
    assert_eq!(server.numbers(), (0..10).collect::<Vec<_>>());
    assert!(server.kept()[0].labels.contains("env=\"test\""));

    server.decide(|_| server::answer(400, "no"));
    fs::write(folder.0.join("b.jsonl"), line(10)).expect("written");
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("0 lines shipped, 1 rejected"));

    server.decide(|_| server::Act::Take);
    fs::write(folder.0.join("c.jsonl.gz"), b"\x1f\x8b and no more").expect("written");
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("c.jsonl.gz"), "{}", said(&output));
    assert!(said(&output).contains("1 files could not be read"));
}

#[test]
fn what_is_wrong_is_said_with_what_is_right() {
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
            said(&output).contains(word),
            "{arguments:?}: {}",
            said(&output)
        );
    }
    assert!(
        !std::path::Path::new("no").exists(),
        "nothing is made there"
    );
}

#[test]
fn the_index_template_has_ids_as_keywords() {
    let output = run(&[
        "--to",
        "opensearch=http://localhost:9200/logs-orders",
        "--print-template",
    ]);
    let template: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        template["template"]["mappings"]["properties"]["trace.id"]["type"],
        "keyword"
    );
    assert_eq!(template["index_patterns"][0], "logs-orders*");
}

fn get(port: u16, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        // Where others hold it up, there is nothing to read.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
        let _ = stream.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes());
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

/// Ends a process as a service manager does.
#[cfg(unix)]
fn terminate(process: &Child) {
    let id = rustix::process::Pid::from_child(process);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
}

#[cfg(unix)]
#[test]
fn it_follows_counts_and_drains_when_it_is_told_to_end() {
    let (folder, server) = (Folder::new("follow"), Server::taking());
    let log = folder.0.join("a.jsonl");
    fs::write(&log, line(0)).expect("written");
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
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
    .expect("a process");
    wait_until("the first line is there", || server.numbers() == [0]);
    wait_until("it counts", || {
        get(free, "/metrics").contains("traceship_lines_shipped_total 1\n")
    });
    // Also while others ask slowly, or nothing at all.
    let slow: Vec<_> = (0..3)
        .map(|_| TcpStream::connect(("127.0.0.1", free)).expect("it listens"))
        .collect();
    let is_over = Arc::new(AtomicBool::new(false));
    let (of_thread, mut drips) = (
        Arc::clone(&is_over),
        slow.iter()
            .map(|stream| stream.try_clone().expect("a handle"))
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
    is_over.store(true, SeqCst);
    dripping.join().expect("no panic");
    drop(slow);
    assert!(get(free, "/other").starts_with("HTTP/1.1 404"));

    let second = run(&["--to", &to, "--once", &folder.0.display().to_string()]);
    assert!(
        said(&second).contains("another shipper"),
        "{}",
        said(&second)
    );

    let mut file = fs::File::options()
        .append(true)
        .open(&log)
        .expect("it is there");
    file.write_all(line(1).as_bytes()).expect("written");
    terminate(&process);
    assert!(process.wait().expect("it ends").success());
    assert_eq!(server.numbers(), [0, 1]);
}

#[cfg(unix)]
#[test]
fn what_is_left_is_said_at_the_end() {
    let (folder, server) = (
        Folder::new("left"),
        Server::start(|_| server::answer(503, "down")),
    );
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("written");
    let to = format!("loki={}", server.url());
    let process = traceship(&[
        "--to",
        &to,
        "--drain-seconds",
        "1",
        &folder.0.display().to_string(),
    ])
    .spawn()
    .expect("a process");
    wait_until("it has tried", || !server.came().is_empty());
    terminate(&process);
    let output = process.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("bytes are left for the next start"),
        "{}",
        said(&output)
    );
}
