//! Real servers, started by the scripts in `tests/servers`.

use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// A running server. It is stopped on drop.
pub(crate) struct Server {
    script: PathBuf,
    folder: PathBuf,
    addresses: Vec<(String, String)>,
}

/// The folder with the scripts: in the repository's root, which is above the crates that use them.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("tests/servers"))
        .find(|folder| folder.is_dir())
        .expect("the scripts are in the repository")
}

impl Server {
    pub(crate) fn start(script: &str, arguments: &[&str]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut server = Self {
            script: scripts().join(script),
            folder: env::temp_dir().join(format!("server-{}-{number}", process::id())),
            addresses: Vec::new(),
        };
        server.run(arguments, &[]);
        server
    }

    fn run(&mut self, arguments: &[&str], variables: &[(&str, String)]) {
        let output = Command::new(&self.script)
            .arg(arguments[0])
            .arg(&self.folder)
            .args(&arguments[1..])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("the script exists");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{:?} {arguments:?}: {stderr}",
            self.script
        );
        if let Ok(lines) = fs::read_to_string(self.folder.join("env")) {
            let pair = |line: &str| {
                line.split_once('=')
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
            };
            self.addresses = lines.lines().filter_map(pair).collect();
        }
    }

    /// The address that the script has written under this name.
    pub(crate) fn address(&self, name: &str) -> String {
        let found = self.addresses.iter().find(|(known, _)| known == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.addresses))
            .1
            .clone()
    }

    pub(crate) fn stop(&mut self) {
        self.run(&["stop"], &[]);
    }

    /// Kills the server, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.run(&["kill"], &[]);
    }

    /// Starts the server again, with its data and at its previous addresses. `ports` is the variable that sets its ports.
    pub(crate) fn start_again(&mut self, ports: &str) {
        let pinned = self.address(ports);
        self.run(&["start"], &[(ports, pinned)]);
    }

    /// Starts a stopped Jaeger at its previous addresses.
    pub(crate) fn start_jaeger_again(&mut self) {
        let port = |address: String| {
            address
                .rsplit(':')
                .next()
                .map(str::to_owned)
                .unwrap_or_default()
        };
        let ports = ["JAEGER_OTLP_GRPC", "JAEGER_OTLP_HTTP", "JAEGER_QUERY"]
            .map(|name| port(self.address(name)));
        self.run(&["start"], &[("JAEGER_PORTS", ports.join(" "))]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(&self.script)
            .arg("stop")
            .arg(&self.folder)
            .output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Gets a URL until the response is as expected, and returns that response.
pub(crate) fn get(url: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let begin = Instant::now();
    loop {
        let response = agent
            .get(url)
            .call()
            .ok()
            .and_then(|mut response| response.body_mut().read_to_string().ok());
        let response = response
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or(Value::Null);
        if is_expected(&response) {
            return response;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{url} responds with {response}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
