//! A process that logs at TRACE and ships its own lines. It ships the application's lines, but not log records of the shipping itself.
//!
//! This test has a process of its own, because it installs the global subscriber and the global logger of `log`.

#[path = "../crates/traceship/tests/support/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod server;

use std::{
    fs, thread,
    time::{Duration, Instant},
};
use tracing_stamp::ship::Loki;

/// Returns how often the threads of this process have gone to sleep.
fn sleeps() -> Option<u64> {
    let mut sleeps = 0;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        sleeps += line.trim().parse::<u64>().ok()?;
    }
    Some(sleeps)
}

#[test]
fn at_trace_an_idle_process_sends_nothing_and_sleeps() {
    let folder = std::env::temp_dir().join(format!("quiet-{}", std::process::id()));
    let server = server::Server::accepting();
    let guard = tracing_stamp::setup()
        .with_filter("trace")
        .with_log_file(folder.join("quiet.jsonl"))
        .with_shipping(Loki::new(server.url().as_str()).expect("the address is valid"))
        .init()
        .expect("the only one of this process");
    tracing::info!(number = 1, "a line");
    log::info!("a record");
    let begin = Instant::now();
    while server.entries().len() < 2 {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{:?}",
            server.entries()
        );
        thread::sleep(Duration::from_millis(10));
    }
    // Late requests have arrived after three seconds.
    thread::sleep(Duration::from_secs(3));
    let (requests, before) = (server.requests().len(), sleeps());
    thread::sleep(Duration::from_secs(12));
    let after = sleeps();
    assert_eq!(server.requests().len(), requests, "the process is idle");
    // Lines that are logged on the thread that receives the events of the folder, before this thread is marked as the shipper's.
    let first_events = |server: &server::Server| {
        let entries = server.entries();
        let events = entries
            .iter()
            .filter(|entry| entry.line.contains("\"target\":\"notify"));
        events.count()
    };
    let events = first_events(&server);
    assert!(events <= 2, "{events} lines about events");
    assert_eq!(server.entries().len() - events, 2);
    if let (Some(before), Some(after)) = (before, after) {
        // One of them is that of this test. The limit of 60 a minute is 12 in this time.
        assert!(
            after - before <= 12,
            "{} sleeps in twelve seconds",
            after - before
        );
    }
    tracing::info!("the last line");
    let report = guard.shutdown(Duration::from_secs(20));
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.unshipped_bytes(), 0);
    assert_eq!(
        server.entries().len() - events,
        3,
        "the last line is shipped too"
    );
    fs::remove_dir_all(folder).expect("the file is removed");
}
