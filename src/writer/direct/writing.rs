use super::{Sink, State, state::Failing};
use crate::{
    stats::Diagnosis,
    writer::{
        WriterStats,
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

    pub(in crate::writer) fn stats(&self) -> WriterStats {
        let state = self.lock();
        WriterStats {
            waiting_bytes: state.waiting_bytes() as u64,
            ..state.stats
        }
    }

    /// Has the sink write what waits, without the lock.
    fn write_out<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        mut sink: Box<Sink>,
    ) -> MutexGuard<'a, State> {
        state.fill(&mut sink);
        state.writing = Some(thread::current().id());
        drop(state);
        let before = sink.at;
        let result = sink.write_out();
        let mut state = self.lock();
        state.writing = None;
        state.block_bytes = sink.block.len() - sink.at;
        state.stats.written_bytes += (sink.at - before) as u64;
        let diagnosis = match result {
            Ok(()) => {
                state.done = sink.until;
                state.stats.written_lines += sink.lines;
                state.failing.take().map(|_| Diagnosis::WritesResumed)
            }
            Err(error) => state.failed(&mut sink, error),
        };
        if sink.at == sink.block.len() {
            sink.lines = 0;
            sink.block.clear();
            sink.at = 0;
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
    /// Writes a line before it returns. Where the sink fails the line waits or is lost.
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
                None if state.writing == Some(thread::current().id()) => return,
                None => state = self.wait(state, None),
            }
        }
    }
}

impl State {
    /// Notes the sink's error; the diagnosis, where it is the first.
    fn failed(&mut self, sink: &mut Sink, error: io::Error) -> Option<Diagnosis> {
        self.stats.errors += 1;
        let is_first = self.failing.is_none();
        let pause = self
            .failing
            .map_or(FIRST_PAUSE, |failing| failing.pause * 2);
        let pause = pause.min(LONGEST_PAUSE);
        self.failing = Some(Failing {
            pause,
            retry_at: Instant::now() + pause,
        });
        if error.kind() != io::ErrorKind::BrokenPipe {
            return is_first.then_some(Diagnosis::WritesFailing { error });
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
        self.lost = None;
        self.block_bytes = 0;
        sink.at = sink.block.len();
        is_first.then_some(Diagnosis::OutputClosed { error })
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Direct").field(&self.stats()).finish()
    }
}
