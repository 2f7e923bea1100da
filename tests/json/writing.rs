//! How lines are passed to the writer.

use super::support::Line;
use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing_stamp::{Diagnosis, Stats};
use tracing_subscriber::{fmt::MakeWriter, prelude::*};

/// The result of one `write` to the sink.
#[derive(Clone, Copy)]
enum WriteResult {
    /// Accepts at most this many bytes.
    Takes(usize),
    Fails(ErrorKind),
}

#[derive(Default)]
struct State {
    /// The results of the next writes. Afterwards, everything is accepted.
    results: VecDeque<WriteResult>,
    writes: Vec<Vec<u8>>,
    taken: Vec<u8>,
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<State>>);

impl Sink {
    fn with_results(results: impl IntoIterator<Item = WriteResult>) -> Self {
        let sink = Self::default();
        sink.state().results.extend(results);
        sink
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        String::from_utf8(self.state().taken.clone()).expect("text")
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        state.writes.push(bytes.to_vec());
        let taken = match state.results.pop_front() {
            Some(WriteResult::Fails(kind)) => return Err(kind.into()),
            Some(WriteResult::Takes(most)) => bytes.len().min(most),
            None => bytes.len(),
        };
        state.taken.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Logs through a layer that writes to the sink. Returns its counters and the errors that it reported.
fn log(sink: &Sink, run: impl FnOnce()) -> (Stats, Vec<String>) {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let layer = tracing_stamp::layer()
        .with_writer(sink.clone())
        .with_diagnostics({
            let reported = Arc::clone(&reported);
            move |diagnosis| {
                if let Diagnosis::WriteFailed { error, .. } = diagnosis {
                    assert!(diagnosis.to_string().contains(&error.to_string()));
                    reported
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(error.to_string());
                }
            }
        });
    let stats = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    let reported = reported
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    (stats, reported)
}

#[test]
fn a_line_is_one_write_if_the_sink_accepts_it_whole() {
    let sink = Sink::default();
    log(&sink, || {
        tracing::info_span!("span", a = 1).in_scope(|| tracing::info!(b = 2, "first"));
        tracing::info!(long = "x".repeat(100_000), "second");
    });
    let writes = &sink.state().writes;
    assert_eq!(writes.len(), 2);
    for write in writes {
        let text = str::from_utf8(write).expect("text");
        Line::parse(
            text.strip_suffix('\n')
                .expect("the newline is in the same write"),
        );
    }
}

#[test]
fn a_short_write_is_continued() {
    let sink = Sink::with_results([1, 1, 10, 3].map(WriteResult::Takes));
    let (stats, reported) = log(&sink, || tracing::info!("hello"));
    assert_eq!(sink.state().writes.len(), 5);
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "hello");
    assert_eq!((stats.lost(), stats.unstamped(), reported.len()), (0, 1, 0));
}

#[test]
fn an_interrupted_write_is_retried() {
    let interrupted = WriteResult::Fails(ErrorKind::Interrupted);
    let sink = Sink::with_results([interrupted, interrupted, WriteResult::Takes(7), interrupted]);
    let (stats, reported) = log(&sink, || tracing::info!("hello"));
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "hello");
    assert_eq!((stats.lost(), reported.len()), (0, 0));
}

#[test]
fn any_other_error_loses_only_that_line_and_is_counted_and_reported_once() {
    for kind in [
        ErrorKind::BrokenPipe,
        ErrorKind::StorageFull,
        ErrorKind::WouldBlock,
    ] {
        let sink = Sink::with_results([
            WriteResult::Takes(usize::MAX),
            WriteResult::Fails(kind),
            WriteResult::Fails(kind),
            WriteResult::Takes(usize::MAX),
        ]);
        let (stats, reported) = log(&sink, || {
            for message in ["first", "second", "third", "fourth"] {
                tracing::info!("{message}");
            }
        });
        let text = sink.text();
        let messages: Vec<_> = text
            .lines()
            .map(|line| Line::parse(line).get("message").clone())
            .collect();
        assert_eq!(messages, ["first", "fourth"]);
        assert_eq!((stats.lost(), stats.unstamped()), (2, 4));
        assert_eq!(reported, [io::Error::from(kind).to_string()]);
    }
}

#[test]
fn a_sink_that_accepts_nothing_loses_the_line_without_a_hang() {
    let sink = Sink::with_results([WriteResult::Takes(0)]);
    let (stats, reported) = log(&sink, || {
        tracing::info!("lost");
        tracing::info!("kept");
    });
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "kept");
    assert_eq!((stats.lost(), reported.len()), (1, 1));
}

#[test]
fn the_writer_is_created_with_the_metadata_of_the_line() {
    #[derive(Clone, Default)]
    struct ByLevel(Arc<Mutex<Vec<tracing::Level>>>);
    impl<'a> MakeWriter<'a> for ByLevel {
        type Writer = io::Sink;
        fn make_writer(&'a self) -> io::Sink {
            io::sink()
        }
        fn make_writer_for(&'a self, metadata: &tracing::Metadata<'_>) -> io::Sink {
            let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            levels.push(*metadata.level());
            io::sink()
        }
    }
    let writer = ByLevel::default();
    let layer = tracing_stamp::layer().with_writer(writer.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::warn!("hello");
        tracing::trace!("hello");
    });
    let levels = writer.0.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*levels, [tracing::Level::WARN, tracing::Level::TRACE]);
}
