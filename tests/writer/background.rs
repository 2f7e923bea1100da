use super::{
    PATIENCE,
    diagnoses::Diagnoses,
    logging,
    sinks::{Gate, With},
    support::{Line, Lines},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, Write as _},
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Duration,
};
use tracing::{Level, info};
use tracing_stamp::writer::{Background, BackgroundWriter, Overflow};
use tracing_subscriber::{fmt::MakeWriter as _, prelude::*};

const WAIT: Overflow = Overflow::Block { limit: PATIENCE };

fn parse(text: &str) -> Vec<Line> {
    text.lines().map(Line::parse).collect()
}

#[test]
fn lines_of_one_thread_are_never_reordered_and_none_is_lost_by_callers_that_wait() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .with_capacity_bytes(64 << 10)
        .with_overflow(WAIT)
        .start()
        .expect("the thread starts");
    let threads: Vec<_> = (0..4_u64)
        .map(|thread| {
            let writer = writer.clone();
            thread::spawn(move || {
                logging(&writer, || {
                    for number in 0..5_000_u64 {
                        info!(thread, number, "line");
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panics");
    }
    drop(guard);
    let mut next = HashMap::new();
    for line in lines.all() {
        let next = next.entry(line.get("thread").as_u64()).or_insert(0_u64);
        assert_eq!(line.get("number"), *next);
        *next += 1;
    }
    assert_eq!(next.values().sum::<u64>(), 20_000);
    let stats = writer.stats();
    assert_eq!(stats.accepted_lines(), 20_000);
    assert_eq!(stats.written_lines(), 20_000);
    assert_eq!(stats.accepted_bytes(), lines.text().len() as u64);
    assert_eq!(stats.written_bytes(), stats.accepted_bytes());
    assert_eq!(stats.lost_lines() + stats.abandoned_lines(), 0);
    assert_eq!(stats.waiting_bytes(), 0);
}

#[test]
fn a_flush_covers_every_line_accepted_before_it_on_any_thread() {
    let gate = Gate::open();
    let (writer, _guard) = Background::new(gate.clone())
        .start()
        .expect("the thread starts");
    for round in 0..200 {
        thread::scope(|scope| {
            for thread in 0..2 {
                let writer = &writer;
                scope.spawn(move || logging(writer, || info!(round, thread, "line")));
            }
        });
        writer.flush(PATIENCE).expect("the sink takes all lines");
        assert_eq!(gate.text().lines().count(), (round + 1) * 2);
    }
    assert!(writer.stats().last_flush().is_some());
}

#[test]
fn each_write_has_whole_lines() {
    let gate = Gate::open();
    let (writer, guard) = Background::new(gate.clone())
        .with_block_bytes(4096)
        .start()
        .expect("the thread starts");
    logging(&writer, || {
        for number in 0..500 {
            info!(number, "line");
        }
        info!(long = "x".repeat(5_000), "line");
    });
    drop(guard);
    for write in gate.writes() {
        assert!(write.ends_with('\n'));
        assert!(write.len() <= 4096 || write.lines().count() == 1);
    }
    assert!(gate.writes().len() > 10);
    assert_eq!(parse(&gate.text()).len(), 501);
}

#[test]
fn pieces_form_one_line_even_if_its_newline_is_missing() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .start()
        .expect("the thread starts");
    let mut writers = [writer.make_writer(), writer.make_writer()];
    for (index, piece) in [
        (0, "{\"a\":"),
        (1, "{\"b\":"),
        (0, "1}\n"),
        (0, "{\"c\":3}"),
        (1, "2}\n"),
    ] {
        let writer = &mut writers[index];
        writer
            .write_all(piece.as_bytes())
            .expect("writing to the queue never fails");
    }
    drop(writers);
    drop(guard);
    assert_eq!(lines.text(), "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
    assert_eq!(writer.stats().written_lines(), 3);
}

#[test]
fn short_writes_and_interruptions_are_resumed_at_the_byte() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let mut turn = 0;
    let short = With(move |bytes: &[u8]| {
        turn += 1;
        match turn % 4 {
            0 => Err(io::ErrorKind::Interrupted.into()),
            1 => Err(io::ErrorKind::WouldBlock.into()),
            2 => sink.write(&bytes[..bytes.len().min(7)]),
            _ => sink.write(&bytes[..bytes.len().min(1_001)]),
        }
    });
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(short))
        .start()
        .expect("the thread starts");
    logging(&writer, || {
        for number in 0..100 {
            info!(number, "line");
        }
    });
    guard.shutdown(PATIENCE).expect("the sink takes all lines");
    let numbers: Vec<_> = lines
        .all()
        .iter()
        .map(|line| line.get("number").as_u64())
        .collect();
    assert_eq!(numbers, (0..100).map(Some).collect::<Vec<_>>());
    assert!(diagnoses.all().is_empty(), "{:?}", diagnoses.all());
}

#[test]
fn a_failing_sink_is_reported_once_and_so_is_its_recovery() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let mut turn = 0;
    let failing = With(move |bytes: &[u8]| {
        turn += 1;
        match turn {
            1..=3 => Err(io::Error::other("the disk is on fire")),
            4 => Ok(0),
            5 => panic!("a sink that panics"),
            _ => sink.write(bytes),
        }
    });
    let diagnoses = Diagnoses::default();
    let (writer, _guard) = diagnoses
        .collect_from(Background::new(failing))
        .start()
        .expect("the thread starts");
    logging(&writer, || info!("one"));
    writer.flush(PATIENCE).expect("the sink recovers");
    assert_eq!(lines.all().len(), 1);
    assert_eq!(writer.stats().write_errors(), 5);
    super::wait_until("the recovery is reported", || diagnoses.all().len() == 2);
    assert!(
        diagnoses.has("the disk is on fire"),
        "{:?}",
        diagnoses.all()
    );
    assert!(diagnoses.has("written again"), "{:?}", diagnoses.all());
}

#[test]
fn a_sink_that_logs_does_not_wait_for_itself() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let writer: Arc<Mutex<Option<BackgroundWriter>>> = Arc::default();
    let sink_writer = Arc::clone(&writer);
    let mut turn = 0;
    let logs = With(move |bytes: &[u8]| {
        turn += 1;
        if turn == 1 {
            let writer = sink_writer.lock().expect("no thread panics").clone();
            let writer = writer.expect("the writer was set before");
            // The second line does not fit. Waiting for room would be waiting for this very thread.
            for _ in 0..2 {
                writeln!(writer.make_writer(), "{}", "x".repeat(40 << 10))?;
            }
            assert!(writer.flush(PATIENCE).is_err());
        }
        sink.write(bytes)
    });
    let (background, guard) = Background::new(logs)
        .with_capacity_bytes(64 << 10)
        .with_overflow(WAIT)
        .start()
        .expect("the thread starts");
    *writer.lock().expect("no thread panics") = Some(background.clone());
    writeln!(background.make_writer(), "first").expect("writing to the queue never fails");
    background
        .flush(PATIENCE)
        .expect("the sink takes all lines");
    guard.shutdown(PATIENCE).expect("no thread waits");
    assert_eq!(background.stats().lost(Level::ERROR), 1);
    let text = lines.text();
    let mut starts = text.lines().map(|line| &line[..5]);
    assert_eq!(starts.next(), Some("first"));
    assert_eq!(starts.next(), Some("xxxxx"));
    assert!(
        text.lines()
            .last()
            .expect("there is a line")
            .contains("lines lost")
    );
}

/// In some crates an event after the shutdown causes events without end.
#[test]
fn an_event_after_shutdown_is_counted_as_lost_and_causes_no_further_event() {
    let lines = Lines::default();
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(lines.clone()))
        .start()
        .expect("the thread starts");
    logging(&writer, || {
        info!("before");
        drop(guard);
        info!("after");
        tracing::error!("after");
    });
    assert_eq!(lines.all().len(), 1);
    let stats = writer.stats();
    assert_eq!((stats.lost(Level::INFO), stats.lost(Level::ERROR)), (1, 1));
    writer.flush(PATIENCE).expect("accepted lines are written");
    assert!(diagnoses.all().is_empty(), "{:?}", diagnoses.all());
}

/// A shutdown must not wait for a task that only the waiting thread could run.
#[test]
fn a_current_thread_runtime_flushes_and_shuts_down() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .start()
        .expect("the thread starts");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("the runtime starts");
    runtime.block_on(async {
        let task = tokio::spawn({
            let writer = writer.clone();
            async move { logging(&writer, || info!("in a task")) }
        });
        task.await.expect("no thread panics");
        writer.flush(PATIENCE).expect("the sink takes all lines");
        assert_eq!(lines.all().len(), 1);
        logging(&writer, || info!("at the end"));
        drop(guard);
    });
    assert_eq!(lines.all().len(), 2);
}

/// Flushes run while other threads log.
#[test]
fn flushes_and_lines_from_many_threads_do_not_race() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .with_overflow(WAIT)
        .start()
        .expect("the thread starts");
    let begin = Arc::new(Barrier::new(4));
    thread::scope(|scope| {
        for thread in 0..4 {
            let (writer, begin, lines) = (&writer, &begin, &lines);
            scope.spawn(move || {
                begin.wait();
                for number in 0..100 {
                    let message = format!("{thread} {number}\n");
                    let mut line = writer.make_writer();
                    line.write_all(message.as_bytes())
                        .expect("writing to the queue never fails");
                    writer.flush(PATIENCE).expect("the sink takes all lines");
                    assert!(lines.text().contains(&message));
                }
            });
        }
    });
    drop(guard);
    assert_eq!(lines.text().lines().count(), 400);
}

#[test]
fn a_writer_accepts_lines_while_thread_locals_are_destroyed() {
    struct OnDrop(BackgroundWriter);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            writeln!(self.0.make_writer(), "at the end").expect("writing to the queue never fails");
            self.0.flush(PATIENCE).expect("the sink takes all lines");
        }
    }
    thread_local! {
        static ON_DROP: RefCell<Option<OnDrop>> = const { RefCell::new(None) };
    }
    let lines = Lines::default();
    let (writer, _guard) = Background::new(lines.clone())
        .start()
        .expect("the thread starts");
    thread::spawn(move || ON_DROP.set(Some(OnDrop(writer))))
        .join()
        .expect("no thread panics");
    assert_eq!(lines.text(), "at the end\n");
}

#[test]
fn a_line_after_a_long_silence_is_written_too() {
    let gate = Gate::open();
    let (writer, _guard) = Background::new(gate.clone())
        .start()
        .expect("the thread starts");
    for silence in [Duration::ZERO, Duration::from_millis(1_500)] {
        let before = gate.text().lines().count();
        // Long enough for the worker to go to sleep.
        thread::sleep(silence);
        logging(&writer, || info!("hello"));
        super::wait_until("the line is written without a flush", || {
            gate.text().lines().count() == before + 1
        });
    }
}

#[test]
fn a_fmt_layer_can_write_to_a_background_writer() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .start()
        .expect("the thread starts");
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(writer.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info!(answer = 42, "hello");
    });
    drop(guard);
    assert_eq!(lines.all().len(), 1);
}

#[test]
fn after_lines_were_given_up_nothing_is_written_and_a_flush_fails() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let (failed, has_failed) = std::sync::mpsc::channel();
    let mut turn = 0;
    // Takes a part of the first line, then fails until the lines are given up, and then works again.
    let failing = With(move |bytes: &[u8]| {
        turn += 1;
        if turn == 1 {
            return sink.write(&bytes[..4]);
        }
        let _ = failed.send(());
        if bytes.starts_with(b"second") {
            return sink.write(bytes);
        }
        Err(io::Error::other("the disk is on fire"))
    });
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(failing))
        .start()
        .expect("the thread starts");
    writeln!(writer.make_writer(), "first").expect("writing to the queue never fails");
    has_failed.recv().expect("the worker is running");
    writeln!(writer.make_writer(), "second").expect("writing to the queue never fails");
    assert!(guard.shutdown(Duration::from_millis(20)).is_err());
    super::wait_until("both lines are given up", || {
        writer.stats().abandoned_lines() == 2
    });
    assert!(writer.flush(PATIENCE).is_err());
    assert_eq!(lines.text(), "firs");
    assert!(
        diagnoses.has("2 log lines were not written"),
        "{:?}",
        diagnoses.all()
    );
}

/// Logs more lines than the queue has room for, and checks that all of them are reported as lost at the shutdown.
fn assert_all_lines_are_reported_as_lost(sink: impl io::Write + Send + 'static) {
    let diagnoses = Diagnoses::default();
    let background = Background::new(sink).with_capacity_bytes(64 << 10);
    let (writer, guard) = diagnoses
        .collect_from(background)
        .start()
        .expect("the thread starts");
    let line = "x".repeat(1_000);
    for _ in 0..200 {
        writeln!(writer.make_writer(), "{line}").expect("writing to the queue never fails");
    }
    assert!(writer.stats().lost_lines() > 0);
    assert!(guard.shutdown(Duration::from_millis(20)).is_err());
    super::wait_until("the lost lines are reported", || {
        diagnoses.has("200 log lines were not written")
    });
}

#[test]
fn lines_that_found_no_room_are_reported_at_the_shutdown_too() {
    assert_all_lines_are_reported_as_lost(With(|_: &[u8]| {
        Err(io::Error::other("the disk is on fire"))
    }));
    let gate = Gate::default();
    assert_all_lines_are_reported_as_lost(gate.clone());
    gate.let_through();
}

#[test]
fn a_shutdown_takes_no_longer_than_its_timeout() {
    let gate = Gate::default();
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(gate.clone()).with_shutdown_timeout(PATIENCE * 10))
        .start()
        .expect("the thread starts");
    writeln!(writer.make_writer(), "line").expect("writing to the queue never fails");
    gate.wait_for_writer();
    let begin = std::time::Instant::now();
    assert!(guard.shutdown(Duration::from_millis(20)).is_err());
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    // The thread that shuts down reports this, because the sink blocks the worker.
    assert!(
        diagnoses.has("1 log line was not written"),
        "{:?}",
        diagnoses.all()
    );
    gate.let_through();
}

#[test]
fn the_sink_is_dropped_before_the_drop_of_the_guard_returns() {
    struct OnDrop(std::sync::mpsc::Sender<()>);
    impl io::Write for OnDrop {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Drop for OnDrop {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(50));
            let _ = self.0.send(());
            panic!("a sink that panics on drop");
        }
    }
    let (end, has_ended) = std::sync::mpsc::channel();
    let (_writer, guard) = Background::new(OnDrop(end))
        .start()
        .expect("the thread starts");
    drop(guard);
    has_ended.try_recv().expect("the sink was dropped");
}

#[test]
fn a_panic_of_the_diagnostics_callback_stops_nothing() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let mut turn = 0;
    let failing = With(move |bytes: &[u8]| {
        turn += 1;
        if turn == 1 {
            Err(io::Error::other("the disk is on fire"))
        } else {
            sink.write(bytes)
        }
    });
    let (writer, guard) = Background::new(failing)
        .with_diagnostics(|_| panic!("a callback that panics"))
        .start()
        .expect("the thread starts");
    writeln!(writer.make_writer(), "line").expect("writing to the queue never fails");
    writer.flush(PATIENCE).expect("the sink recovers");
    guard.shutdown(PATIENCE).expect("all lines are written");
    assert_eq!(lines.text(), "line\n");
}

#[test]
fn a_buffer_that_cannot_be_allocated_is_an_error_that_names_the_setting() {
    let background = Background::new(io::sink()).with_capacity_bytes(usize::MAX);
    let error = background
        .start()
        .expect_err("the memory cannot be allocated");
    assert!(error.to_string().contains("with_capacity_bytes"), "{error}");
}
