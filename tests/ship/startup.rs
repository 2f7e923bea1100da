//! Shipping by `init`: problems are reported, and never stop a service.
#![cfg(feature = "setup")]

use super::{Diagnoses, Folder, server::Server, wait_until};
use std::{path::Path, time::Duration};
use tracing_stamp::{setup::ShutdownGuard, ship};

/// A service that ships its log file, and its diagnoses.
struct Service {
    dispatch: tracing::Dispatch,
    guard: ShutdownGuard,
    diagnoses: Diagnoses,
}

impl Service {
    fn start(file: &Path, loki: ship::Loki) -> Self {
        let diagnoses = Diagnoses::default();
        let (dispatch, guard) = tracing_stamp::setup()
            .with_log_file(file)
            .with_shipping(loki)
            .with_diagnostics(diagnoses.callback())
            .build()
            .expect("the shipper starts");
        Self {
            dispatch,
            guard,
            diagnoses,
        }
    }

    fn log(&self, number: u64) {
        tracing::dispatcher::with_default(&self.dispatch, || tracing::info!(number, "line"));
    }

    fn messages(&self) -> Vec<String> {
        self.diagnoses.messages()
    }

    /// Ends the service after all of its lines are delivered, however long that takes.
    fn end(self) {
        let report = self.guard.shutdown(Duration::MAX);
        assert_eq!(report.unshipped_bytes(), 0);
    }
}

fn loki(server: &Server) -> ship::Loki {
    ship::Loki::new(server.url().as_str()).expect("the address is valid")
}

#[test]
fn two_services_in_one_folder_both_start_and_ship_their_lines() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let (a, b) = (folder.at("a.jsonl"), folder.at("b.jsonl"));
    let start = || {
        (
            Service::start(&a, loki(&server)),
            Service::start(&b, loki(&server)),
        )
    };
    let (first, second) = start();
    assert_eq!(first.messages(), [""; 0]);
    let messages = second.messages();
    assert!(
        messages.len() == 1
            && messages[0].contains("another shipper")
            && messages[0].contains(".b.jsonl.ship"),
        "{messages:?}"
    );
    first.log(0);
    second.log(1);
    first.end();
    second.end();
    assert_eq!(server.numbers(), [0, 1]);

    // Each service continues with its own cursor, even if they start in the other order.
    let shipped = server.requests().len();
    let second = Service::start(&b, loki(&server));
    let first = Service::start(&a, loki(&server));
    assert_eq!((first.messages().len(), second.messages().len()), (0, 0));
    first.log(2);
    second.log(3);
    first.end();
    second.end();
    let requests = server.requests();
    let again: usize = requests[shipped..]
        .iter()
        .map(|request| request.lines.len())
        .sum();
    assert_eq!((server.numbers(), again), (vec![0, 1, 2, 3], 2));
}

#[test]
fn two_services_with_one_log_file_both_start_and_ship_their_lines() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let file = folder.at("a.jsonl");
    let first = Service::start(&file, loki(&server));
    let second = Service::start(&file, loki(&server));
    let messages = second.messages().join("\n");
    assert!(
        messages.contains("open already") && messages.contains("a.instance-2.jsonl"),
        "{messages}"
    );
    first.log(0);
    second.log(1);
    wait_until("both are shipped", || server.numbers() == [0, 1]);
    first.end();
    second.end();
    let sent: usize = server
        .requests()
        .iter()
        .map(|request| request.lines.len())
        .sum();
    assert_eq!(sent, 2, "no line is shipped by both");
}

#[test]
fn a_service_starts_although_its_lines_cannot_be_shipped() {
    let folder = Folder::new();
    let server = ship::Server::new("https://127.0.0.1:9").expect("the address is valid");
    let server = server.with_roots(folder.at("no-such.pem"));
    let service = Service::start(
        &folder.at("a.jsonl"),
        ship::Loki::new(server).expect("the setting is valid"),
    );
    service.log(0);
    wait_until("it is reported", || {
        let messages = service.messages().join("\n");
        messages.contains("cannot be shipped to") && messages.contains("no-such.pem cannot be read")
    });
    // No line can be delivered.
    let _ = service.guard.shutdown(Duration::ZERO);
    let text = std::fs::read_to_string(folder.at("a.jsonl")).expect("the file exists");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn shutdown_with_the_maximum_timeout_delivers_all_lines() {
    let (folder, server) = (Folder::new(), Server::accepting());
    super::append(&folder.at("a.jsonl"), &super::line(0));
    let shipper = super::shipper(&server, &folder.0);
    let report = shipper
        .start()
        .expect("the shipper starts")
        .shutdown(Duration::MAX);
    assert_eq!((report.unshipped_bytes(), server.numbers()), (0, vec![0]));
}
