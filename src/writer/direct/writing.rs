use super::{Sink, State, state::Failing};
use crate::{
    stats::Diagnosis,
    writer::{
        Stats,
        overflow::Overflow,
        pieces::Accept,
        worker::{Told, attempt},
    },
};
use std::{
    fmt, io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tracing_core::Level;

/// How many bytes of lines wait at most while the sink fails.
const CAPACITY: usize = 16 << 20;

/// A thread waits this long at most for another thread's write. That one may wait for something that this one holds, such as
/// the lock of standard output.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Errors that come and go are reported no more often than this.
const REPORTED_EVERY: Duration = Duration::from_secs(60);

/// The pause after a first error; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A buffer that has grown beyond this, in bytes, is given back once it is written.
const KEPT_BYTES: usize = 64 * 1024;

/// A sink that the threads that log write to.
pub(crate) struct Direct {
    state: Mutex<State>,
    progress: Condvar,
    told: Told,
    /// Whether lines are written also after the shutdown.
    outlives_guard: bool,
}

impl Direct {
    pub(in crate::writer) fn new(sink: Sink, told: Told, outlives_guard: bool) -> Self {
        Self {
            state: Mutex::new(State::new(Box::new(sink))),
            progress: Condvar::new(),
            told,
            outlives_guard,
        }
    }

    /// Writes all lines that wait.
    ///
    /// # Errors
    ///
    /// How many bytes are left after `timeout`.
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

    /// Writes the lines that wait, and gives them up after `timeout`. Where the sink outlives the guard, later lines are written
    /// as before; elsewhere the sink is dropped.
    ///
    /// # Errors
    ///
    /// How many bytes were given up.
    pub(in crate::writer) fn close(&self, timeout: Duration) -> Result<(), usize> {
        let flushed = self.flush(timeout);
        let mut state = self.lock();
        let mut sink = None;
        if !self.outlives_guard {
            state.is_closed = true;
            sink = state.sink.take();
        }
        let lines = if flushed.is_err() {
            let in_block = sink
                .as_ref()
                .or(state.sink.as_ref())
                .map_or(0, |sink| sink.lines);
            state.count + in_block
        } else {
            0
        };
        state.stats.abandoned += lines;
        drop(state);
        self.progress.notify_all();
        // Its code may have something to do at its end, such as the end of a compressed stream; and it may panic.
        let _ = attempt(|| {
            drop(sink);
            Ok(())
        });
        if lines > 0 {
            self.told.tell(&Diagnosis::LinesAbandoned { lines });
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

    /// Has the sink write what waits, without the lock; also what comes meanwhile, since its threads may have stopped waiting.
    /// A thread that waits logs no further line, so this ends.
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
            let before = sink.at;
            let result = sink.write_out(is_patient);
            state = self.lock();
            state.block_bytes = sink.block.len() - sink.at;
            state.stats.written_bytes += (sink.at - before) as u64;
            diagnosis = state.note(&mut sink, result).or(diagnosis);
            // Lines of the sink's own code wait for the next line: each write may log another.
            let others = state.count - state.of_sink;
            if others == 0 || state.failing.is_some() || state.is_closed {
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
            // The shutdown did not wait for this thread. The sink's code may panic.
            let _ = attempt(|| {
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
            self.told.tell(&diagnosis);
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
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accept for Direct {
    /// Writes a line before it returns. Where the sink fails, or another thread's write takes longer than a second, the line
    /// waits or is lost.
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
                // The sink logs itself: its line is written behind this block.
                None if state.writing == Some(thread::current().id()) => {
                    state.of_sink += 1;
                    return;
                }
                // The thread that writes finds the line there.
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

impl State {
    /// Notes what became of a block; the diagnosis, where one is due.
    fn note(&mut self, sink: &mut Sink, result: io::Result<()>) -> Option<Diagnosis> {
        let error = match result {
            Err(error) if !sink.is_written() || error.kind() == io::ErrorKind::BrokenPipe => {
                return self.failed(sink, error);
            }
            result => result.err(),
        };
        self.done = sink.until;
        self.stats.written_lines += sink.lines;
        sink.lines = 0;
        sink.block.clear();
        sink.at = 0;
        let has_recovered = self
            .failing
            .take()
            .is_some_and(|failing| failing.is_reported);
        let Some(error) = error else {
            let is_over = std::mem::take(&mut self.is_flush_failing);
            return (has_recovered || is_over).then_some(Diagnosis::WritesResumed);
        };
        self.stats.errors += 1;
        let is_first = !std::mem::replace(&mut self.is_flush_failing, true);
        is_first.then_some(Diagnosis::WritesFailing { error })
    }

    /// Notes an error that stops lines; the diagnosis, where it is the first for a while.
    fn failed(&mut self, sink: &mut Sink, error: io::Error) -> Option<Diagnosis> {
        self.stats.errors += 1;
        let is_first = self.failing.is_none();
        let is_due = is_first
            && self
                .reported
                .is_none_or(|reported| reported.elapsed() > REPORTED_EVERY);
        if is_due {
            self.reported = Some(Instant::now());
        }
        let pause = self
            .failing
            .map_or(FIRST_PAUSE, |failing| failing.pause * 2);
        let pause = pause.min(LONGEST_PAUSE);
        self.failing = Some(Failing {
            pause,
            retry_at: Instant::now() + pause,
            is_reported: is_due || self.failing.is_some_and(|failing| failing.is_reported),
        });
        if error.kind() != io::ErrorKind::BrokenPipe {
            return is_due.then_some(Diagnosis::WritesFailing { error });
        }
        // The reader has gone, as in `app | head -1`: nobody will ever read these lines.
        let rest = &sink.block[sink.at..];
        let lines = rest.iter().filter(|byte| **byte == b'\n').count() as u64;
        let lines = lines.min(sink.lines);
        self.stats.written_lines += sink.lines - lines;
        self.stats.abandoned += lines + self.count;
        self.done = self.handed_over;
        self.lines.clear();
        self.count = 0;
        self.of_sink = 0;
        self.lost = None;
        self.block_bytes = 0;
        sink.lines = 0;
        sink.block.clear();
        sink.at = 0;
        is_first.then_some(Diagnosis::OutputClosed { error })
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Direct").field(&self.stats()).finish()
    }
}
