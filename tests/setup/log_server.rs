//! A log server that has moved, or a certificate that is missing, is reported once and does not stop the service.

use super::{
    children::{ChildOutput, run},
    support::Line,
};
use std::{env, fs, path::PathBuf, process, time::Duration};

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

#[test]
fn lines_have_ids_if_they_are_shipped() {
    for (variables, has_ids) in [
        (&[("LOG_SHIP", "loki=http://127.0.0.1:9")][..], true),
        (&[], false),
    ] {
        let folder = Folder::new("ids");
        folder.service(variables);
        let text = fs::read_to_string(folder.0.join("orders.jsonl")).expect("the file");
        for line in text.lines().map(Line::parse) {
            assert_eq!(line.has("log.record.uid"), has_ids, "{line:?}");
        }
    }
}

#[test]
fn lines_that_this_crate_writes_itself_have_ids_like_all_others() {
    for is_on in [true, false] {
        let folder = Folder::new("own-ids");
        let file = folder.0.join("orders.jsonl");
        let loki = tracing_stamp::ship::Loki::new("http://127.0.0.1:9").expect("a valid address");
        let mut setup = tracing_stamp::setup()
            .with_log_file(&file)
            .with_shipping(loki)
            .with_unstamped_report(true)
            .with_diagnostics(|_| ());
        if !is_on {
            setup = setup.configure_layer(|layer| layer.with_record_uid(false));
        }
        let (dispatch, guard) = setup.build().expect("the settings are valid");
        tracing::dispatcher::with_default(&dispatch, || tracing::info!("hello"));
        guard.shutdown(Duration::ZERO);
        let text = fs::read_to_string(file).expect("the file");
        let has_id: Vec<bool> = text
            .lines()
            .map(|line| Line::parse(line).has("log.record.uid"))
            .collect();
        // The second line is the report of lines without a trace.
        assert_eq!(has_id, [is_on; 2], "{text}");
    }
}
