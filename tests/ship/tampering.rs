//! Log folders that other users may write to, and settings that name no regular file.
#![cfg(unix)]

use super::{
    Folder, PATIENCE, append, line,
    server::{Act, Server, answer},
    shipper, wait_until,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};
use tracing_stamp::ship::{self, Loki, Shipper};

/// Refuses one line, and takes the others.
fn refusing(number: u64) -> Server {
    Server::start(move |came| {
        let is_refused = |text: &str| text.contains(&format!("\"number\":{number}}}"));
        match came.lines.iter().any(|kept| is_refused(&kept.line)) {
            true => answer(400, "no"),
            false => Act::Take,
        }
    })
}

#[test]
fn what_is_kept_beside_a_log_is_readable_by_its_owner_alone() {
    let (folder, server) = (Folder::new(), refusing(3));
    append(
        &folder.at("orders.jsonl"),
        &(0..5).map(line).collect::<String>(),
    );
    shipper(&server, &folder.0).run_once().expect("it ships");
    for name in [".loki.cursor", ".loki.cursor.lock", ".loki.rejected.jsonl"] {
        let metadata = fs::metadata(folder.at(name)).expect(name);
        assert_eq!(metadata.mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_cursor_that_a_group_was_let_read_stays_readable_for_it() {
    let (folder, server) = (Folder::new(), Server::taking());
    let cursor = folder.at(".loki.cursor");
    for number in 0..2 {
        append(&folder.at("orders.jsonl"), &line(number));
        shipper(&server, &folder.0).run_once().expect("it ships");
        let permissions = fs::Permissions::from_mode(0o640);
        let mode = fs::metadata(&cursor).expect("it is there").mode() & 0o777;
        assert_eq!(mode, [0o600, 0o640][number as usize]);
        fs::set_permissions(&cursor, permissions).expect("its mode can be set");
    }
}

#[test]
fn planted_links_beside_a_log_are_not_followed() {
    let victim = |folder: &Folder| folder.at("victim.txt");
    // In place of the next cursor, and of the cursor itself: lines are shipped all the same.
    for name in [".loki.cursor.new", ".loki.cursor"] {
        let (folder, server) = (Folder::new(), Server::taking());
        fs::write(victim(&folder), "text").expect("it can be written");
        symlink(victim(&folder), folder.at(name)).expect("a link");
        let path = folder.at("orders.jsonl");
        append(&path, &line(0));
        shipper(&server, &path).run_once().expect("it ships");
        assert_eq!(server.numbers(), [0]);
        let text = fs::read_to_string(victim(&folder)).expect("it is there");
        assert_eq!(text, "text", "{name}");
        assert!(!folder.at(".loki.cursor").is_symlink());
    }
    // In place of the lock.
    let (folder, server) = (Folder::new(), Server::taking());
    symlink(victim(&folder), folder.at(".loki.cursor.lock")).expect("a link");
    append(&folder.at("orders.jsonl"), &line(0));
    let error = shipper(&server, &folder.0).start().expect_err("a link");
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert!(!victim(&folder).exists());
}

#[test]
fn a_planted_link_in_place_of_the_rejected_lines_is_reported_and_not_followed() {
    let (folder, server) = (Folder::new(), refusing(0));
    let (path, victim) = (folder.at("orders.jsonl"), folder.at("victim.txt"));
    symlink(&victim, folder.at(".loki.rejected.jsonl")).expect("a link");
    append(&path, &line(0));
    let told = Arc::<Mutex<String>>::default();
    let tell = Arc::clone(&told);
    let shipping = shipper(&server, &path)
        .with_diagnostics(move |diagnosis| {
            tell.lock()
                .expect("nothing panics")
                .push_str(&diagnosis.to_string());
        })
        .start()
        .expect("it starts");
    wait_until("it is reported", || {
        told.lock()
            .expect("nothing panics")
            .contains("symbolic link")
    });
    assert!(!victim.exists());
    drop(shipping);
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn a_certificate_file_that_has_no_end_or_no_writer_is_refused_at_once() {
    let folder = Folder::new();
    let fifo = folder.at("roots.pem");
    pipe(&fifo);
    let endless = folder.at("endless.pem");
    let sparse = fs::File::create(&endless).expect("it can be made");
    sparse.set_len(1 << 40).expect("it needs no space");
    for path in [fifo.as_path(), &endless, Path::new("/dev/zero")] {
        let server = ship::Server::new("https://127.0.0.1:9").expect("an address");
        let loki = Loki::new(server.with_roots(path)).expect("right");
        append(&folder.at("orders.jsonl"), &line(0));
        let (tell, told) = mpsc::channel();
        let shipping = Shipper::new(loki)
            .with_files(folder.at("orders.jsonl"))
            .with_max_age(Duration::ZERO)
            .with_diagnostics(move |diagnosis| drop(tell.send(diagnosis.to_string())))
            .start()
            .expect("it starts");
        let error = told.recv_timeout(PATIENCE).expect("it is reported");
        assert!(error.contains("cannot be read"), "{error}");
        drop(shipping.shutdown(Duration::ZERO));
    }
}

#[test]
fn a_token_file_that_has_no_end_or_no_writer_is_reported_and_blocks_nothing() {
    for is_endless in [false, true] {
        let (folder, server) = (Folder::new(), Server::taking());
        let mut path = folder.at("token");
        pipe(&path);
        if is_endless {
            path = "/dev/zero".into();
        }
        let address = ship::Server::new(&server.url()).expect("an address");
        let loki = Loki::new(address.with_bearer_file(path)).expect("right");
        append(&folder.at("orders.jsonl"), &line(0));
        let told = Arc::<Mutex<String>>::default();
        let tell = Arc::clone(&told);
        let shipping = Shipper::new(loki)
            .with_files(folder.at("orders.jsonl"))
            .with_diagnostics(move |diagnosis| {
                tell.lock()
                    .expect("nothing panics")
                    .push_str(&diagnosis.to_string());
            })
            .start()
            .expect("it starts");
        wait_until("it is reported", || {
            told.lock()
                .expect("nothing panics")
                .contains("regular file")
        });
        drop(shipping);
    }
}

#[test]
fn whether_a_named_pipe_is_unshipped_is_known_without_waiting() {
    let folder = Folder::new();
    let path = folder.at("orders.20200101T000000.000000Z.jsonl");
    pipe(&path);
    // It is no file that could go.
    assert!(ship::is_unshipped(&path, &folder.0));
}
