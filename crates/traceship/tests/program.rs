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
        "LOG_REDACT_KEY",
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
fn once_says_which_named_path_is_not_read_and_ships_the_rest() {
    let (folder, server) = (Folder::new("named"), Server::accepting());
    let at = |name: &str| folder.0.join(name);
    let write = |name: &str, text: &[u8]| fs::write(at(name), text).expect("the file is written");
    write("a.log", line(0).as_bytes());
    write("half.log.tmp", line(1).as_bytes());
    write("a.log.bz2", b"BZh91AY&SY\x1b\x0f and more");
    write("core", b"\x7fELF\x02\x01\x01\0\0\0\0\0");
    fs::create_dir(at("empty")).expect("the folder is created");
    write("none.log", b"");
    let mut cases = vec![
        ("half.log.tmp", "unfinished file: rename it"),
        ("a.log.bz2", "bzip2, which cannot be read: decompress it"),
        ("core", "not a text"),
        ("empty", "no log files"),
        ("missing.log", "no file at `"),
        ("*.jsonl", "no file that matches `"),
    ];
    if create_socket(&at("socket")) {
        cases.push(("socket", "not a regular file"));
    }
    let to = format!("loki={}", server.url());
    let path = |name: &str| at(name).display().to_string();
    let once = |names: &[&str]| {
        let files: Vec<String> = names.iter().map(|name| path(name)).collect();
        let mut arguments = vec!["--to", &to, "--once"];
        arguments.extend(files.iter().map(String::as_str));
        run(&arguments)
    };
    for (number, (name, why)) in cases.iter().enumerate() {
        write(
            &format!("{number}.log"),
            line(10 + number as u64).as_bytes(),
        );
        let output = once(&[&format!("{number}.log"), name, "none.log"]);
        let messages = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {messages}");
        let is_named = |line: &str| line.contains(name) && line.contains(why);
        assert!(messages.lines().any(is_named), "{name}: {messages}");
        assert!(messages.contains("1 lines shipped"), "{name}: {messages}");
    }
    assert_eq!(server.numbers().len(), cases.len());
    // Files that a folder or a pattern includes do not have to be logs.
    let output = once(&["*"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = once(&["missing.log", "*.jsonl"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

/// Returns `false` if the system has no sockets among its files.
#[cfg(unix)]
fn create_socket(path: &std::path::Path) -> bool {
    std::os::unix::net::UnixListener::bind(path).is_ok()
}

#[cfg(not(unix))]
fn create_socket(_: &std::path::Path) -> bool {
    false
}

#[test]
fn an_error_of_an_argument_says_what_is_expected() {
    let to = ["--to", "loki=http://localhost:3100"];
    let of = |arguments: &[&'static str]| [&to[..], arguments].concat();
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
            vec!["--to", "loki", "--metrics", "localhost:1", "x"],
            "ADDRESS",
        ),
        (of(&["--name", "a/b", "x"]), "1 to 64"),
        (of(&["--key", "trace=t", "x"]), "trace_id"),
        (of(&["--key", "level=", "x"]), "a key"),
        (of(&["--timeout", "5", "x"]), "--once"),
        (
            of(&["--once", "--metrics", "127.0.0.1:0", "x"]),
            "cannot be used",
        ),
        (of(&["no/such/folder/[.jsonl"]), "pattern"),
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
    for variable in traceship::VARIABLES {
        let shown = format!("\n    {} ", variable.name);
        assert!(
            help.contains(&shown),
            "{} is missing in:\n{help}",
            variable.name
        );
    }
    assert!(help.contains("\n    LOG_REDACT_KEY "), "{help}");
    for code in 0..5 {
        assert!(
            help.contains(&format!("\n  {code}  ")),
            "{code} is missing in:\n{help}"
        );
    }
}

fn documentation(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    fs::read_to_string(path).expect("the page exists")
}

#[test]
fn the_table_of_variables_in_the_documentation_has_those_that_are_read() {
    let page = documentation("shipping.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let is_variable = |name: &&str| {
        name.starts_with("LOKI_")
            || name.starts_with("ELASTICSEARCH_")
            || name.to_ascii_lowercase().ends_with("_proxy")
    };
    let mut shown: Vec<&str> = names.filter(is_variable).collect();
    let mut read: Vec<&str> = traceship::VARIABLES
        .iter()
        .map(|variable| variable.name)
        .collect();
    shown.sort_unstable();
    read.sort_unstable();
    assert_eq!(shown, read);
}

#[test]
fn every_option_and_metric_is_documented() {
    let page = documentation("traceship.md");
    let help = run(&["--help"]).stdout;
    let help = String::from_utf8_lossy(&help);
    let options = help
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    for option in
        options.map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-'))
    {
        assert!(
            page.contains(&format!("`{option}")),
            "{option} is not documented"
        );
    }
    let (folder, server) = (Folder::new("documented"), Server::accepting());
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let (process, port) = follow(&folder, &server, &[]);
    for name in get(port, "/metrics")
        .lines()
        .filter_map(|line| line.split([' ', '{']).next())
    {
        assert!(
            !name.starts_with("traceship_") || page.contains(&format!("`{name}`")),
            "{name} is not documented"
        );
    }
    end(process);
}

#[test]
fn the_examples_use_options_and_metrics_that_exist() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/traceship");
    let example = |name: &str| fs::read_to_string(folder.join(name)).expect("the example exists");
    let help = run(&["--help"]).stdout;
    let help = String::from_utf8_lossy(&help);
    for (name, begin) in [
        ("traceship.service", "ExecStart="),
        ("kubernetes.yaml", "            - --"),
    ] {
        let text = example(name);
        let lines = text.lines().filter(|line| line.starts_with(begin));
        let words = lines.flat_map(|line| line.split([' ', '=']));
        let options: Vec<&str> = words.filter(|word| word.starts_with("--")).collect();
        assert!(options.len() >= 4, "{name}: {options:?}");
        for option in options {
            assert!(help.contains(&format!(" {option} <")), "{name}: {option}");
        }
    }
    let (alerts, page) = (example("alerts.yaml"), documentation("traceship.md"));
    let names = alerts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for name in names.filter(|name| name.starts_with("traceship_")) {
        assert!(
            page.contains(&format!("`{name}`")),
            "{name} is not a metric"
        );
    }
}

#[test]
fn completions_the_manual_page_and_the_version_are_printed() {
    let stdout = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            stdout(&["--completions", shell]).contains("retry-rejected"),
            "{shell}"
        );
    }
    let manual = stdout(&["--man"]);
    assert!(
        manual.contains(".TH traceship 1") && manual.contains("LOKI_ORG_ID"),
        "{manual}"
    );
    assert_eq!(
        stdout(&["--version"]),
        concat!("traceship ", env!("CARGO_PKG_VERSION"), "\n")
    );
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

#[test]
fn only_elasticsearch_and_opensearch_have_an_index_template() {
    for to in [
        "loki=http://localhost:3100",
        "loki",
        "otlp=http://localhost:4318",
        "elastic=http://localhost:9200/logs",
    ] {
        let output = run(&["--to", to, "--print-template"]);
        assert_eq!(output.status.code(), Some(2), "{to}");
        assert!(output.stdout.is_empty(), "{to}");
        let message = stderr(&output);
        assert!(
            message.contains("only Elasticsearch and OpenSearch have index templates"),
            "{to}: {message}"
        );
    }
}

#[test]
fn blank_lines_are_not_shipped() {
    let (folder, server) = (Folder::new("blank"), Server::accepting());
    let text = format!("\n{} \t\r\n\r\n{}   \n\n", line(0), line(1));
    fs::write(folder.0.join("a.jsonl"), text).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(stderr(&output), "2 lines shipped, 0 rejected\n");
    assert_eq!(server.entries().len(), 2);
}

fn get(port: u16, path: &str) -> String {
    let mut response = String::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        // If other clients block the server, the response stays empty.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
        let _ = stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        let _ = stream.read_to_string(&mut response);
    }
    response
}

/// Starts a process that follows the files of a folder. Returns it and the port at which it serves metrics.
fn follow(folder: &Folder, server: &Server, arguments: &[&str]) -> (Child, u16) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = free.expect("a port is free").port();
    let to = format!("loki={}", server.url());
    let (metrics, files) = (format!("127.0.0.1:{port}"), folder.0.display().to_string());
    let fixed = [
        "--to",
        &to,
        "--metrics",
        &metrics,
        "--drain-seconds",
        "1",
        &files,
    ];
    let process = traceship(&[&fixed, arguments].concat()).spawn();
    let process = process.expect("the process starts");
    wait_until("the metrics are served", || {
        !get(port, "/health").is_empty()
    });
    (process, port)
}

fn end(mut process: Child) {
    process.kill().expect("the process runs");
    process.wait().expect("the process ends");
}

fn number(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line?.parse().ok()
}

/// Sends SIGTERM to a process, as a service manager does.
#[cfg(unix)]
fn terminate(process: &Child) {
    signal(process, rustix::process::Signal::TERM);
}

#[cfg(unix)]
fn signal(process: &Child, signal: rustix::process::Signal) {
    let id = rustix::process::Pid::from_child(process);
    rustix::process::kill_process(id, signal).expect("the process runs");
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
    let slow: Vec<_> = (0..100)
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

#[test]
fn while_the_server_is_down_it_is_alive_but_not_ready_and_the_lag_grows() {
    let (folder, server) = (
        Folder::new("ready"),
        Server::start(|_| server::response(503, "down")),
    );
    let (process, port) = follow(&folder, &server, &[]);
    assert!(
        get(port, "/ready").ends_with("\r\n\r\nok\n"),
        "nothing was sent yet"
    );
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    wait_until("it is not ready", || {
        get(port, "/ready").starts_with("HTTP/1.1 503")
    });
    let why = get(port, "/ready");
    assert!(why.contains("HTTP 503: down"), "{why}");
    assert!(get(port, "/health").starts_with("HTTP/1.1 200"));
    let length = fs::metadata(folder.0.join("a.jsonl"))
        .expect("the file exists")
        .len();
    let of_file = format!(
        "traceship_file_bytes_waiting{{file=\"{}\"}} {length}\n",
        folder
            .0
            .join("a.jsonl")
            .display()
            .to_string()
            .replace('\\', "\\\\")
    );
    // The files are named some seconds after they begin to wait.
    wait_until("the lag grows, and the file is named", || {
        let metrics = get(port, "/metrics");
        number(&metrics, "traceship_lag_seconds") > Some(0.5) && metrics.contains(&of_file)
    });
    let metrics = get(port, "/metrics");
    assert!(metrics.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    assert!(metrics.ends_with("# EOF\n"));
    assert_eq!(number(&metrics, "traceship_files_waiting"), Some(1.0));
    assert_eq!(
        number(&metrics, "traceship_last_success_timestamp_seconds"),
        None
    );

    server.decide(|_| server::Action::Accept);
    wait_until("it is ready", || {
        get(port, "/ready").starts_with("HTTP/1.1 200")
    });
    wait_until("nothing waits", || {
        let metrics = get(port, "/metrics");
        number(&metrics, "traceship_lag_seconds") == Some(0.0)
            && number(&metrics, "traceship_last_success_timestamp_seconds") > Some(1e9)
            && !metrics.contains("traceship_file_bytes_waiting{")
    });
    end(process);
}

#[test]
fn once_ends_when_the_time_is_over_and_the_next_run_resumes() {
    let (folder, server) = (
        Folder::new("timeout"),
        Server::start(|_| server::response(503, "down")),
    );
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let once = ["--to", &to, "--once", "--timeout", "1", &files];
    let output = run(&once);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("the time is over"),
        "{}",
        stderr(&output)
    );
    server.decide(|_| server::Action::Accept);
    let output = run(&once);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(server.numbers(), [0]);
}

#[test]
fn an_unsaved_cursor_has_an_exit_code_of_its_own() {
    let (folder, server) = (Folder::new("unsaved"), Server::accepting());
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    // The new cursor cannot be created, because a folder is in its place.
    fs::create_dir(folder.0.join(".loki.cursor.new")).expect("the folder is created");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("the cursor is not saved"),
        "{}",
        stderr(&output)
    );
    assert_eq!(server.numbers(), [0]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_exit_code_says_what_was_shipped_although_nothing_can_be_printed() {
    let (folder, server) = (Folder::new("full"), Server::accepting());
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let full = fs::File::options().write(true).open("/dev/full");
    let status = traceship(&[
        "--to",
        &format!("loki={}", server.url()),
        "--once",
        &folder.0.display().to_string(),
    ])
    .stderr(full.expect("the device exists"))
    .status()
    .expect("the process runs");
    assert_eq!((status.code(), server.numbers()), (Some(0), vec![0]));
}

#[test]
fn rejected_lines_are_retried_and_only_those_that_are_rejected_again_are_kept() {
    let (folder, server) = (
        Folder::new("retry"),
        Server::start(|request| {
            let too_large = "1 has structured metadata too large";
            match request
                .lines
                .iter()
                .any(|line| line.line.contains("\"number\":1"))
            {
                true => server::response(400, too_large),
                false => server::Action::Accept,
            }
        }),
    );
    let stream = "not JSON 1\n";
    let lines = line(1) + &line(10) + &line(2) + stream;
    fs::write(folder.0.join("a.jsonl"), lines).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let rejected = folder.0.join(".loki.rejected.jsonl");
    let output = run(&["--to", &to, "--once", &files]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let before = fs::read_to_string(&rejected).expect("lines are rejected");
    // An older file, and a record that an interrupted write has torn.
    let older = folder.0.join(".loki.rejected.jsonl.1");
    let (first, others) = before.split_once('\n').expect("there are several records");
    fs::write(&older, format!("{first}\n")).expect("the file is written");
    fs::write(&rejected, format!("{others}{{\"id\":\"torn\n")).expect("the file is written");

    server.decide(|_| server::response(503, "down"));
    let retry = ["--to", &to, "--retry-rejected", "--timeout", "1", &files];
    let output = run(&retry);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let kept = fs::read_to_string(&older).expect("the file is kept");
    assert_eq!(kept, format!("{first}\n"));

    let mut nanos = Vec::new();
    server.decide(|request| {
        match request
            .lines
            .iter()
            .any(|line| line.line.contains("\"number\":10"))
        {
            true => server::response(400, "2 has structured metadata too large"),
            false => server::Action::Accept,
        }
    });
    let state = folder.0.display().to_string();
    let output = run(&["--to", &to, "--retry-rejected", "--state", &state]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let kept = [&older, &rejected]
        .map(|path| fs::read_to_string(path).unwrap_or_default())
        .concat();
    let mut numbers = server.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2], "{kept}");
    assert!(
        kept.contains("\"number\\\":10")
            && kept.contains("HTTP 400: 2 has")
            && kept.contains("torn"),
        "{kept}"
    );
    assert!(
        !kept.contains("\"number\\\":1,") && !folder.0.join(".loki.rejected.jsonl.new").exists()
    );
    for record in before.lines() {
        let record: serde_json::Value = serde_json::from_str(record).expect("it is JSON");
        nanos.extend(record["nanos"].as_i64());
    }
    let sent = server.entries();
    let sent = sent
        .iter()
        .find(|entry| entry.line.contains("\"number\":1}"))
        .expect("it arrived");
    assert!(
        nanos.contains(&sent.nanos),
        "the time is that of the first attempt"
    );

    server.decide(|_| server::Action::Accept);
    fs::write(&rejected, kept.lines().last().unwrap_or_default()).expect("the file is written");
    let _ = fs::remove_file(&older);
    let output = run(&["--to", &to, "--retry-rejected", &files]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "1 lines shipped, 0 rejected\n");
    assert!(!rejected.exists(), "nothing is rejected any more");
}

#[test]
fn a_dry_run_prints_each_line_and_sends_and_writes_nothing() {
    let (folder, server) = (Folder::new("dry"), Server::accepting());
    let text = "x".repeat(300);
    let uid = "{\"timestamp\":\"2026-11-22T11:04:00.123456Z\",\"level\":\"WARN\",\"service.name\":\"orders\",\"log.record.uid\":\"U1\"}";
    fs::write(folder.0.join("a.jsonl"), format!("{uid}\n{text}")).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let dry = ["--to", &to, "--dry-run", "--label", "env=test", &files];
    let output = run(&dry);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"));
    let lines: Vec<serde_json::Value> = lines.collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0],
        serde_json::json!({
            "file": folder.0.join("a.jsonl").display().to_string(),
            "offset": 0,
            "id": "U1",
            "time": "2026-11-22T11:04:00.123456000Z",
            "labels": "{env=\"test\", level=\"warn\", service_name=\"orders\"}",
            "bytes": uid.len(),
            "line": uid,
        })
    );
    assert_eq!(lines[1]["bytes"], 300);
    assert_eq!(lines[1]["line"], text[..200]);
    let files_in = || fs::read_dir(&folder.0).expect("the folder exists").count();
    assert_eq!((server.requests().len(), files_in()), (0, 1));

    // It begins after what was shipped.
    let once = run(&["--to", &to, "--once", &files]);
    assert!(once.status.success(), "{}", stderr(&once));
    let before = files_in();
    let output = run(&dry);
    assert_eq!(
        (output.stdout.len(), files_in()),
        (0, before),
        "{}",
        stderr(&output)
    );
    let output = run(&[&dry[..], &["--from-start"]].concat());
    assert_eq!(
        output.stdout.iter().filter(|byte| **byte == b'\n').count(),
        2
    );
    assert_eq!(stderr(&output), "");
}

#[cfg(unix)]
#[test]
fn sighup_retries_immediately_and_reads_the_files_again() {
    let (folder, server) = (
        Folder::new("hangup"),
        Server::start(|_| server::response(401, "who?")),
    );
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let (mut process, port) = follow(&folder, &server, &[]);
    wait_until("the shipper has tried", || !server.requests().is_empty());
    wait_until("it waits", || get(port, "/ready").contains("who?"));
    server.decide(|_| server::Action::Accept);
    // Otherwise the next attempt is made after about a minute.
    let begin = Instant::now();
    signal(&process, rustix::process::Signal::HUP);
    wait_until("the line arrives", || server.numbers() == [0]);
    assert!(begin.elapsed() < Duration::from_secs(20));
    fs::write(folder.0.join("b.jsonl"), line(1)).expect("the file is written");
    signal(&process, rustix::process::Signal::HUP);
    wait_until("the other line arrives", || server.numbers().contains(&1));
    terminate(&process);
    assert!(process.wait().expect("the process ends").success());
}

#[test]
fn keys_a_name_and_a_start_from_the_beginning_can_be_set() {
    let (folder, server) = (Folder::new("settings"), Server::accepting());
    let text = "{\"when\":\"2026-11-22T11:04:00Z\",\"level\":\"INFO\",\"number\":1,\"tid\":\"4bf9\",\"uid\":\"U1\"}\n";
    fs::write(folder.0.join("a.jsonl"), text).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let base = [
        "--to",
        &to,
        "--name",
        "blue",
        "--key",
        "timestamp=when",
        "--key",
        "trace_id=tid",
        "--key",
        "record_uid=uid",
        "--once",
        &files,
    ];
    for expected in ["1 lines", "0 lines"] {
        let output = run(&base);
        assert!(stderr(&output).starts_with(expected), "{}", stderr(&output));
    }
    let entry = server.entries().remove(0);
    assert_eq!(
        entry.metadata.get("trace_id").map(String::as_str),
        Some("4bf9")
    );
    assert_eq!(entry.nanos, 1_795_345_440_000_000_000);
    assert!(folder.0.join(".blue.cursor").exists());
    let output = run(&[&base[..], &["--from-start"]].concat());
    assert!(
        stderr(&output).starts_with("1 lines"),
        "{}",
        stderr(&output)
    );
    // The same line with the same time: Loki keeps one.
    assert_eq!(server.entries().len(), 1);
}

#[test]
fn a_cursor_that_another_shipper_holds_is_not_removed() {
    let (folder, server) = (Folder::new("held"), Server::accepting());
    fs::write(folder.0.join("a.jsonl"), line(0)).expect("the file is written");
    let (process, _) = follow(&folder, &server, &[]);
    wait_until("the cursor is saved", || {
        folder.0.join(".loki.cursor").exists()
    });
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    for arguments in [["--once", "--from-start"].as_slice(), &["--retry-rejected"]] {
        let output = run(&[&["--to", &to, &files][..], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("another shipper"),
            "{}",
            stderr(&output)
        );
    }
    assert!(folder.0.join(".loki.cursor").exists());
    end(process);
}

#[cfg(feature = "redact")]
#[test]
fn an_error_of_redaction_names_the_option_and_the_word() {
    let run = |arguments: &[&str], key: Option<&str>| {
        let fixed = ["--to", "loki=http://localhost:3100", "--once", "x"];
        let mut command = traceship(&[&fixed, arguments].concat());
        command.envs(key.map(|key| ("LOG_REDACT_KEY", key)));
        command.output().expect("the process starts")
    };
    for (arguments, key, words) in [
        (
            vec!["--redact", "secrets,pins"],
            None,
            vec!["`--redact`", "unknown word `pins`", "`cards`"],
        ),
        (
            vec!["--redact", "emails=hidden"],
            None,
            vec!["`--redact`", "`hidden` in `emails=hidden`", "`last4`"],
        ),
        (
            vec!["--redact", "keys", "--redact-keys", "ssn,-"],
            None,
            vec!["`--redact-keys`", "`-` is not the name of a key"],
        ),
        (
            vec!["--redact", ","],
            None,
            vec!["`--redact`", "no word in `,`", "`cards`"],
        ),
        (
            vec!["--redact="],
            None,
            vec!["`--redact` has no value", "`none`"],
        ),
        (
            vec!["--redact-keys="],
            None,
            vec!["`--redact-keys` has no value", "`ssn,card*`"],
        ),
        (
            vec!["--redact", "emails"],
            Some("                    "),
            vec!["LOG_REDACT_KEY", "nothing but spaces"],
        ),
        (
            vec!["--redact", "emails=pseudonym"],
            None,
            vec!["pseudonyms need a key", "LOG_REDACT_KEY"],
        ),
        (
            vec!["--redact-keys", "user=pseudonym"],
            Some(""),
            vec!["pseudonyms need a key", "LOG_REDACT_KEY"],
        ),
        (
            vec!["--redact", "emails"],
            Some("hunter2"),
            vec!["LOG_REDACT_KEY", "at least 16 bytes"],
        ),
    ] {
        let output = run(&arguments, key);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        for word in words {
            assert!(message.contains(word), "{arguments:?}: {message}");
        }
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[cfg(not(feature = "redact"))]
#[test]
fn without_the_feature_redact_the_option_is_an_error_that_names_it() {
    for option in ["--redact", "--redact-keys"] {
        let output = run(&["--to", "loki=http://a", "--once", option, "keys", "x"]);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("`{option}` needs the feature `redact`");
        assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
    }
}

#[cfg(feature = "redact")]
#[test]
fn redacted_lines_are_shown_by_a_dry_run_and_sent_with_the_same_pseudonyms_by_each_start() {
    let (folder, server) = (Folder::new("redact"), Server::accepting());
    let text = "{\"level\":\"INFO\",\"user\":\"ada\",\"password\":\"hunter2\",\"message\":\"to ada@example.org\"}\n";
    fs::write(folder.0.join("a.jsonl"), text).expect("the file is written");
    let (to, files) = (
        format!("loki={}", server.url()),
        folder.0.display().to_string(),
    );
    let ship = |action: &str| {
        let arguments = [
            "--to",
            &to,
            "--redact",
            "secrets,emails=redacted",
            "--redact-keys",
            "user",
            action,
            "--from-start",
            &files,
        ];
        let mut command = traceship(&arguments);
        command.env("LOG_REDACT_KEY", "a key of pseudonyms");
        let output = command.output().expect("the process starts");
        assert!(output.status.success(), "{}", stderr(&output));
        output.stdout
    };
    let shown = ship("--dry-run");
    ship("--once");
    ship("--once");
    let lines: Vec<String> = server
        .requests()
        .into_iter()
        .flat_map(|request| request.lines)
        .map(|entry| entry.line)
        .collect();
    assert!(lines.len() == 2 && lines[0] == lines[1], "{lines:?}");
    let shown: serde_json::Value = serde_json::from_slice(&shown).expect("it is JSON");
    assert_eq!(shown["line"], lines[0]);
    let line: serde_json::Value = serde_json::from_str(&lines[0]).expect("it is JSON");
    let pseudonym = line["user"].as_str().expect("it is a string");
    assert!(
        pseudonym.len() == 12 && pseudonym.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{pseudonym}"
    );
    assert_eq!(line["password"], "[redacted]");
    assert_eq!(line["message"], "to [redacted]");
    assert_eq!(line["level"], "INFO");
}

#[cfg(feature = "redact")]
#[test]
fn redacted_values_are_counted_by_rule() {
    let (folder, server) = (Folder::new("redacted"), Server::accepting());
    let text = "{\"password\":\"a\",\"login\":{\"PASSWORD\":\"b\"},\"card\":\"c\",\"msg\":\"paid with 4111 1111 1111 1111\"}\n";
    fs::write(folder.0.join("a.jsonl"), text).expect("the file is written");
    // The key and the pattern have the same name, and count as one rule.
    let arguments = ["--redact", "keys,cards", "--redact-keys", "card"];
    let (process, port) = follow(&folder, &server, &arguments);
    let sample = |rule: &str| format!("traceship_values_redacted_total{{rule=\"{rule}\"}}");
    wait_until("the values are counted", || {
        number(&get(port, "/metrics"), &sample("password")) == Some(2.0)
    });
    let metrics = get(port, "/metrics");
    assert_eq!(number(&metrics, &sample("card")), Some(2.0));
    assert_eq!(metrics.matches(&sample("card")).count(), 1);
    assert!(documentation("traceship.md").contains("`traceship_values_redacted_total`"));
    end(process);
}
