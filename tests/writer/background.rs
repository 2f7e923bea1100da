use super::{
    PATIENCE, logging,
    sinks::{Gate, With},
    support::{Line, Lines},
    told::Told,
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
        .expect("a thread");
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
        thread.join().expect("no panic");
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
    let (writer, _guard) = Background::new(gate.clone()).start().expect("a thread");
    for round in 0..200 {
        thread::scope(|scope| {
            for thread in 0..2 {
                let writer = &writer;
                scope.spawn(move || logging(writer, || info!(round, thread, "line")));
            }
        });
        writer.flush(PATIENCE).expect("the sink takes all");
        assert_eq!(gate.text().lines().count(), (round + 1) * 2);
    }
    assert!(writer.stats().last_flush().is_some());
}

#[test]
fn a_write_is_of_whole_lines() {
    let gate = Gate::open();
    let (writer, guard) = Background::new(gate.clone())
        .with_block_bytes(4096)
        .start()
        .expect("a thread");
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
fn pieces_are_one_line_also_where_its_end_is_missing() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone()).start().expect("a thread");
    let mut writers = [writer.make_writer(), writer.make_writer()];
    for (index, piece) in [
        (0, "{\"a\":"),
        (1, "{\"b\":"),
        (0, "1}\n"),
        (0, "{\"c\":3}"),
        (1, "2}\n"),
    ] {
        let writer = &mut writers[index];
        writer.write_all(piece.as_bytes()).expect("it never fails");
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
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(short))
        .start()
        .expect("a thread");
    logging(&writer, || {
        for number in 0..100 {
            info!(number, "line");
        }
    });
    guard.shutdown(PATIENCE).expect("the sink takes all");
    let numbers: Vec<_> = lines
        .all()
        .iter()
        .map(|line| line.get("number").as_u64())
        .collect();
    assert_eq!(numbers, (0..100).map(Some).collect::<Vec<_>>());
    assert!(told.all().is_empty(), "{:?}", told.all());
}

#[test]
fn a_failing_sink_is_told_once_and_again_when_it_recovers() {
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
    let told = Told::default();
    let (writer, _guard) = told
        .listen(Background::new(failing))
        .start()
        .expect("a thread");
    logging(&writer, || info!("one"));
    writer.flush(PATIENCE).expect("the sink works at last");
    assert_eq!(lines.all().len(), 1);
    assert_eq!(writer.stats().write_errors(), 5);
    super::wait_until("the end is told", || told.all().len() == 2);
    assert!(told.has("the disk is on fire"), "{:?}", told.all());
    assert!(told.has("written again"), "{:?}", told.all());
}

#[test]
fn a_sink_that_logs_does_not_wait_for_itself() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let writer: Arc<Mutex<Option<BackgroundWriter>>> = Arc::default();
    let of_sink = Arc::clone(&writer);
    let mut turn = 0;
    let logs = With(move |bytes: &[u8]| {
        turn += 1;
        if turn == 1 {
            let writer = of_sink.lock().expect("no panic").clone();
            let writer = writer.expect("it was set before");
            // More than there is room for: it would wait for its own thread.
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
        .expect("a thread");
    *writer.lock().expect("no panic") = Some(background.clone());
    writeln!(background.make_writer(), "first").expect("it never fails");
    background.flush(PATIENCE).expect("the sink takes all");
    guard.shutdown(PATIENCE).expect("nobody waits");
    assert_eq!(background.stats().lost(Level::ERROR), 1);
    let text = lines.text();
    let mut starts = text.lines().map(|line| &line[..5]);
    assert_eq!(starts.next(), Some("first"));
    assert_eq!(starts.next(), Some("xxxxx"));
    assert!(text.lines().last().expect("a line").contains("lines lost"));
}

/// W3: events after shutdown, in other crates without end.
#[test]
fn an_event_after_shutdown_is_counted_and_nothing_recurs() {
    let lines = Lines::default();
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(lines.clone()))
        .start()
        .expect("a thread");
    logging(&writer, || {
        info!("before");
        drop(guard);
        info!("after");
        tracing::error!("after");
    });
    assert_eq!(lines.all().len(), 1);
    let stats = writer.stats();
    assert_eq!((stats.lost(Level::INFO), stats.lost(Level::ERROR)), (1, 1));
    writer
        .flush(PATIENCE)
        .expect("what was accepted is written");
    assert!(told.all().is_empty(), "{:?}", told.all());
}

/// W6: a shutdown that waits for a task which only the waiting thread could run.
#[test]
fn a_current_thread_runtime_flushes_and_shuts_down() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone()).start().expect("a thread");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let task = tokio::spawn({
            let writer = writer.clone();
            async move { logging(&writer, || info!("in a task")) }
        });
        task.await.expect("no panic");
        writer.flush(PATIENCE).expect("the sink takes all");
        assert_eq!(lines.all().len(), 1);
        logging(&writer, || info!("at the end"));
        drop(guard);
    });
    assert_eq!(lines.all().len(), 2);
}

/// W6: a flush that runs beside lines that come.
#[test]
fn flushes_and_lines_from_many_threads_do_not_race() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone())
        .with_overflow(WAIT)
        .start()
        .expect("a thread");
    let begin = Arc::new(Barrier::new(4));
    thread::scope(|scope| {
        for thread in 0..4 {
            let (writer, begin, lines) = (&writer, &begin, &lines);
            scope.spawn(move || {
                begin.wait();
                for number in 0..100 {
                    let message = format!("{thread} {number}\n");
                    let mut line = writer.make_writer();
                    line.write_all(message.as_bytes()).expect("it never fails");
                    writer.flush(PATIENCE).expect("the sink takes all");
                    assert!(lines.text().contains(&message));
                }
            });
        }
    });
    drop(guard);
    assert_eq!(lines.text().lines().count(), 400);
}

#[test]
fn it_accepts_lines_while_a_thread_is_destroyed() {
    struct AtTheEnd(BackgroundWriter);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            writeln!(self.0.make_writer(), "at the end").expect("it never fails");
            self.0.flush(PATIENCE).expect("the sink takes all");
        }
    }
    thread_local! {
        static KEPT: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
    }
    let lines = Lines::default();
    let (writer, _guard) = Background::new(lines.clone()).start().expect("a thread");
    thread::spawn(move || KEPT.set(Some(AtTheEnd(writer))))
        .join()
        .expect("no panic");
    assert_eq!(lines.text(), "at the end\n");
}

#[test]
fn a_line_after_a_long_silence_is_written_too() {
    let gate = Gate::open();
    let (writer, _guard) = Background::new(gate.clone()).start().expect("a thread");
    for silence in [Duration::ZERO, Duration::from_millis(1_500)] {
        let before = gate.text().lines().count();
        // The worker sleeps by then.
        thread::sleep(silence);
        logging(&writer, || info!("hello"));
        super::wait_until("it is written without a flush", || {
            gate.text().lines().count() == before + 1
        });
    }
}

#[test]
fn a_fmt_layer_can_write_to_it() {
    let lines = Lines::default();
    let (writer, guard) = Background::new(lines.clone()).start().expect("a thread");
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
fn after_something_was_given_up_nothing_is_written_and_no_flush_says_otherwise() {
    let lines = Lines::default();
    let mut sink = lines.clone();
    let (failed, has_failed) = std::sync::mpsc::channel();
    let mut turn = 0;
    // Takes a part of the first line, then fails until all is given up, and works again.
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
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(failing))
        .start()
        .expect("a thread");
    writeln!(writer.make_writer(), "first").expect("it never fails");
    has_failed.recv().expect("the worker lives");
    writeln!(writer.make_writer(), "second").expect("it never fails");
    assert!(guard.shutdown(Duration::from_millis(20)).is_err());
    super::wait_until("both are given up", || {
        writer.stats().abandoned_lines() == 2
    });
    assert!(writer.flush(PATIENCE).is_err());
    assert_eq!(lines.text(), "firs");
    assert!(told.has("2 log lines were not written"), "{:?}", told.all());
}

#[test]
fn a_shutdown_takes_no_longer_than_it_is_given() {
    let gate = Gate::default();
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(gate.clone()).with_shutdown_timeout(PATIENCE * 10))
        .start()
        .expect("a thread");
    writeln!(writer.make_writer(), "line").expect("it never fails");
    gate.wait_for_writer();
    let begin = std::time::Instant::now();
    assert!(guard.shutdown(Duration::from_millis(20)).is_err());
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    // By the thread that shuts down: the worker's is blocked by its sink.
    assert!(told.has("1 log lines were not written"), "{:?}", told.all());
    gate.let_through();
}

#[test]
fn the_sink_is_gone_when_the_guard_is() {
    struct AtTheEnd(std::sync::mpsc::Sender<()>);
    impl io::Write for AtTheEnd {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(50));
            let _ = self.0.send(());
            panic!("also so");
        }
    }
    let (end, has_ended) = std::sync::mpsc::channel();
    let (_writer, guard) = Background::new(AtTheEnd(end)).start().expect("a thread");
    drop(guard);
    has_ended.try_recv().expect("it was dropped");
}

#[test]
fn who_is_told_and_panics_stops_nothing() {
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
        .with_diagnostics(|_| panic!("this too"))
        .start()
        .expect("a thread");
    writeln!(writer.make_writer(), "line").expect("it never fails");
    writer.flush(PATIENCE).expect("the sink works at last");
    guard.shutdown(PATIENCE).expect("all is written");
    assert_eq!(lines.text(), "line\n");
}

#[test]
fn a_buffer_that_is_too_large_is_an_error_with_what_to_do() {
    let background = Background::new(io::sink()).with_capacity_bytes(usize::MAX);
    let error = background.start().expect_err("there is no such memory");
    assert!(error.to_string().contains("with_capacity_bytes"), "{error}");
}
