//! Log folders that other users can write to, and settings with paths that are not regular files.
#![cfg(unix)]

use super::{
    Diagnoses, Folder, PATIENCE, append, line,
    server::{Action, Server, response},
    shipper, wait_until,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    sync::mpsc,
    time::Duration,
};
use tracing_stamp::ship::{self, Loki, Shipper};

/// Returns a server that rejects one line, and accepts the others.
fn rejecting(number: u64) -> Server {
    Server::start(move |request| {
        let is_rejected = |text: &str| text.contains(&format!("\"number\":{number}}}"));
        match request.lines.iter().any(|entry| is_rejected(&entry.line)) {
            true => response(400, "no"),
            false => Action::Accept,
        }
    })
}

#[test]
fn files_that_a_shipper_creates_are_readable_by_their_owner_alone() {
    let (folder, server) = (Folder::new(), rejecting(3));
    append(
        &folder.at("orders.jsonl"),
        &(0..5).map(line).collect::<String>(),
    );
    shipper(&server, &folder.0)
        .run_once()
        .expect("shipping succeeds");
    for name in [".loki.cursor", ".loki.cursor.lock", ".loki.rejected.jsonl"] {
        let metadata = fs::metadata(folder.at(name)).expect(name);
        assert_eq!(metadata.mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_cursor_that_a_group_can_read_stays_readable_for_the_group() {
    let (folder, server) = (Folder::new(), Server::accepting());
    let cursor = folder.at(".loki.cursor");
    for number in 0..2 {
        append(&folder.at("orders.jsonl"), &line(number));
        shipper(&server, &folder.0)
            .run_once()
            .expect("shipping succeeds");
        let permissions = fs::Permissions::from_mode(0o640);
        let mode = fs::metadata(&cursor).expect("the file exists").mode() & 0o777;
        assert_eq!(mode, [0o600, 0o640][number as usize]);
        fs::set_permissions(&cursor, permissions).expect("the mode is set");
    }
}

#[test]
fn symbolic_links_in_place_of_a_cursor_or_its_lock_are_not_followed() {
    let victim = |folder: &Folder| folder.at("victim.txt");
    // A link in place of the next cursor, or of the cursor itself: lines are shipped all the same.
    for name in [".loki.cursor.new", ".loki.cursor"] {
        let (folder, server) = (Folder::new(), Server::accepting());
        fs::write(victim(&folder), "text").expect("the file is written");
        symlink(victim(&folder), folder.at(name)).expect("the link is created");
        let path = folder.at("orders.jsonl");
        append(&path, &line(0));
        shipper(&server, &path)
            .run_once()
            .expect("shipping succeeds");
        assert_eq!(server.numbers(), [0]);
        let text = fs::read_to_string(victim(&folder)).expect("the file exists");
        assert_eq!(text, "text", "{name}");
        assert!(!folder.at(".loki.cursor").is_symlink());
    }
    // A link in place of the lock: the shipper does not start.
    let (folder, server) = (Folder::new(), Server::accepting());
    symlink(victim(&folder), folder.at(".loki.cursor.lock")).expect("the link is created");
    append(&folder.at("orders.jsonl"), &line(0));
    let error = shipper(&server, &folder.0)
        .start()
        .expect_err("the lock is a link");
    let message = format!("{error:#}");
    assert!(message.contains("symbolic link"), "{message}");
    assert!(!victim(&folder).exists());
}

#[test]
fn a_symbolic_link_in_place_of_the_file_of_rejected_lines_is_reported_and_not_followed() {
    let (folder, server) = (Folder::new(), Server::accepting());
    server.decide(|_| response(400, "Max entry size '1' bytes exceeded"));
    let (path, victim) = (folder.at("orders.jsonl"), folder.at("victim.txt"));
    symlink(&victim, folder.at(".loki.rejected.jsonl")).expect("the link is created");
    append(&path, &line(0));
    let diagnoses = Diagnoses::default();
    let shipping = shipper(&server, &path)
        .with_diagnostics(diagnoses.callback())
        .start()
        .expect("the shipper starts");
    wait_until("the link is reported", || {
        diagnoses.contain("symbolic link")
    });
    assert!(!victim.exists());
    drop(shipping);
}

#[test]
fn a_symbolic_link_in_place_of_the_file_of_waiting_lines_is_replaced_and_not_followed() {
    let (folder, server) = (Folder::new(), rejecting(0));
    let (path, victim) = (folder.at("orders.jsonl"), folder.at("victim.txt"));
    let waiting = folder.at(".loki.waiting.jsonl");
    fs::write(&victim, "text\n").expect("the file is written");
    symlink(&victim, &waiting).expect("the link is created");
    append(&path, &line(0));
    let shipping = shipper(&server, &path).start().expect("the shipper starts");
    wait_until("the line waits", || {
        fs::symlink_metadata(&waiting).is_ok_and(|file| file.is_file() && file.len() > 0)
    });
    let mode = fs::metadata(&waiting).expect("the file exists").mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&victim).expect("the file exists");
    assert_eq!(text, "text\n");
    drop(shipping);
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn an_endless_certificate_file_or_a_named_pipe_is_refused_immediately() {
    let folder = Folder::new();
    let fifo = folder.at("roots.pem");
    pipe(&fifo);
    let endless = folder.at("endless.pem");
    let sparse = fs::File::create(&endless).expect("the file is created");
    sparse
        .set_len(1 << 40)
        .expect("a sparse file needs no space");
    for path in [fifo.as_path(), &endless, Path::new("/dev/zero")] {
        let server = ship::Server::new("https://127.0.0.1:9").expect("the address is valid");
        let loki = Loki::new(server.with_roots(path)).expect("the setting is valid");
        append(&folder.at("orders.jsonl"), &line(0));
        let (sender, diagnoses) = mpsc::channel();
        let shipping = Shipper::new(loki)
            .with_files(folder.at("orders.jsonl"))
            .with_max_age(Duration::ZERO)
            .with_diagnostics(move |diagnosis| drop(sender.send(diagnosis.to_string())))
            .start()
            .expect("the shipper starts");
        let error = diagnoses
            .recv_timeout(PATIENCE)
            .expect("the file is reported");
        assert!(error.contains("cannot be read"), "{error}");
        drop(shipping.shutdown(Duration::ZERO));
    }
}

#[test]
fn an_endless_token_file_or_a_named_pipe_is_reported_and_does_not_block_the_shipper() {
    for is_endless in [false, true] {
        let (folder, server) = (Folder::new(), Server::accepting());
        let mut path = folder.at("token");
        pipe(&path);
        if is_endless {
            path = "/dev/zero".into();
        }
        let address = ship::Server::new(&server.url()).expect("the address is valid");
        let loki = Loki::new(address.with_bearer_file(path)).expect("the setting is valid");
        append(&folder.at("orders.jsonl"), &line(0));
        let diagnoses = Diagnoses::default();
        let shipping = Shipper::new(loki)
            .with_files(folder.at("orders.jsonl"))
            .with_diagnostics(diagnoses.callback())
            .start()
            .expect("the shipper starts");
        wait_until("the token file is reported", || {
            diagnoses.contain("regular file")
        });
        drop(shipping);
    }
}

#[test]
fn is_unshipped_does_not_wait_for_the_writer_of_a_named_pipe() {
    let folder = Folder::new();
    let path = folder.at("orders.20200101T000000.000000Z.jsonl");
    pipe(&path);
    // A pipe is not a log file, so retention must not remove it.
    assert!(ship::is_unshipped(&path, &folder.0));
}
