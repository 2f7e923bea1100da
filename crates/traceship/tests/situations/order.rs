//! Lines are sent in the order of their times, which are read as each logger writes them.

use super::{
    Diagnoses, assert_once, difference,
    elasticsearch::Mood,
    files::{Folder, append},
    lines::{ago, many, other_at, own, own_at, text},
    run_once, shipper,
    stand::Stand,
    start, wait_until,
};
use jiff::Timestamp;
use std::time::Duration;

#[test]
fn the_lines_of_a_rotated_file_are_sent_before_newer_ones() {
    for _ in 0..3 {
        let (folder, stand) = (Folder::new(), Stand::loki());
        append(&folder.at("app.log"), &own(1));
        append(&folder.at("app.log.1"), &own_at(0, ago(3 * 3_600)));
        let report = run_once(&stand, &folder.0);
        assert_eq!(report.stats().rejected(), 0);
        assert_once(&stand, 0..2);
    }
}

#[test]
fn a_late_line_of_one_stream_makes_loki_refuse_none() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let line = |number: u64, level: &str, seconds: i64| {
        let time = ago(seconds);
        format!("{{\"ts\":\"{time:.3}\",\"level\":\"{level}\",\"msg\":\"n={number};\"}}\n")
    };
    let hours = |number: u64| 18_000 - 18 * i64::try_from(number).expect("it is small");
    let many = many(|number| line(number, "info", hours(number)), 0..998);
    append(
        &folder.at("app.log"),
        &(many + &line(998, "error", 60) + &line(999, "error", 3 * 3_600)),
    );
    let report = run_once(&stand, &folder.0);
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (1_000, 0)
    );
    assert_once(&stand, 0..1_000);
}

#[test]
fn a_backlog_is_accepted_again_if_responses_to_it_are_lost() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let line = |number: u64| {
        own_at(
            number,
            ago(180_000 - 180 * i64::try_from(number).expect("it is small")),
        )
    };
    append(&folder.at("app.log"), &many(line, 0..1_000));
    stand.set_mood(Mood::LosesReplies);
    let shipping = start(&stand, &folder.0);
    wait_until("a request is repeated", || stand.requests() > 1);
    stand.set_mood(Mood::Accepts);
    wait_until("all lines arrive", || stand.numbers().len() == 1_000);
    let report = shipping.shutdown(Duration::from_secs(60));
    assert_eq!(
        (report.stats().shipped(), report.stats().rejected()),
        (1_000, 0)
    );
    assert_once(&stand, 0..1_000);
}

#[test]
fn text_at_the_start_of_a_file_is_not_newer_than_the_lines_behind_it() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    // Without levels, so that all lines are in one stream.
    let line = |number: u64| {
        let time = ago(18_000 - 18 * i64::try_from(number).expect("it is small"));
        format!("{{\"ts\":\"{time:.3}\",\"msg\":\"n={number};\"}}\n")
    };
    append(&folder.at("app.log"), &(text(0) + &many(line, 1..1_000)));
    let report = run_once(&stand, &folder.0);
    assert_eq!(report.stats().rejected(), 0);
    assert_once(&stand, 0..1_000);
}

#[test]
fn files_whose_lines_all_have_times_of_the_future_are_read() {
    let (folder, stand) = (Folder::new(), Stand::elasticsearch());
    // A clock that is two hours ahead, or local times that are written as UTC.
    let line = |number| own_at(number, ago(-7_200));
    append(&folder.at("a.log"), &many(line, 0..100));
    append(&folder.at("b.log"), &many(line, 100..200));
    let shipping = start(&stand, &folder.0);
    wait_until("all lines arrive", || stand.numbers().len() == 200);
    drop(shipping);
    assert_once(&stand, 0..200);
}

#[test]
fn a_backlog_of_a_week_is_accepted_in_few_requests() {
    const LINES: u64 = 4_000;
    for is_running in [false, true] {
        let (folder, stand) = (Folder::new(), Stand::loki());
        let mut number = 0;
        for day in (0..7).rev() {
            let line = |at| {
                let time =
                    ago(day * 86_400 + 80_000 - 20 * i64::try_from(at).expect("it is small"));
                match day % 2 {
                    0 => own_at(number + at, time),
                    _ => other_at(number + at, time),
                }
            };
            let name = match day {
                0 => "app.log".to_owned(),
                _ => format!("app.log.{day}"),
            };
            append(&folder.at(&name), &many(line, 0..LINES));
            number += LINES;
        }
        let stats = if is_running {
            let shipping = start(&stand, &folder.0);
            wait_until("all lines arrive", || {
                stand.numbers().len() as u64 >= number
            });
            shipping.shutdown(Duration::from_secs(5)).stats().clone()
        } else {
            run_once(&stand, &folder.0).stats().clone()
        };
        assert_eq!(stats.rejected(), 0);
        assert_once(&stand, 0..number);
        assert!(stand.requests() < 400, "{} requests", stand.requests());
    }
}

#[test]
fn files_that_overlap_in_time_are_merged() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    for worker in 0..3 {
        let line = |at| {
            own_at(
                worker + 3 * at,
                ago(72_000 - 60 * i64::try_from(at).expect("it is small")),
            )
        };
        append(
            &folder.at(&format!("worker-{worker}.log")),
            &many(line, 0..1_000),
        );
    }
    let report = run_once(&stand, &folder.0);
    assert_eq!(report.stats().rejected(), 0);
    assert_once(&stand, 0..3_000);
}

#[test]
fn the_times_of_other_loggers_are_those_of_their_lines() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    let time = ago(1_000);
    let (millis, nanos) = (time.as_millisecond(), time.as_nanosecond());
    let lines = [
        // slog-json, zap, pino, bunyan, logrus, and nanoseconds.
        format!("{{\"msg\":\"n=0;\",\"level\":\"INFO\",\"ts\":\"{time:.9}\"}}"),
        format!(
            "{{\"level\":\"info\",\"ts\":{}.{:03},\"msg\":\"n=1;\"}}",
            millis / 1_000,
            millis % 1_000
        ),
        format!("{{\"level\":30,\"time\":{millis},\"msg\":\"n=2;\"}}"),
        format!(
            "{{\"name\":\"app\",\"level\":30,\"msg\":\"n=3;\",\"time\":\"{time:.3}\",\"v\":0}}"
        ),
        format!("{{\"level\":\"info\",\"msg\":\"n=4;\",\"time\":\"{time:.0}\"}}"),
        format!("{{\"level\":\"info\",\"ts\":{nanos},\"msg\":\"n=5;\"}}"),
    ];
    append(&folder.at("app.log"), &(lines.join("\n") + "\n"));
    run_once(&stand, &folder.0);
    assert_once(&stand, 0..6);
    for entry in stand.entries() {
        let difference = i128::from(entry.nanos) - nanos;
        assert!(
            difference.abs() < 1_000_000_000,
            "{} at {}",
            entry.line,
            entry.nanos
        );
    }
}

#[test]
fn a_duration_is_not_a_time() {
    let (folder, stand) = (Folder::new(), Stand::loki());
    append(
        &folder.at("app.log"),
        "{\"msg\":\"n=0;\",\"time\":35}\n{\"time\":0.0021,\"msg\":\"n=1;\"}\n",
    );
    let report = run_once(&stand, &folder.0);
    assert_eq!(report.stats().rejected(), 0);
    assert_once(&stand, 0..2);
    let now = Timestamp::now().as_nanosecond();
    let is_new = |nanos: i64| (now - i128::from(nanos)).abs() < 60_000_000_000;
    assert!(stand.entries().iter().all(|entry| is_new(entry.nanos)));
}

#[test]
fn text_does_not_inherit_an_impossible_time() {
    for time in [
        "9999-12-31T23:59:59Z",
        "2286-11-20T17:46:39Z",
        "1971-01-01T00:00:00Z",
    ] {
        let (folder, stand) = (Folder::new(), Stand::loki());
        let hostile =
            format!("{{\"timestamp\":\"{time}\",\"level\":\"INFO\",\"message\":\"hostile\"}}\n");
        append(&folder.at("app.log"), &(hostile + &many(text, 0..10)));
        let diagnoses = Diagnoses::default();
        let shipper = shipper(&stand, &folder.0).with_diagnostics(diagnoses.callback());
        let shipping = shipper.start().expect("the shipper starts");
        wait_until("the text arrives", || {
            difference(&stand, &(0..10)).0.is_empty()
        });
        shipping.shutdown(Duration::ZERO);
        assert_once(&stand, 0..10);
    }
}
