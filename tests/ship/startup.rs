//! Shipping by `init`: what is wrong with it is reported, and stops no service.
#![cfg(feature = "setup")]

use super::{Folder, server::Server, wait_until};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing_stamp::{setup::ShutdownGuard, ship};

/// A service that ships its log file, and what it reports.
struct Service {
    dispatch: tracing::Dispatch,
    guard: ShutdownGuard,
    told: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn start(file: &Path, loki: ship::Loki) -> Self {
        let told = Arc::<Mutex<Vec<String>>>::default();
        let tell = Arc::clone(&told);
        let (dispatch, guard) = tracing_stamp::setup()
            .with_log_file(file)
            .with_shipping(loki)
            .with_diagnostics(move |diagnosis| {
                let mut told = tell.lock().expect("nothing panics");
                told.push(diagnosis.to_string());
            })
            .build()
            .expect("it starts");
        Self {
            dispatch,
            guard,
            told,
        }
    }

    fn log(&self, number: u64) {
        tracing::dispatcher::with_default(&self.dispatch, || tracing::info!(number, "line"));
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().expect("nothing panics").clone()
    }

    /// Ends it when all of its lines are delivered, however long that takes.
    fn end(self) {
        let report = self.guard.shutdown(Duration::MAX);
        assert_eq!(report.unshipped_bytes(), 0);
    }
}

fn loki(server: &Server) -> ship::Loki {
    ship::Loki::new(server.url().as_str()).expect("an address")
}

#[test]
fn two_services_in_one_folder_both_start_and_ship_their_lines() {
    let (folder, server) = (Folder::new(), Server::taking());
    let (a, b) = (folder.at("a.jsonl"), folder.at("b.jsonl"));
    let start = || {
        (
            Service::start(&a, loki(&server)),
            Service::start(&b, loki(&server)),
        )
    };
    let (first, second) = start();
    assert_eq!(first.told(), [""; 0]);
    let told = second.told();
    assert!(
        told.len() == 1 && told[0].contains("another shipper") && told[0].contains(".b.jsonl.ship"),
        "{told:?}"
    );
    first.log(0);
    second.log(1);
    first.end();
    second.end();
    assert_eq!(server.numbers(), [0, 1]);

    // Each continues with its own cursor, also where the other starts first.
    let shipped = server.came().len();
    let second = Service::start(&b, loki(&server));
    let first = Service::start(&a, loki(&server));
    assert_eq!((first.told().len(), second.told().len()), (0, 0));
    first.log(2);
    second.log(3);
    first.end();
    second.end();
    let came = server.came();
    let again: usize = came[shipped..].iter().map(|came| came.lines.len()).sum();
    assert_eq!((server.numbers(), again), (vec![0, 1, 2, 3], 2));
}

#[test]
fn two_services_with_one_log_file_both_start_and_ship_their_lines() {
    let (folder, server) = (Folder::new(), Server::taking());
    let file = folder.at("a.jsonl");
    let first = Service::start(&file, loki(&server));
    let second = Service::start(&file, loki(&server));
    let told = second.told().join("\n");
    assert!(
        told.contains("open already") && told.contains("a.instance-2.jsonl"),
        "{told}"
    );
    first.log(0);
    second.log(1);
    wait_until("both are shipped", || server.numbers() == [0, 1]);
    first.end();
    second.end();
    let came: usize = server.came().iter().map(|came| came.lines.len()).sum();
    assert_eq!(came, 2, "no line is shipped by both");
}

#[test]
fn a_service_starts_where_its_lines_cannot_be_shipped() {
    let folder = Folder::new();
    let server = ship::Server::new("https://127.0.0.1:9").expect("an address");
    let server = server.with_roots(folder.at("no-such.pem"));
    let service = Service::start(
        &folder.at("a.jsonl"),
        ship::Loki::new(server).expect("right"),
    );
    service.log(0);
    wait_until("it is reported", || {
        let told = service.told().join("\n");
        told.contains("cannot be shipped to") && told.contains("no-such.pem cannot be read")
    });
    // Nothing can be delivered.
    let _ = service.guard.shutdown(Duration::ZERO);
    let text = std::fs::read_to_string(folder.at("a.jsonl")).expect("it is there");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_shutdown_may_take_for_ever() {
    let (folder, server) = (Folder::new(), Server::taking());
    super::append(&folder.at("a.jsonl"), &super::line(0));
    let shipper = super::shipper(&server, &folder.0);
    let report = shipper.start().expect("it starts").shutdown(Duration::MAX);
    assert_eq!((report.unshipped_bytes(), server.numbers()), (0, vec![0]));
}
