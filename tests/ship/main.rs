//! Lines on their way from files to a server: a server of our own over real HTTP with Loki's protocol and Loki's rules, and real
//! servers (`-- --ignored`).

#![allow(
    clippy::print_stderr,
    reason = "what a chaos has seen is worth reading"
)]

mod answers;
mod chaos;
mod following;
mod identity;
mod labels;
mod loki;
mod network;
mod real;
mod refusals;
mod restarts;
mod retention;
mod server;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../setup/servers.rs"]
mod servers;
mod startup;
mod storm;
mod tampering;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tracing_stamp::ship::{Loki, Shipper};

/// So long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of a test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        let path = env::temp_dir().join(format!("ship-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A shipper that does not let anybody wait, and tells nobody.
fn shipper(server: &server::Server, files: &Path) -> Shipper {
    Shipper::new(Loki::new(server.url().as_str()).expect("an address"))
        .with_files(files)
        .with_max_age(Duration::from_millis(5))
        .with_poll_interval(Duration::from_millis(20))
        .with_diagnostics(|_| ())
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        // Asking reads every line anew, and so takes from what the shipper may use.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A line as this crate writes it.
fn line(number: u64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    let time = jiff::Timestamp::from_microsecond(now.as_micros() as i64).expect("in range");
    format!(
        "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"line\",\"trace_id\":\"{:032x}\",\"span_id\":\"{:016x}\",\"trace_flags\":\"01\",\"service.name\":\"orders\",\"number\":{number}}}\n",
        number + 1,
        number + 1
    )
}

fn append(path: &Path, text: &str) {
    use std::io::Write as _;
    let file = fs::File::options().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("it is written");
}

/// As another program does it: the file is another then.
fn gzip(path: &Path) {
    use std::io::Write as _;
    let mut to = path.as_os_str().to_owned();
    to.push(".gz");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text = fs::read(path).expect("it is there");
    packed.write_all(&text).expect("a Vec");
    fs::write(to, packed.finish().expect("a Vec")).expect("written");
    fs::remove_file(path).expect("removed");
}
