//! Ends of a process: panics, exits and signals.

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

/// Starts the writer of a child.
fn start() -> (BackgroundWriter, WorkerGuard) {
    let path = env::var("STAMP_TEST_PATH").expect("the path is set");
    let file = File::create(path).expect("the file can be created");
    Background::new(file).start().expect("the thread starts")
}

fn install(writer: &BackgroundWriter) {
    let provider = Exported::new().provider;
    tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
            .with(tracing_stamp::layer().with_writer(writer.clone())),
    )
    .expect("no other subscriber is installed");
}

fn lines(folder: &Folder) -> Vec<Line> {
    read(&folder.current()).lines().map(Line::parse).collect()
}

/// Panics, and aborts before the guard could flush.
pub(crate) fn panicking_child() {
    let (writer, guard) = start();
    install(&writer);
    std::panic::set_hook(Box::new(|_| eprintln!("the previous hook")));
    let hook_writer = writer.clone();
    log_panics(move || {
        hook_writer
            .flush(PATIENCE)
            .expect("the disk takes all lines")
    });
    let _span = info_span!("request").entered();
    info!("before");
    let caught = std::thread::Builder::new()
        .name("worker".into())
        .spawn(|| {
            let _span = info_span!("task").entered();
            info!("in a task");
            std::panic::panic_any(7);
        })
        .expect("the thread starts")
        .join();
    assert!(caught.is_err());
    std::mem::forget(guard);
    let order = 7;
    // Aborts while the panic unwinds, so nothing else is dropped.
    struct AbortOnDrop;
    impl Drop for AbortOnDrop {
        fn drop(&mut self) {
            std::process::abort();
        }
    }
    let _abort = AbortOnDrop;
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
        let mut child = command.spawn().expect("the child starts");
        let printed = children::rest(&mut child);
        assert!(!child.wait().expect("the child ends").success());
        assert_eq!(
            printed
                .iter()
                .filter(|line| *line == "the previous hook")
                .count(),
            2,
            "{printed:?}"
        );

        let lines = lines(&folder);
        let [before, in_task, of_task, panic] = &lines[..] else {
            panic!("expected four lines: {lines:?}")
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
        assert_eq!(
            of_task.get("message"),
            "a panic with a payload that is not a string"
        );
        assert_eq!(of_task.get("thread.name"), "worker");
        assert_eq!(of_task.ids(), in_task.ids());
    }
}

/// Exits without dropping anything.
pub(crate) fn exiting_child() {
    let (writer, _guard) = start();
    install(&writer);
    info!("at the end");
    writer.flush(PATIENCE).expect("the disk takes all lines");
    std::process::exit(3);
}

#[test]
fn a_flush_before_an_exit_covers_the_last_line() {
    let folder = Folder::new();
    let status = children::command("exits")
        .env("STAMP_TEST_PATH", folder.current())
        .status()
        .expect("the child starts");
    assert_eq!(status.code(), Some(3));
    assert_eq!(lines(&folder)[0].get("message"), "at the end");
}

/// Exits while its pipe is not read.
pub(crate) fn stuck_child() {
    let (_reader, pipe) = std::io::pipe().expect("a pipe can be created");
    let (writer, guard) = Background::new(pipe)
        .with_shutdown_timeout(Duration::from_millis(20))
        .start()
        .expect("the thread starts");
    install(&writer);
    for _ in 0..1_000 {
        info!("a pipe takes 64 KiB");
    }
    drop(guard);
    std::process::exit(0);
}

#[test]
fn lines_that_the_sink_does_not_take_before_the_process_ends_are_reported() {
    let mut child = children::command("stuck")
        .spawn()
        .expect("the child starts");
    let printed = children::rest(&mut child);
    assert!(child.wait().expect("the child ends").success());
    assert!(
        printed
            .iter()
            .any(|line| line.contains("log lines were not written")),
        "{printed:?}"
    );
}

/// tokio-rs/tracing#3271: `eprintln!` panics if standard error is closed.
pub(crate) fn closed_child() {
    rustix::stdio::dup2_stderr(File::open("/dev/null").expect("the device can be opened"))
        .expect("standard error can be replaced");
    let path = env::var("STAMP_TEST_PATH").expect("the path is set");
    // Not open for writing, so the sink fails. Reporting this on standard error fails too.
    let sink = File::open("/dev/null").expect("the device can be opened");
    let (writer, guard) = Background::new(sink)
        .with_shutdown_timeout(Duration::from_millis(10))
        .start()
        .expect("the thread starts");
    install(&writer);
    info!("a line that cannot be written");
    super::wait_until("the write is tried again", || {
        writer.stats().write_errors() > 2
    });
    drop(guard);
    super::wait_until("the line is given up", || {
        writer.stats().abandoned_lines() == 1
    });
    std::fs::write(path, "alive").expect("the file can be written");
}

#[test]
fn a_closed_standard_error_causes_no_panic() {
    let folder = Folder::new();
    let status = children::command("closed")
        .env("STAMP_TEST_PATH", folder.current())
        .stderr(Stdio::null())
        .status()
        .expect("the child starts");
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

    fn wait_forever() -> ! {
        loop {
            std::thread::park();
        }
    }

    fn send(child: &Child, signal: Signal) {
        let pid = Pid::from_child(child);
        kill_process(pid, signal).expect("the child is running");
    }

    pub(crate) fn terminated_child() {
        let (writer, _guard) = start();
        install(&writer);
        flush_on_signals(&writer, PATIENCE, AfterFlush::Terminate)
            .expect("the signal handler can be installed");
        info!("the last line");
        eprintln!("ready");
        wait_forever();
    }

    #[test]
    fn a_signal_still_ends_the_process_but_only_after_the_last_line_is_written() {
        for signal in [Signal::TERM, Signal::INT] {
            let folder = Folder::new();
            let mut child = children::command("terminates")
                .env("STAMP_TEST_PATH", folder.current())
                .spawn()
                .expect("the child starts");
            children::wait_for(&mut child, "ready");
            send(&child, signal);
            let status = child.wait().expect("the child ends");
            assert_eq!(status.signal(), Some(signal.as_raw()));
            assert_eq!(lines(&folder)[0].get("message"), "the last line");
        }
    }

    /// An application that installs a signal handler of its own later.
    pub(crate) fn handling_child() {
        let (writer, guard) = start();
        install(&writer);
        flush_on_signals(&writer, PATIENCE, AfterFlush::LeaveToApplication)
            .expect("the signal handler can be installed");
        let is_signalled = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&is_signalled))
            .expect("the flag can be registered");
        info!("before the signal");
        eprintln!("ready");
        super::super::wait_until("the signal has arrived", || {
            is_signalled.load(std::sync::atomic::Ordering::SeqCst)
        });
        info!("shutting down");
        guard.shutdown(PATIENCE).expect("the disk takes all lines");
        std::process::exit(0);
    }

    #[test]
    fn an_application_that_handles_a_signal_ends_by_its_own_handler() {
        let folder = Folder::new();
        let mut child = children::command("handles")
            .env("STAMP_TEST_PATH", folder.current())
            .spawn()
            .expect("the child starts");
        children::wait_for(&mut child, "ready");
        send(&child, Signal::TERM);
        assert_eq!(child.wait().expect("the child ends").code(), Some(0));
        let messages: Vec<_> = lines(&folder)
            .iter()
            .map(|line| line.get("message").clone())
            .collect();
        assert_eq!(messages, ["before the signal", "shutting down"]);
    }

    pub(crate) fn reopening_child() {
        let path = env::var("STAMP_TEST_PATH").expect("the path is set");
        let file = RollingFile::open(path).expect("the file can be opened");
        reopen_on_sighup(file.reopener()).expect("the signal handler can be installed");
        let (writer, _guard) = Background::new(file).start().expect("the thread starts");
        install(&writer);
        info!("before");
        writer.flush(PATIENCE).expect("the disk takes all lines");
        eprintln!("ready");
        for _ in 0.. {
            info!("line");
            writer.flush(PATIENCE).expect("the disk takes all lines");
        }
    }

    #[test]
    fn a_hangup_reopens_the_file_and_does_not_end_the_process() {
        let folder = Folder::new();
        let mut child = children::command("reopens")
            .env("STAMP_TEST_PATH", folder.current())
            .spawn()
            .expect("the child starts");
        children::wait_for(&mut child, "ready");
        let moved = folder.path().join("moved");
        fs::rename(folder.current(), &moved).expect("the file exists");
        send(&child, Signal::HUP);
        super::super::wait_until("the path exists again", || {
            fs::metadata(folder.current()).is_ok_and(|metadata| metadata.len() > 0)
        });
        child.kill().expect("the child is still running");
        child.wait().expect("the child ends");
        assert_eq!(
            Line::parse(read(&moved).lines().next().expect("there is a line")).get("message"),
            "before"
        );
    }
}
