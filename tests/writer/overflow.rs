//! Lines for which the buffer has no room.

use super::{PATIENCE, logging, sinks::Gate, support::Line};
use std::{io::Write as _, time::Duration};
use tracing::{Level, debug, error, info, trace, warn};
use tracing_stamp::writer::{Background, Overflow};
use tracing_subscriber::fmt::MakeWriter as _;

/// tokio-rs/tracing#1941: a bounded channel drops lines silently.
#[test]
fn every_loss_is_counted_by_level_and_reported_by_a_line_once_there_is_room() {
    let gate = Gate::default();
    let (writer, guard) = Background::new(gate.clone())
        .with_capacity_bytes(64 << 10)
        .with_resource([("service.name", "orders")])
        .with_record_uid(true)
        .start()
        .expect("the thread starts");
    logging(&writer, || {
        for _ in 0..500 {
            trace!("line");
            debug!("line");
            info!("line");
            warn!("line");
        }
        for _ in 0..50 {
            error!("line");
        }
    });
    let stats = writer.stats();
    let lost = [
        Level::TRACE,
        Level::DEBUG,
        Level::INFO,
        Level::WARN,
        Level::ERROR,
    ]
    .map(|level| stats.lost(level));
    assert!(lost[..4].iter().all(|lost| *lost > 0), "{lost:?}");
    assert!(
        lost.is_sorted_by(|lower, higher| lower >= higher),
        "{lost:?}"
    );
    assert_eq!(
        lost[4], 0,
        "there is room for ERROR lines when there is none for others"
    );
    assert_eq!(stats.accepted_lines() + stats.lost_lines(), 2_050);

    gate.let_through();
    guard.shutdown(PATIENCE).expect("the sink takes all lines");
    let lines: Vec<Line> = gate.text().lines().map(Line::parse).collect();
    let (reports, written): (Vec<_>, Vec<_>) = lines
        .iter()
        .partition(|line| line.get("message") == "lines lost");
    assert_eq!(written.len() as u64, writer.stats().written_lines());
    // There are one or two reports, as the worker may have taken lines before all were logged.
    assert!((1..=2).contains(&reports.len()), "{reports:?}");
    for (level, lost) in ["TRACE", "DEBUG", "INFO", "WARN"].iter().zip(lost) {
        let counts = reports
            .iter()
            .map(|report| report.get("lost")[level].as_u64());
        assert_eq!(counts.map(Option::unwrap_or_default).sum::<u64>(), lost);
    }
    for report in reports {
        assert_eq!(report.get("level"), "WARN");
        assert_eq!(report.get("service.name"), "orders");
        assert!(report.get("log.record.uid").is_string());
        assert!(report.get("lost").get("ERROR").is_none());
        let time = |key: &str| report.get(key).as_str().expect("a time").to_owned();
        assert!(time("first_lost") <= time("last_lost"));
        assert!(time("last_lost") <= time("timestamp"));
    }
}

#[test]
fn a_line_that_is_longer_than_the_buffer_is_lost_and_counted() {
    for overflow in [Overflow::Drop, Overflow::Block { limit: PATIENCE }] {
        let gate = Gate::open();
        let (writer, guard) = Background::new(gate.clone())
            .with_capacity_bytes(64 << 10)
            .with_overflow(overflow)
            .start()
            .expect("the thread starts");
        writeln!(writer.make_writer(), "{}", "x".repeat(70_000))
            .expect("writing to the queue never fails");
        drop(guard);
        assert_eq!(writer.stats().lost(Level::ERROR), 1);
        let line = Line::parse(gate.text().trim_end());
        assert_eq!(line.get("lost")["ERROR"], 1);
    }
}

#[test]
fn after_a_caller_has_waited_in_vain_no_caller_waits_until_the_sink_takes_bytes_again() {
    let gate = Gate::default();
    let limit = Duration::from_millis(200);
    let (writer, guard) = Background::new(gate.clone())
        .with_capacity_bytes(64 << 10)
        .with_overflow(Overflow::Block { limit })
        .start()
        .expect("the thread starts");
    let line = "x".repeat(1_000);
    let begin = std::time::Instant::now();
    for _ in 0..1_000 {
        writeln!(writer.make_writer(), "{line}").expect("writing to the queue never fails");
    }
    // Otherwise each of the more than 900 lines without room would have waited.
    assert!(begin.elapsed() >= limit);
    assert!(begin.elapsed() < limit * 300, "{:?}", begin.elapsed());
    let lost = writer.stats().lost_lines();
    assert!(lost > 900, "{lost}");
    gate.let_through();
    writer.flush(PATIENCE).expect("the sink takes all lines");
    for _ in 0..1_000 {
        writeln!(writer.make_writer(), "{line}").expect("writing to the queue never fails");
    }
    assert_eq!(writer.stats().lost_lines(), lost, "callers wait again");
    drop(guard);
    assert_eq!(
        gate.text().lines().count() as u64,
        2_000 - lost + 1,
        "the last line is the report"
    );
}

#[test]
fn a_shutdown_releases_callers_that_wait() {
    let gate = Gate::default();
    let (writer, guard) = Background::new(gate.clone())
        .with_capacity_bytes(64 << 10)
        .with_overflow(Overflow::Block {
            limit: PATIENCE * 10,
        })
        .with_diagnostics(|_| ())
        .start()
        .expect("the thread starts");
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| {
            for _ in 0..100 {
                writeln!(writer.make_writer(), "{}", "x".repeat(1_000))
                    .expect("writing to the queue never fails");
            }
        });
        gate.wait_for_writer();
        assert!(guard.shutdown(Duration::from_millis(50)).is_err());
        waits.join().expect("no thread panics");
    });
    let stats = writer.stats();
    assert_eq!(stats.accepted_lines() + stats.lost_lines(), 100);
    gate.let_through();
}

#[test]
fn a_loss_is_reported_even_if_nothing_else_is_logged() {
    let gate = Gate::open();
    let (writer, _guard) = Background::new(gate.clone())
        .with_capacity_bytes(64 << 10)
        .start()
        .expect("the thread starts");
    // Long enough for the worker to go to sleep.
    std::thread::sleep(Duration::from_millis(1_500));
    writeln!(writer.make_writer(), "{}", "x".repeat(70_000))
        .expect("writing to the queue never fails");
    super::wait_until("the loss is reported", || {
        gate.text().contains("lines lost")
    });
}
