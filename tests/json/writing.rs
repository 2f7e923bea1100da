//! How a line goes to the writer.

use super::support::Line;
use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing_stamp::{Diagnosis, Stats};
use tracing_subscriber::{fmt::MakeWriter, prelude::*};

/// What the sink answers to a `write`.
#[derive(Clone, Copy)]
enum Answer {
    /// At most so many bytes are taken.
    Takes(usize),
    Fails(ErrorKind),
}

#[derive(Default)]
struct State {
    /// Answers to come; afterwards all is taken.
    answers: VecDeque<Answer>,
    writes: Vec<Vec<u8>>,
    taken: Vec<u8>,
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<State>>);

impl Sink {
    fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let sink = Self::default();
        sink.state().answers.extend(answers);
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
        let taken = match state.answers.pop_front() {
            Some(Answer::Fails(kind)) => return Err(kind.into()),
            Some(Answer::Takes(most)) => bytes.len().min(most),
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

/// Logs through a layer that writes to the sink; its counters, and what it told.
fn log(sink: &Sink, run: impl FnOnce()) -> (Stats, Vec<String>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let layer = tracing_stamp::layer()
        .with_writer(sink.clone())
        .with_diagnostics({
            let told = Arc::clone(&told);
            move |diagnosis| {
                if let Diagnosis::WriteFailed { error, .. } = diagnosis {
                    assert!(diagnosis.to_string().contains(&error.to_string()));
                    told.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(error.to_string());
                }
            }
        });
    let stats = layer.stats();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    let told = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (stats, told)
}

#[test]
fn a_line_is_one_write_where_the_sink_takes_it_whole() {
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
fn a_short_write_is_gone_on_with() {
    let sink = Sink::answering([1, 1, 10, 3].map(Answer::Takes));
    let (stats, told) = log(&sink, || tracing::info!("hello"));
    assert_eq!(sink.state().writes.len(), 5);
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "hello");
    assert_eq!((stats.lost(), stats.unstamped(), told.len()), (0, 1, 0));
}

#[test]
fn an_interrupted_write_is_tried_again() {
    let interrupted = Answer::Fails(ErrorKind::Interrupted);
    let sink = Sink::answering([interrupted, interrupted, Answer::Takes(7), interrupted]);
    let (stats, told) = log(&sink, || tracing::info!("hello"));
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "hello");
    assert_eq!((stats.lost(), told.len()), (0, 0));
}

#[test]
fn any_other_error_loses_that_line_alone_is_counted_and_told_once() {
    for kind in [
        ErrorKind::BrokenPipe,
        ErrorKind::StorageFull,
        ErrorKind::WouldBlock,
    ] {
        let sink = Sink::answering([
            Answer::Takes(usize::MAX),
            Answer::Fails(kind),
            Answer::Fails(kind),
            Answer::Takes(usize::MAX),
        ]);
        let (stats, told) = log(&sink, || {
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
        assert_eq!(told, [io::Error::from(kind).to_string()]);
    }
}

#[test]
fn a_sink_that_takes_nothing_loses_the_line_and_does_not_hang() {
    let sink = Sink::answering([Answer::Takes(0)]);
    let (stats, told) = log(&sink, || {
        tracing::info!("lost");
        tracing::info!("kept");
    });
    assert_eq!(Line::parse(sink.text().trim_end()).get("message"), "kept");
    assert_eq!((stats.lost(), told.len()), (1, 1));
}

#[test]
fn the_writer_is_made_for_the_lines_metadata() {
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
