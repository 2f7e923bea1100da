//! Lines are not repeated although replies are lost, processes are killed, and files are copied, emptied and compressed.

use super::{
    Diagnoses, LOOKS, assert_all, assert_once,
    elasticsearch::Mood,
    files::{Folder, append, empty, gzip},
    lines::{ago, many, other, other_at, own, text},
    run_once, shipper,
    stand::Stand,
    start, wait_for, wait_until,
};
use std::{fs, thread, time::Duration};
use traceship::Shipping;

/// Ships files with a process that is killed after the server has stored lines and lost the reply.
fn ship_and_kill(stand: &Stand, folder: &Folder, lines: usize) {
    stand.set_mood(Mood::LosesReplies);
    let mut process = stand
        .program(&folder.0)
        .spawn()
        .expect("the process starts");
    wait_for(stand, lines);
    process.kill().expect("the process runs");
    process.wait().expect("the process ends");
    stand.set_mood(Mood::Accepts);
}

#[test]
fn own_lines_whose_confirmation_was_lost_are_stored_once_although_their_file_was_compressed_after_a_kill()
 {
    for stand in Stand::both() {
        let folder = Folder::new();
        append(&folder.at("app.log"), &many(own, 0..1_000));
        ship_and_kill(&stand, &folder, 1);
        fs::rename(folder.at("app.log"), folder.at("app.log.1")).expect("the file is renamed");
        gzip(&folder.at("app.log.1"));
        append(&folder.at("app.log"), &own(1_000));
        let diagnoses = Diagnoses::default();
        let shipper = shipper(&stand, &folder.0).with_diagnostics(diagnoses.callback());
        let report = shipper.run_once().expect("shipping succeeds");
        assert_once(&stand, 0..1_001);
        assert_eq!(report.stats().lost_bytes(), 0, "{:?}", diagnoses.messages());
        assert!(!diagnoses.contain("lost"), "{:?}", diagnoses.messages());
    }
}

#[test]
fn lines_of_others_are_stored_once_too_in_that_case_if_they_have_times() {
    for stand in Stand::both() {
        for (line, most) in [(other as fn(u64) -> String, 1_000), (text, 2_000)] {
            let folder = Folder::new();
            let before = stand.stored().len();
            append(&folder.at("app.log"), &many(line, 0..1_000));
            ship_and_kill(&stand, &folder, before + 1);
            fs::rename(folder.at("app.log"), folder.at("app.log.1")).expect("the file is renamed");
            gzip(&folder.at("app.log.1"));
            run_once(&stand, &folder.0);
            let added = stand.stored().len() - before;
            assert!(
                (1_000..=most).contains(&added),
                "{added} in {}",
                stand.name()
            );
        }
    }
}

#[test]
fn text_that_begins_like_another_file_is_shipped_although_nothing_of_that_is_confirmed() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    let banner = "=== the service starts ===\n".repeat(100);
    append(&folder.at("app.log.1"), &(banner.clone() + &text(0)));
    append(&folder.at("app.log.2"), &(banner.clone() + &text(1)));
    run_once(&stand, &folder.0);
    // The shipper is killed after it had sent the lines of one of two files.
    let (folder, killed) = (Folder::new(), Stand::elasticsearch());
    append(&folder.at("app.log"), &(banner.clone() + &text(0)));
    ship_and_kill(&killed, &folder, 101);
    fs::remove_file(folder.at("app.log")).expect("the file exists");
    append(&folder.at("app.log"), &(banner + &text(1)));
    run_once(&killed, &folder.0);
    assert_eq!(
        (stand.numbers(), killed.numbers()),
        (vec![0, 1], vec![0, 1])
    );
}

#[test]
fn text_keeps_its_times_if_a_batch_has_several_reads_of_its_file() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    // Lines of several files are merged, so not all of the first file is read at once.
    append(&folder.at("a.log"), &many(text, 0..5_000));
    append(&folder.at("b.log"), &text(5_000));
    // Only a part is sent until the server responds.
    ship_and_kill(&stand, &folder, 1);
    thread::sleep(Duration::from_millis(20));
    append(&folder.at("a.log"), &text(5_001));
    run_once(&stand, &folder.0);
    assert_once(&stand, 0..5_002);
}

#[test]
fn lines_are_stored_once_if_a_killed_shipper_starts_again_with_the_same_file() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let before = stand.stored().len();
            append(&folder.at("app.log"), &many(line, 0..1_000));
            ship_and_kill(&stand, &folder, before + 1);
            fs::rename(folder.at("app.log"), folder.at("app.log.1")).expect("the file is renamed");
            append(&folder.at("app.log"), &line(1_000));
            run_once(&stand, &folder.0);
            assert_eq!(stand.stored().len(), before + 1_001, "{}", stand.name());
        }
    }
}

#[test]
fn own_lines_of_a_short_file_that_is_compressed_while_the_shipper_is_down_are_stored_once() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log.1");
        append(&path, &many(own, 0..3));
        run_once(&stand, &folder.0);
        gzip(&path);
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..3);
    }
}

#[test]
fn lines_with_times_of_a_short_file_that_is_compressed_while_the_shipper_is_down_are_stored_once() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log.1");
        append(&path, &many(other, 0..3));
        run_once(&stand, &folder.0);
        gzip(&path);
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..3);
    }
}

#[test]
fn text_of_a_short_file_that_is_compressed_while_the_shipper_is_down_is_repeated_at_most_once() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log.1");
        append(&path, &many(text, 0..3));
        run_once(&stand, &folder.0);
        gzip(&path);
        for _ in 0..3 {
            run_once(&stand, &folder.0);
        }
        assert_all(&stand, 0..3, 3);
    }
}

#[test]
fn lines_are_stored_once_if_lines_are_shipped_between_copying_and_emptying_their_file() {
    for stand in Stand::both() {
        for (line, is_restarted) in [
            (own as fn(u64) -> String, false),
            (own, true),
            (other, false),
            (other, true),
        ] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            append(&path, &many(line, 0..1_000));
            let mut shipping = start(&stand, &folder.0);
            wait_for(&stand, before + 1_000);
            fs::copy(&path, folder.at("app.log.1")).expect("the file is copied");
            append(&path, &line(1_000));
            wait_for(&stand, before + 1_001);
            if is_restarted {
                shipping.shutdown(Duration::from_secs(5));
                empty(&path);
                shipping = start(&stand, &folder.0);
            } else {
                empty(&path);
            }
            thread::sleep(LOOKS);
            append(&path, &line(1_001));
            wait_for(&stand, before + 1_002);
            thread::sleep(LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len(), before + 1_002, "{}", stand.name());
        }
    }
}

/// Copies a file while a batch with its last lines and later ones waits for the server. Then the file is emptied.
fn copy_within_a_batch_and_empty(stand: &Stand, folder: &Folder) -> Shipping {
    let path = folder.at("app.log");
    append(&path, &many(other, 0..100));
    let shipping = start(stand, &folder.0);
    wait_for(stand, 100);
    stand.set_mood(Mood::IsDown);
    let requests = stand.requests();
    append(&path, &many(other, 100..200));
    fs::copy(&path, folder.at("app.log.1")).expect("the file is copied");
    append(&path, &many(other, 200..300));
    wait_until("the shipper has tried", || stand.requests() > requests);
    stand.set_mood(Mood::Accepts);
    wait_for(stand, 300);
    empty(&path);
    shipping
}

#[test]
fn a_copy_is_not_repeated_although_its_last_lines_are_confirmed_together_with_later_ones() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let shipping = copy_within_a_batch_and_empty(&stand, &folder);
        thread::sleep(LOOKS);
        shipping.shutdown(Duration::from_secs(5));
        gzip(&folder.at("app.log.1"));
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..300);
    }
}

#[test]
fn lines_that_are_appended_to_a_shorter_copy_are_shipped() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let shipping = copy_within_a_batch_and_empty(&stand, &folder);
        let copy = folder.at("app.log.1");
        append(&copy, &many(other, 300..400));
        wait_for(&stand, 400);
        thread::sleep(LOOKS);
        append(&copy, &many(other, 400..500));
        wait_for(&stand, 500);
        shipping.shutdown(Duration::from_secs(5));
        append(&copy, &many(other, 500..600));
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..600);
    }
}

#[test]
fn a_copy_that_is_found_after_its_original_has_grown_is_not_repeated() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        append(&path, &many(other, 0..100));
        fs::copy(&path, folder.at("copy.tmp")).expect("the file is copied");
        append(&path, &many(other, 100..200));
        run_once(&stand, &folder.0);
        fs::rename(folder.at("copy.tmp"), folder.at("app.log.1")).expect("the copy is renamed");
        run_once(&stand, &folder.0);
        empty(&path);
        run_once(&stand, &folder.0);
        append(&path, &many(other, 200..300));
        run_once(&stand, &folder.0);
        assert_once(&stand, 0..300);
    }
}

#[test]
fn of_a_copy_that_is_found_after_its_original_was_emptied_only_the_end_is_repeated() {
    for stand in Stand::both() {
        let folder = Folder::new();
        let path = folder.at("app.log");
        append(&path, &many(other, 0..100));
        run_once(&stand, &path);
        append(&path, &many(other, 100..110));
        fs::copy(&path, folder.at("copy.tmp")).expect("the file is copied");
        append(&path, &many(other, 110..200));
        run_once(&stand, &path);
        empty(&path);
        fs::rename(folder.at("copy.tmp"), folder.at("app.log.1")).expect("the copy is renamed");
        for _ in 0..2 {
            run_once(&stand, &folder.0);
        }
        assert_all(&stand, 0..200, 10);
    }
}

#[test]
fn a_file_is_shipped_although_another_log_or_text_without_times_begins_with_the_same_lines() {
    let time = ago(10);
    let equal = move |number| other_at(number, time);
    for stand in Stand::both() {
        for (line, name) in [
            (&equal as &dyn Fn(u64) -> String, "b.log.1"),
            (&text, "a.log.1"),
        ] {
            let folder = Folder::new();
            let before = stand.stored().len();
            append(&folder.at("a.log"), &many(line, 0..100));
            run_once(&stand, &folder.0);
            append(&folder.at("a.log"), &line(100));
            run_once(&stand, &folder.0);
            fs::remove_file(folder.at("a.log")).expect("the file exists");
            append(&folder.at(name), &many(line, 0..100));
            append(&folder.at("c.log"), &line(101));
            run_once(&stand, &folder.0);
            assert_eq!(
                stand.stored().len(),
                before + 202,
                "{name} in {}",
                stand.name()
            );
        }
    }
}

#[test]
fn a_copied_file_is_not_repeated_while_its_emptied_original_stays_empty() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            append(&path, &many(line, 0..1_000));
            let shipping = start(&stand, &folder.0);
            wait_for(&stand, before + 1_000);
            fs::copy(&path, folder.at("app.log.1")).expect("the file is copied");
            empty(&path);
            thread::sleep(2 * LOOKS);
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len(), before + 1_000, "{}", stand.name());
        }
    }
}

#[test]
fn a_file_that_is_emptied_and_written_again_is_shipped_completely() {
    for stand in Stand::both() {
        for line in [own, other, text] {
            let folder = Folder::new();
            let path = folder.at("app.log");
            let before = stand.stored().len();
            let shipping = start(&stand, &folder.0);
            for round in 0..5 {
                append(&path, &many(line, round * 100..(round + 1) * 100));
                wait_for(
                    &stand,
                    before + 100 * (usize::try_from(round).expect("it is small") + 1),
                );
                empty(&path);
            }
            shipping.shutdown(Duration::from_secs(5));
            assert_eq!(stand.stored().len(), before + 500, "{}", stand.name());
        }
    }
}

#[test]
fn equal_lines_with_equal_times_are_all_stored() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let time = ago(10);
    let beats = many(|number| other_at(number, time), 0..5_000);
    for name in ["worker-1.log", "worker-2.log", "app.log.1", "app.log"] {
        append(&folder.at(name), &beats);
    }
    run_once(&stand, &folder.0);
    assert_eq!(stand.stored().len(), 20_000);
}

#[test]
fn equal_lines_after_lines_with_equal_times_are_all_stored() {
    let time = ago(10);
    for decimals in [0, 3, 6, 9] {
        let (folder, stand) = (Folder::new(), Stand::loki());
        let error = format!("{{\"ts\":\"{time:.decimals$}\",\"msg\":\"n=1;\"}}\n");
        let trace = error + "  n=2; in a stack trace\n  n=2; in a stack trace\n";
        append(&folder.at("app.log"), &trace.repeat(100));
        run_once(&stand, &folder.0);
        assert_eq!(stand.stored().len(), 300, "{decimals}");
    }
}

#[test]
fn equal_texts_of_files_that_were_modified_at_the_same_time_are_all_stored() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let time = std::time::SystemTime::now() - Duration::from_secs(10);
    for number in 0..8 {
        let path = folder.at(&format!("worker-{number}.log"));
        append(&path, &many(|_| text(0), 0..1_000));
        let file = fs::File::options().append(true).open(&path);
        let file = file.expect("the file exists");
        file.set_modified(time).expect("the time is set");
    }
    run_once(&stand, &folder.0);
    assert_eq!(stand.stored().len(), 8_000);
}

#[test]
fn equal_lines_of_one_file_are_all_stored() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let time = ago(10);
    append(
        &folder.at("app.log"),
        &many(|_| other_at(0, time), 0..1_000),
    );
    append(&folder.at("text.log"), &many(|_| text(0), 0..25_000));
    run_once(&stand, &folder.0);
    assert_eq!(stand.stored().len(), 26_000);
}

#[test]
fn only_the_unconfirmed_batch_is_repeated_if_a_data_stream_rolls_over_before_its_retry() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    append(&folder.at("app.log"), &many(own, 0..100));
    run_once(&stand, &folder.0);
    append(&folder.at("app.log"), &many(own, 100..201));
    stand.set_mood(Mood::LosesReplies);
    let shipping = start(&stand, &folder.0);
    wait_for(&stand, 201);
    stand.roll_over();
    stand.set_mood(Mood::Accepts);
    shipping.shutdown(Duration::from_secs(30));
    assert_all(&stand, 0..201, 101);
}
