//! A process that ships its own lines, everything logged at TRACE: it ships what it logs, and nothing of the shipping. Alone in its
//! process, as the subscriber and `log`'s logger are the process's.

#[path = "ship/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod server;

use std::{
    fs, thread,
    time::{Duration, Instant},
};
use tracing_stamp::ship::Loki;

/// How often the threads of this process have gone to sleep.
fn naps() -> Option<u64> {
    let mut naps = 0;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        naps += line.trim().parse::<u64>().ok()?;
    }
    Some(naps)
}

#[test]
fn at_trace_an_idle_process_sends_nothing_and_sleeps() {
    let folder = std::env::temp_dir().join(format!("quiet-{}", std::process::id()));
    let server = server::Server::taking();
    let guard = tracing_stamp::setup()
        .with_filter("trace")
        .with_log_file(folder.join("quiet.jsonl"))
        .with_shipping(Loki::new(server.url().as_str()).expect("an address"))
        .init()
        .expect("the only one of this process");
    tracing::info!(number = 1, "a line");
    log::info!("a record");
    let begin = Instant::now();
    while server.kept().len() < 2 {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{:?}",
            server.kept()
        );
        thread::sleep(Duration::from_millis(10));
    }
    // What came late has come.
    thread::sleep(Duration::from_secs(3));
    let (requests, before) = (server.came().len(), naps());
    thread::sleep(Duration::from_secs(12));
    let after = naps();
    assert_eq!(server.came().len(), requests, "{:?}", server.kept());
    assert_eq!(server.kept().len(), 2);
    if let (Some(before), Some(after)) = (before, after) {
        // One of them is this test's own; 60 in a minute are 12 here.
        assert!(
            after - before <= 12,
            "{} naps in twelve seconds",
            after - before
        );
    }
    tracing::info!("the last line");
    let report = guard.shutdown(Duration::from_secs(20));
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.unshipped_bytes(), 0);
    assert_eq!(server.kept().len(), 3, "the tail too");
    fs::remove_dir_all(folder).expect("removed");
}
