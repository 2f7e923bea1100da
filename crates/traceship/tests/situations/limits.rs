//! Many files, few descriptors, large lines and exact counts.

use super::{
    Diagnoses, LOOKS, assert_once,
    elasticsearch::Mood,
    files::{Folder, append, gzip},
    lines::{many, other, own, text},
    run_once, shipper,
    stand::Stand,
    start, wait_for, wait_until,
};
use serde_json::Value;
use std::{fs, thread, time::Duration};

#[test]
fn files_with_an_unfinished_last_line_hold_up_no_other_file() {
    for stand in Stand::both() {
        let folder = Folder::new();
        for number in 0..130 {
            append(
                &folder.at(&format!("torn-{number:03}.log")),
                text(9_999).trim_end(),
            );
        }
        append(&folder.at("zz.log"), &many(own, 0..100));
        let shipping = start(&stand, &folder.at("*.log"));
        wait_for(&stand, 100);
        append(&folder.at("zz.log"), &many(own, 100..110));
        wait_for(&stand, 110);
        shipping.shutdown(Duration::ZERO);
        assert_once(&stand, 0..110);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn idle_files_cost_no_time() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    for number in 0..500 {
        append(&folder.at(&format!("{number}.log")), &other(number));
    }
    let mut process = stand
        .program(&folder.0)
        .spawn()
        .expect("the process starts");
    wait_for(&stand, 500);
    thread::sleep(Duration::from_secs(3));
    let before = ticks(process.id());
    thread::sleep(Duration::from_secs(5));
    let used = ticks(process.id()) - before;
    process.kill().expect("the process runs");
    process.wait().expect("the process ends");
    // A tick is 10 ms. The program is not optimised.
    assert!(used <= 25, "{used} ticks of 500");
}

/// Returns how long a process has run, in ticks of the system's clock.
#[cfg(target_os = "linux")]
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    let (_, rest) = stat
        .rsplit_once(") ")
        .expect("the name ends with a bracket");
    let fields: Vec<&str> = rest.split(' ').collect();
    let field = |at: usize| fields[at].parse::<u64>().expect("it is a number");
    field(11) + field(12)
}

#[cfg(unix)]
#[test]
fn more_files_than_descriptors_are_shipped() {
    for limit in [128, 64] {
        let (folder, stand) = (Folder::new(), Stand::loki());
        for number in 0..300 {
            append(
                &folder.at(&format!("{number}.log")),
                &(own(2 * number) + &own(2 * number + 1)),
            );
        }
        let program = env!("CARGO_BIN_EXE_traceship");
        let command = format!("ulimit -n {limit}; exec \"{program}\" --once --to \"$0\" \"$1\"");
        let output = std::process::Command::new("sh")
            .args(["-c", &command])
            .arg(stand.argument())
            .arg(&folder.0)
            .output()
            .expect("the process starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_once(&stand, 0..600);
    }
}

#[test]
fn a_line_of_many_members_is_cut_to_valid_json() {
    let members: String = (0..150)
        .map(|at| format!(",\"member_{at}\":\"{}\"", "x".repeat(2_500)))
        .collect();
    let line = own(0).trim_end().trim_end_matches('}').to_owned() + &members + "}\n";
    for stand in Stand::both() {
        let folder = Folder::new();
        append(&folder.at("app.jsonl"), &line);
        let report = run_once(&stand, &folder.0);
        assert_once(&stand, 0..1);
        let stored = &stand.stored()[0];
        let json: Value = serde_json::from_str(stored).expect("the line is JSON");
        let is_cut = stand.name() == "Loki";
        assert_eq!(json["truncated"] == true, is_cut);
        assert_eq!(report.stats().cut(), u64::from(is_cut));
        assert!(stored.len() <= 256 << 10 || !is_cut);
        for key in [
            "timestamp",
            "level",
            "trace_id",
            "span_id",
            "log.record.uid",
        ] {
            assert!(json[key].is_string(), "{key}");
        }
    }
}

#[test]
fn a_huge_line_is_cut_in_little_time() {
    let members: String = (0..200_000).map(|at| format!(",\"m{at}\":{at}")).collect();
    let line = own(0).trim_end().trim_end_matches('}').to_owned() + &members + "}\n";
    for stand in Stand::both() {
        let folder = Folder::new();
        append(&folder.at("app.jsonl"), &line);
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..1);
        let json: Value = serde_json::from_str(&stand.stored()[0]).expect("the line is JSON");
        assert_eq!(json["truncated"], true);
    }
}

#[test]
fn no_loss_is_reported_if_nothing_is_lost() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        let diagnoses = Diagnoses::default();
        let shipper = shipper(&stand, &folder.0)
            .with_rotate_wait(Duration::from_millis(50))
            .with_diagnostics(diagnoses.callback());
        let shipping = shipper.start().expect("the shipper starts");
        for round in 0..30 {
            append(&path, &many(other, round * 20..(round + 1) * 20));
            wait_for(
                &stand,
                usize::try_from(round + 1).expect("it is small") * 20,
            );
            match round % 3 {
                0 => fs::remove_file(&path).expect("the file is removed"),
                1 => {
                    fs::rename(&path, folder.at("app.log.1")).expect("the file is renamed");
                    gzip(&folder.at("app.log.1"));
                }
                _ => {
                    let _ = fs::remove_file(folder.at("app.log.1.gz"));
                    fs::rename(&path, folder.at("app.log.1")).expect("the file is renamed");
                    thread::sleep(LOOKS / 4);
                    fs::remove_file(folder.at("app.log.1")).expect("the file is removed");
                }
            }
        }
        thread::sleep(LOOKS);
        let report = shipping.shutdown(Duration::from_secs(5));
        assert_eq!(
            (report.stats().lost_bytes(), report.unshipped_bytes()),
            (0, 0),
            "{:?}",
            diagnoses.messages()
        );
        assert!(
            diagnoses.messages().is_empty(),
            "{:?}",
            diagnoses.messages()
        );
        assert_once(&stand, 0..600);
    }
}

#[test]
fn bytes_of_a_file_that_was_removed_before_it_was_shipped_are_counted_exactly() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        append(&path, &many(other, 0..10));
        run_once(&stand, &folder.0);
        stand.set_mood(Mood::IsDown);
        let lost = many(other, 10..17);
        append(&path, &lost);
        let (shipping, requests) = (start(&stand, &folder.0), stand.requests());
        wait_until("the shipper has tried", || stand.requests() > requests);
        shipping.shutdown(Duration::ZERO);
        fs::remove_file(&path).expect("the file is removed");
        stand.set_mood(Mood::Accepts);
        append(&folder.at("next.log"), &other(17));
        let diagnoses = Diagnoses::default();
        let shipper = shipper(&stand, &folder.0)
            .with_rotate_wait(Duration::from_millis(200))
            .with_diagnostics(diagnoses.callback());
        let shipping = shipper.start().expect("the shipper starts");
        wait_until("the loss is counted", || shipping.stats().lost_bytes() > 0);
        thread::sleep(LOOKS);
        assert_eq!(shipping.stats().lost_bytes(), lost.len() as u64);
        assert_eq!(diagnoses.messages().len(), 1, "{:?}", diagnoses.messages());
        shipping.shutdown(Duration::from_secs(5));
        assert_eq!(stand.stored().len(), 11);
    }
}

#[test]
fn lines_that_are_being_sent_are_not_lost_with_their_file() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        stand.set_mood(Mood::IsDown);
        append(&path, &many(other, 0..10));
        let shipper = shipper(&stand, &folder.0).with_rotate_wait(Duration::from_millis(100));
        let shipping = shipper.start().expect("the shipper starts");
        wait_until("the shipper has tried", || stand.requests() > 0);
        fs::remove_file(&path).expect("the file is removed");
        thread::sleep(2 * LOOKS);
        stand.set_mood(Mood::Accepts);
        wait_for(&stand, 10);
        thread::sleep(LOOKS);
        let report = shipping.shutdown(Duration::from_secs(5));
        assert_eq!(report.stats().lost_bytes(), 0);
        assert_once(&stand, 0..10);
    }
}
