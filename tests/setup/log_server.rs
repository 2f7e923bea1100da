//! A log server that has moved, or a certificate that is missing, is reported once and does not stop the service.

use super::children::{ChildOutput, run};
use std::{env, fs, path::PathBuf, process};

/// A temporary folder, removed at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("log-server-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the folder can be created");
        Self(path)
    }

    /// Runs a service that ships its lines, and checks that it has written two lines to its file.
    fn service(&self, variables: &[(&str, &str)]) -> ChildOutput {
        let file = self.0.join("orders.jsonl");
        let lines = || fs::read_to_string(&file).map_or(0, |text| text.lines().count());
        let before = lines();
        let mut all = vec![("LOG_FILE", file.to_str().expect("UTF-8"))];
        all.extend_from_slice(variables);
        let output = run("service", &all);
        assert_eq!(
            lines(),
            before + 2,
            "the service has not started: {}",
            output.stderr
        );
        output
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn another_address_port_or_tenant_of_the_log_server_is_reported_once() {
    let folder = Folder::new("moved");
    let first = ("LOG_SHIP", "loki=http://127.0.0.1:9");
    let second = ("LOG_SHIP", "loki=http://127.0.0.1:7");
    let is_reported = |output: &ChildOutput| output.stderr.contains("Shipping continues after");
    assert!(!is_reported(&folder.service(&[first])));
    let output = folder.service(&[second]);
    assert!(is_reported(&output), "{}", output.stderr);
    for part in ["http://127.0.0.1:9", "http://127.0.0.1:7", ".loki.cursor"] {
        assert!(output.stderr.contains(part), "{part} in {}", output.stderr);
    }
    assert!(
        !is_reported(&folder.service(&[second])),
        "a change is reported once"
    );
    assert!(is_reported(
        &folder.service(&[second, ("LOKI_ORG_ID", "shop")])
    ));
}

#[test]
fn missing_certificates_of_a_log_server_do_not_stop_the_service() {
    let folder = Folder::new("certificates");
    let ship = ("LOG_SHIP", "loki=https://127.0.0.1:9");
    let output = folder.service(&[ship, ("LOKI_CA_CERT_PATH", "/nowhere.pem")]);
    assert!(
        output.stderr.contains("/nowhere.pem cannot be read"),
        "{}",
        output.stderr
    );
    let output = folder.service(&[
        ship,
        ("LOKI_CLIENT_CERT_PATH", "/nowhere.pem"),
        ("LOKI_CLIENT_KEY_PATH", "/nowhere.key"),
    ]);
    assert!(
        output.stderr.contains("/nowhere.key cannot be read"),
        "{}",
        output.stderr
    );
}
