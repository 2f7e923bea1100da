//! How a process ends.

use super::{
    PATIENCE, children,
    files::{Folder, read},
    support::{Exported, Line},
};
use opentelemetry::trace::TracerProvider as _;
use std::{env, fs::File, process::Stdio, time::Duration};
use tracing::{info, info_span};
use tracing_stamp::writer::{Background, BackgroundWriter, WorkerGuard, log_panics};
use tracing_subscriber::prelude::*;

/// What a child writes to.
fn start() -> (BackgroundWriter, WorkerGuard) {
    let path = env::var("STAMP_TEST_PATH").expect("a path");
    let file = File::create(path).expect("it can be made");
    Background::new(file).start().expect("a thread")
}

fn install(writer: &BackgroundWriter) {
    let provider = Exported::new().provider;
    tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
            .with(tracing_stamp::layer().with_writer(writer.clone())),
    )
    .expect("the first of this process");
}

fn lines(folder: &Folder) -> Vec<Line> {
    read(&folder.current()).lines().map(Line::parse).collect()
}

/// Panics, and dies of it before it can flush.
pub(crate) fn panicking_child() {
    let (writer, guard) = start();
    install(&writer);
    std::panic::set_hook(Box::new(|_| eprintln!("the hook before")));
    let of_hook = writer.clone();
    log_panics(move || of_hook.flush(PATIENCE).expect("the disk takes all"));
    let _span = info_span!("request").entered();
    info!("before");
    let caught = std::thread::Builder::new()
        .name("worker".into())
        .spawn(|| {
            let _span = info_span!("task").entered();
            info!("in a task");
            std::panic::panic_any(7);
        })
        .expect("a thread")
        .join();
    assert!(caught.is_err());
    std::mem::forget(guard);
    let order = 7;
    // Aborts, as it panics while it unwinds: nothing is dropped.
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    let _again = Again;
    panic!("no such order: {order}");
}

#[test]
fn a_panic_is_a_line_with_the_ids_of_its_span_and_is_flushed_before_the_process_dies() {
    for backtrace in [false, true] {
        let folder = Folder::new();
        let mut command = children::command("panics");
        command.env("STAMP_TEST_PATH", folder.current());
        if backtrace {
            command.env("RUST_BACKTRACE", "1");
        }
        let mut child = command.spawn().expect("a child");
        let said = children::rest(&mut child);
        assert!(!child.wait().expect("it ends").success());
        assert_eq!(
            said.iter()
                .filter(|line| *line == "the hook before")
                .count(),
            2,
            "{said:?}"
        );

        let lines = lines(&folder);
        let [before, in_task, of_task, panic] = &lines[..] else {
            panic!("four lines: {lines:?}")
        };
        assert_eq!(panic.get("level"), "ERROR");
        assert_eq!(panic.get("message"), "no such order: 7");
        assert_eq!(panic.get("target"), "panic");
        assert_eq!(panic.get("exception.type"), "panic");
        assert_eq!(panic.get("code.file.path"), file!());
        assert!(panic.get("code.line.number").as_u64() > Some(1));
        assert!(panic.get("code.column.number").as_u64() > Some(0));
        assert_eq!(panic.ids(), before.ids());
        assert!(panic.ids().is_some());
        assert_eq!(panic.has("exception.stacktrace"), backtrace);
        assert_eq!(of_task.get("message"), "a panic whose payload is not a string");
        assert_eq!(of_task.get("thread.name"), "worker");
        assert_eq!(of_task.ids(), in_task.ids());
    }
}

/// Ends without dropping anything.
pub(crate) fn exiting_child() {
    let (writer, _guard) = start();
    install(&writer);
    info!("at the end");
    writer.flush(PATIENCE).expect("the disk takes all");
    std::process::exit(3);
}

#[test]
fn a_flush_before_an_exit_covers_the_last_line() {
    let folder = Folder::new();
    let status = children::command("exits")
        .env("STAMP_TEST_PATH", folder.current())
        .status()
        .expect("a child");
    assert_eq!(status.code(), Some(3));
    assert_eq!(lines(&folder)[0].get("message"), "at the end");
}

/// Its `main` ends while nobody reads what it writes.
pub(crate) fn stuck_child() {
    let (_reader, pipe) = std::io::pipe().expect("a pipe");
    let (writer, guard) = Background::new(pipe)
        .with_shutdown_timeout(Duration::from_millis(20))
        .start()
        .expect("a thread");
    install(&writer);
    for _ in 0..1_000 {
        info!("a pipe takes 64 KiB");
    }
    drop(guard);
    std::process::exit(0);
}

#[test]
fn what_a_sink_does_not_take_before_the_end_of_the_process_is_told() {
    let mut child = children::command("stuck").spawn().expect("a child");
    let said = children::rest(&mut child);
    assert!(child.wait().expect("it ends").success());
    assert!(
        said.iter()
            .any(|line| line.contains("log lines were not written")),
        "{said:?}"
    );
}

/// tokio-rs/tracing#3271: `eprintln!` panics where standard error is closed.
pub(crate) fn closed_child() {
    rustix::stdio::dup2_stderr(File::open("/dev/null").expect("a device"))
        .expect("it can be replaced");
    let path = env::var("STAMP_TEST_PATH").expect("a path");
    // Closed for writing: the sink fails, and standard error, where that is told, fails as well.
    let sink = File::open("/dev/null").expect("a device");
    let (writer, guard) = Background::new(sink)
        .with_shutdown_timeout(Duration::from_millis(10))
        .start()
        .expect("a thread");
    install(&writer);
    info!("nobody can write this");
    super::wait_until("it is tried again", || writer.stats().write_errors() > 2);
    drop(guard);
    super::wait_until("it is given up", || writer.stats().abandoned_lines() == 1);
    std::fs::write(path, "alive").expect("it can be written");
}

#[test]
fn a_closed_standard_error_panics_nobody() {
    let folder = Folder::new();
    let status = children::command("closed")
        .env("STAMP_TEST_PATH", folder.current())
        .stderr(Stdio::null())
        .status()
        .expect("a child");
    assert!(status.success());
    assert_eq!(read(&folder.current()), "alive");
}

#[cfg(feature = "signals")]
pub(crate) use self::signals::{handling_child, reopening_child, terminated_child};

#[cfg(feature = "signals")]
mod signals {
    use super::*;
    use rustix::process::{Pid, Signal, kill_process};
    use std::{
        fs,
        os::unix::process::ExitStatusExt as _,
        process::Child,
        sync::{Arc, atomic::AtomicBool},
    };
    use tracing_stamp::writer::{AfterFlush, RollingFile, flush_on_signals, reopen_on_sighup};

    fn wait_for_ever() -> ! {
        loop {
            std::thread::park();
        }
    }

    fn send(child: &Child, signal: Signal) {
        let pid = Pid::from_child(child);
        kill_process(pid, signal).expect("it lives");
    }

    pub(crate) fn terminated_child() {
        let (writer, _guard) = start();
        install(&writer);
        flush_on_signals(&writer, PATIENCE, AfterFlush::Terminate).expect("it can be watched");
        info!("the last line");
        eprintln!("ready");
        wait_for_ever();
    }

    #[test]
    fn a_signal_ends_the_process_as_before_but_not_before_the_last_line_is_written() {
        for signal in [Signal::TERM, Signal::INT] {
            let folder = Folder::new();
            let mut child = children::command("terminates")
                .env("STAMP_TEST_PATH", folder.current())
                .spawn()
                .expect("a child");
            children::wait_for(&mut child, "ready");
            send(&child, signal);
            let status = child.wait().expect("it ends");
            assert_eq!(status.signal(), Some(signal.as_raw()));
            assert_eq!(lines(&folder)[0].get("message"), "the last line");
        }
    }

    /// An application with a handler of its own, which is installed later.
    pub(crate) fn handling_child() {
        let (writer, guard) = start();
        install(&writer);
        flush_on_signals(&writer, PATIENCE, AfterFlush::LeaveToApplication)
            .expect("it can be watched");
        let is_told = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&is_told))
            .expect("it can be handled");
        info!("before the signal");
        eprintln!("ready");
        super::super::wait_until("the signal", || {
            is_told.load(std::sync::atomic::Ordering::SeqCst)
        });
        info!("shutting down");
        guard.shutdown(PATIENCE).expect("the disk takes all");
        std::process::exit(0);
    }

    #[test]
    fn an_application_that_handles_a_signal_itself_ends_itself() {
        let folder = Folder::new();
        let mut child = children::command("handles")
            .env("STAMP_TEST_PATH", folder.current())
            .spawn()
            .expect("a child");
        children::wait_for(&mut child, "ready");
        send(&child, Signal::TERM);
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        let messages: Vec<_> = lines(&folder)
            .iter()
            .map(|line| line.get("message").clone())
            .collect();
        assert_eq!(messages, ["before the signal", "shutting down"]);
    }

    pub(crate) fn reopening_child() {
        let path = env::var("STAMP_TEST_PATH").expect("a path");
        let file = RollingFile::open(path).expect("it can be opened");
        reopen_on_sighup(file.reopener()).expect("it can be watched");
        let (writer, _guard) = Background::new(file).start().expect("a thread");
        install(&writer);
        info!("before");
        writer.flush(PATIENCE).expect("the disk takes all");
        eprintln!("ready");
        for _ in 0.. {
            info!("line");
            writer.flush(PATIENCE).expect("the disk takes all");
        }
    }

    #[test]
    fn a_hangup_opens_the_file_anew_and_ends_nothing() {
        let folder = Folder::new();
        let mut child = children::command("reopens")
            .env("STAMP_TEST_PATH", folder.current())
            .spawn()
            .expect("a child");
        children::wait_for(&mut child, "ready");
        let moved = folder.path().join("moved");
        fs::rename(folder.current(), &moved).expect("it is there");
        send(&child, Signal::HUP);
        super::super::wait_until("the path is there again", || {
            fs::metadata(folder.current()).is_ok_and(|metadata| metadata.len() > 0)
        });
        child.kill().expect("it lives on");
        child.wait().expect("it ends");
        assert_eq!(
            Line::parse(read(&moved).lines().next().expect("a line")).get("message"),
            "before"
        );
    }
}
