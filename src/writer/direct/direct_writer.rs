use super::{Sink, State};
use crate::{
    stats::Diagnosis,
    writer::{
        Stats, line_buffer::AcceptLine, overflow::Overflow, reporter::Reporter, worker::catch_panic,
    },
};
use std::{
    fmt,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tracing_core::Level;

/// Maximum number of bytes that wait while the sink fails.
const CAPACITY: usize = 16 << 20;

/// Maximum time for which a thread waits for another thread's write. The other thread may wait for something that this one holds, such
/// as the lock of standard output.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The memory of a buffer beyond this size, in bytes, is freed once the buffer is written.
const KEPT_BYTES: usize = 64 * 1024;

/// Writer without its own thread: the threads that log write to the sink.
pub(crate) struct DirectWriter {
    state: Mutex<State>,
    progress: Condvar,
    reporter: Reporter,
    /// Whether lines are still written after the shutdown.
    outlives_guard: bool,
}

impl DirectWriter {
    pub(in crate::writer) fn new(sink: Sink, reporter: Reporter, outlives_guard: bool) -> Self {
        Self {
            state: Mutex::new(State::new(Box::new(sink))),
            progress: Condvar::new(),
            reporter,
            outlives_guard,
        }
    }

    /// Writes all waiting lines.
    ///
    /// # Errors
    ///
    /// If the timeout was too short, returns how many bytes are left.
    pub(in crate::writer) fn flush(&self, timeout: Duration) -> Result<(), usize> {
        let begin = Instant::now();
        let mut state = self.lock();
        let until = state.handed_over;
        loop {
            if state.done >= until {
                state.stats.last_flush = Some(begin.elapsed());
                return Ok(());
            }
            match state.sink.take() {
                Some(sink) => {
                    state = self.write_out(state, sink);
                    if state.done >= until {
                        continue;
                    }
                }
                None if state.is_closed || state.writing == Some(thread::current().id()) => {
                    return Err(state.waiting_bytes());
                }
                None => {}
            }
            let left = timeout.saturating_sub(begin.elapsed());
            if left.is_zero() {
                state.stats.last_flush = Some(begin.elapsed());
                return Err(state.waiting_bytes());
            }
            let pause = state.failing.map_or(left, |failing| failing.pause);
            state = self.wait(state, Some(pause.min(left)));
        }
    }

    /// Writes the waiting lines, and gives them up after the timeout. If the sink outlives the guard, later lines are written as before.
    /// Otherwise the sink is dropped.
    ///
    /// # Errors
    ///
    /// If the timeout was too short, returns how many bytes were given up.
    pub(in crate::writer) fn close(&self, timeout: Duration) -> Result<(), usize> {
        let flushed = self.flush(timeout);
        let mut state = self.lock();
        let mut sink = None;
        if !self.outlives_guard {
            state.is_closed = true;
            sink = state.sink.take();
        }
        let mut lines = 0;
        if flushed.is_err() {
            lines = state.unwritten_or_unreported();
            // A thread that is still writing the block counts its lines itself.
            let is_in_hand = sink.is_some() || state.sink.is_some();
            let in_block = if is_in_hand { state.block_lines } else { 0 };
            state.stats.abandoned += state.count + in_block;
        }
        drop(state);
        self.progress.notify_all();
        // Dropping the sink may run code that panics, such as writing the end of a compressed stream.
        let _ = catch_panic(|| {
            drop(sink);
            Ok(())
        });
        if lines > 0 {
            self.reporter.report(&Diagnosis::LinesAbandoned { lines });
        }
        flushed
    }

    pub(in crate::writer) fn stats(&self) -> Stats {
        let state = self.lock();
        Stats {
            waiting_bytes: state.waiting_bytes() as u64,
            ..state.stats
        }
    }

    /// Writes the waiting lines to the sink, without holding the lock. Continues with lines that other threads log meanwhile, since those
    /// threads may have stopped waiting. This ends because a thread that waits logs no further line.
    fn write_out<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        mut sink: Box<Sink>,
    ) -> MutexGuard<'a, State> {
        let mut diagnosis = None;
        state.writing = Some(thread::current().id());
        loop {
            state.fill(&mut sink);
            let is_patient = state.failing.is_none();
            drop(state);
            let before = sink.written;
            let result = sink.write_out(is_patient);
            state = self.lock();
            state.block_bytes = sink.block.len() - sink.written;
            state.stats.written_bytes += (sink.written - before) as u64;
            diagnosis = state.record_result(&mut sink, result).or(diagnosis);
            // Lines that the sink's own code has logged wait for the next line of other code. Otherwise this may never end, since each
            // write may log again.
            let lines_of_others = state.count - state.lines_of_sink;
            if lines_of_others == 0 || state.failing.is_some() || state.is_closed {
                break;
            }
            self.progress.notify_all();
        }
        state.writing = None;
        state.is_stuck = false;
        if sink.is_written() {
            sink.block.shrink_to(KEPT_BYTES);
        }
        let is_awaited = state.waiting > 0;
        if state.is_closed {
            drop(state);
            // The shutdown did not wait for this thread, so the sink is dropped here. Its code may panic.
            let _ = catch_panic(|| {
                drop(sink);
                Ok(())
            });
        } else {
            state.sink = Some(sink);
            drop(state);
        }
        if is_awaited {
            self.progress.notify_all();
        }
        if let Some(diagnosis) = diagnosis {
            self.reporter.report(&diagnosis);
        }
        self.lock()
    }

    fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        timeout: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        state.waiting += 1;
        let mut state = match timeout {
            Some(timeout) => {
                let waited = self.progress.wait_timeout(state, timeout);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.progress.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.waiting -= 1;
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AcceptLine for DirectWriter {
    /// Writes a line before it returns. If the sink fails, or another thread's write takes longer than a second, the line waits in the
    /// buffer, or is lost if the buffer is full.
    fn accept(&self, level: Level, line: &[u8]) {
        let mut state = self.lock();
        let room = Overflow::Drop.share(level, CAPACITY);
        if state.is_closed || state.waiting_bytes() + line.len() > room {
            state.lose(level);
            return;
        }
        let number = state.push(line);
        while state.done < number && !state.is_closed {
            let is_due = state
                .failing
                .is_none_or(|failing| failing.retry_at <= Instant::now());
            if !is_due {
                return;
            }
            match state.sink.take() {
                Some(sink) => state = self.write_out(state, sink),
                // The sink's own code logs. Its line is written after this block.
                None if state.writing == Some(thread::current().id()) => {
                    state.lines_of_sink += 1;
                    return;
                }
                // The thread that writes will find the line in the buffer.
                None if state.is_stuck => return,
                None => {
                    let begin = Instant::now();
                    let done = state.done;
                    state = self.wait(state, Some(LONGEST_WAIT));
                    state.is_stuck |= state.sink.is_none()
                        && state.done == done
                        && begin.elapsed() >= LONGEST_WAIT;
                }
            }
        }
    }
}

impl fmt::Debug for DirectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirectWriter").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{layer::OwnLines, schema::Schema, stats::Diagnostics};
    use std::{
        io::{self, Write},
        sync::{Arc, mpsc},
    };

    /// Returns a writer to a sink, and the numbers of lines that it reports as abandoned.
    fn writer(sink: impl Write + Send + 'static) -> (DirectWriter, mpsc::Receiver<u64>) {
        let (sender, abandoned) = mpsc::channel();
        let diagnostics = Diagnostics::Callback(Arc::new(move |diagnosis| {
            if let Diagnosis::LinesAbandoned { lines } = diagnosis {
                let _ = sender.send(*lines);
            }
        }));
        let own = OwnLines::new(Schema::default(), Vec::new(), false);
        let sink = Sink::new(Box::new(sink), own);
        let writer = DirectWriter::new(sink, Reporter(diagnostics), false);
        (writer, abandoned)
    }

    struct Failing;

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_found_no_room_are_reported_as_abandoned_too() {
        let (writer, abandoned) = writer(Failing);
        let mut line = vec![b'x'; 1 << 20];
        line.push(b'\n');
        for _ in 0..20 {
            writer.accept(Level::INFO, &line);
        }
        assert!(writer.stats().lost(Level::INFO) > 0);
        assert!(writer.close(Duration::ZERO).is_err());
        assert_eq!(abandoned.try_recv(), Ok(20));
    }

    /// A sink that waits in its first write until the channel is closed.
    struct Stuck(mpsc::Sender<()>, mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(());
            let _ = self.1.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_is_being_written_is_reported_as_abandoned_too() {
        let ((begun, has_begun), (end, ends)) = (mpsc::channel(), mpsc::channel());
        let (writer, abandoned) = writer(Stuck(begun, ends));
        thread::scope(|scope| {
            scope.spawn(|| writer.accept(Level::INFO, b"a line\n"));
            has_begun.recv().expect("the line is being written");
            assert!(writer.close(Duration::ZERO).is_err());
            drop(end);
        });
        assert_eq!(abandoned.try_recv(), Ok(1));
        let stats = writer.stats();
        assert_eq!((stats.written_lines(), stats.abandoned_lines()), (1, 0));
    }
}
