//! Whatever became of the log server or its credentials since yesterday: the service starts, and says it once.

use super::children::{Said, run};
use std::{env, fs, path::PathBuf, process};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("log-server-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Runs a service that ships, and has written its two lines to its file.
    fn service(&self, variables: &[(&str, &str)]) -> Said {
        let file = self.0.join("orders.jsonl");
        let lines = || fs::read_to_string(&file).map_or(0, |text| text.lines().count());
        let before = lines();
        let mut all = vec![("LOG_FILE", file.to_str().expect("text"))];
        all.extend_from_slice(variables);
        let said = run("service", &all);
        assert_eq!(lines(), before + 2, "it has not started: {}", said.err);
        said
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn another_address_port_or_tenant_of_the_log_server_stops_no_service() {
    let folder = Folder::new("moved");
    let first = ("LOG_SHIP", "loki=http://127.0.0.1:9");
    let second = ("LOG_SHIP", "loki=http://127.0.0.1:7");
    let says_it = |said: &Said| said.err.contains("Shipping continues after");
    assert!(!says_it(&folder.service(&[first])));
    let said = folder.service(&[second]);
    assert!(says_it(&said), "{}", said.err);
    for part in ["http://127.0.0.1:9", "http://127.0.0.1:7", ".loki.cursor"] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    assert!(!says_it(&folder.service(&[second])), "it is said once");
    assert!(says_it(&folder.service(&[second, ("LOKI_ORG_ID", "shop")])));
}

#[test]
fn certificates_of_a_log_server_that_are_missing_stop_no_service() {
    let folder = Folder::new("certificates");
    let ship = ("LOG_SHIP", "loki=https://127.0.0.1:9");
    let said = folder.service(&[ship, ("LOKI_CA_CERT_PATH", "/nowhere.pem")]);
    assert!(
        said.err.contains("/nowhere.pem cannot be read"),
        "{}",
        said.err
    );
    let said = folder.service(&[
        ship,
        ("LOKI_CLIENT_CERT_PATH", "/nowhere.pem"),
        ("LOKI_CLIENT_KEY_PATH", "/nowhere.key"),
    ]);
    assert!(
        said.err.contains("/nowhere.key cannot be read"),
        "{}",
        said.err
    );
}
