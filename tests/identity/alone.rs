//! Runs a scenario in a separate process: a process can set a global default only once, and reports a diagnosis only once.

use super::scene::{PATIENCE, each};
use std::{
    cell::RefCell,
    env,
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

const VARIANT: &str = "TRACING_STAMP_TEST_VARIANT";

/// The output of a process that succeeded.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stderr: String,
}

/// Runs each variant of a scenario in a separate process: this executable again, with only this test. Fails if one of them
/// fails, is killed by a signal, or does not end.
///
/// Returns the output of each process. In the child process, returns nothing.
pub(crate) fn each_alone<T>(
    test: T,
    variants: &[&'static str],
    scenario: impl Fn(&'static str),
) -> Vec<Output> {
    if let Ok(variant) = env::var(VARIANT) {
        let variant = variants.iter().find(|known| **known == variant);
        scenario(variant.expect("the parent process chose among the same variants"));
        return Vec::new();
    }
    let path = path_of(test);
    let outputs = RefCell::new(Vec::new());
    each(variants, |variant| {
        outputs.borrow_mut().push(play(path, variant))
    });
    outputs.into_inner()
}

/// Runs a scenario without variants in a separate process.
pub(crate) fn alone<T>(test: T, scenario: impl Fn()) -> Option<Output> {
    each_alone(test, &["only"], |_| scenario()).pop()
}

/// The path of a test function as the test harness writes it: without the crate.
fn path_of<T>(_: T) -> &'static str {
    let (_, path) = std::any::type_name::<T>()
        .split_once("::")
        .expect("a function in a module");
    path
}

fn play(path: &str, variant: &str) -> Output {
    let exe = env::current_exe().expect("a test can be run again");
    let mut child = Command::new(exe)
        .args(["--exact", path, "--nocapture", "--test-threads=1"])
        .env(VARIANT, variant)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a test can be run again");
    let stdout = read(child.stdout.take().expect("piped"));
    let stderr = read(child.stderr.take().expect("piped"));

    // Both pipes are closed only when the child ends.
    let stdout = match stdout.recv_timeout(PATIENCE) {
        Ok(text) => text,
        Err(_) => {
            // Fails if it has just ended.
            let _ = child.kill();
            let _ = child.wait();
            let output = stderr.recv_timeout(PATIENCE).unwrap_or_default();
            panic!("{path} [{variant}]: deadlock, still not done; its output: {output}");
        }
    };
    let stderr = stderr.recv_timeout(PATIENCE).expect("the child has ended");
    let status = child.wait().expect("the child has ended");
    assert!(
        status.success(),
        "{path} [{variant}]: {status}; its output: {stdout}{stderr}"
    );
    assert!(
        stdout.contains("1 passed"),
        "{path} [{variant}]: no such test? its output: {stdout}"
    );
    Output { stderr }
}

/// The contents of a pipe, once it is closed.
fn read(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        // After an error, the text read so far is shown.
        let _ = pipe.read_to_end(&mut text);
        let _ = send.send(String::from_utf8_lossy(&text).into_owned());
    });
    receive
}
