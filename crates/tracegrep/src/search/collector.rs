use super::{beginning::Beginning, line_text::LineText, taken::Taken, wanted::Wanted};
use crate::trace::source_prefix;
use log_files::Stream;

/// The lines that are kept after a line take no more memory.
const MAX_FOLLOWING_BYTES: usize = 4 << 20;

/// Lines of so many other sources may be between a line and those that belong to it.
const MAX_PASSED: usize = 1_000;

/// Takes the lines that are wanted, and the lines that follow and belong to them.
pub(crate) struct Collector<'s, W> {
    wanted: &'s W,
    sink: &'s mut dyn FnMut(Taken),
    pending: Pending,
}

/// The last lines that were taken, while lines that follow may belong to them.
#[derive(Default)]
pub(crate) struct Pending {
    stdout: Option<Open>,
    /// That of a container's standard error. A container writes to both streams independently.
    stderr: Option<Open>,
}

struct Open {
    taken: Taken,
    /// How the lines of the same source begin, if several sources are in one text.
    prefix: Vec<u8>,
    /// How many lines of other sources came after it.
    passed: usize,
    beginning: Beginning,
    following_bytes: usize,
}

/// Whether a line belongs to the last line taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    Yes,
    /// It belongs to another source, and later lines may belong to the last line taken.
    Passed,
    No,
}

impl<'s, W: Wanted> Collector<'s, W> {
    pub(crate) fn new(wanted: &'s W, sink: &'s mut dyn FnMut(Taken)) -> Self {
        Self::resume(wanted, sink, Pending::default())
    }

    /// Continues where another collector was suspended.
    pub(crate) fn resume(wanted: &'s W, sink: &'s mut dyn FnMut(Taken), pending: Pending) -> Self {
        Self {
            wanted,
            sink,
            pending,
        }
    }

    /// Returns the lines that have not been given to the sink.
    pub(crate) fn suspend(self) -> Pending {
        self.pending
    }

    /// Returns where the first thing wanted begins, from an index on.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        self.wanted.find(text, from).map(|found| found.start)
    }

    pub(crate) fn wanted(&self) -> &'s W {
        self.wanted
    }

    /// Takes a line if it is wanted, or if it belongs to the last line taken.
    pub(crate) fn consider(&mut self, line: &LineText<'_>) {
        if self.wanted.find(&line.text, 0).is_some() {
            self.take(line);
        } else if self.follow(line) == Followed::No {
            self.close(line.stream);
        }
    }

    /// Takes a line that is wanted.
    pub(crate) fn take(&mut self, line: &LineText<'_>) {
        let taken = Taken {
            offset: line.offset,
            raw: line.raw.to_vec(),
            following: Vec::new(),
            is_cut: line.is_cut,
        };
        self.close(line.stream);
        let (prefix, text) = line.text.split_at(source_prefix(&line.text));
        *self.open(line.stream) = Some(Open {
            taken,
            prefix: prefix.to_vec(),
            passed: 0,
            beginning: Beginning::of(text),
            following_bytes: 0,
        });
    }

    /// Takes a line if it belongs to the last line taken.
    pub(crate) fn follow(&mut self, line: &LineText<'_>) -> Followed {
        if !W::TAKES_FOLLOWING || self.open(line.stream).is_none() {
            return Followed::No;
        }
        if self.wanted.find(&line.text, 0).is_some() {
            return Followed::No;
        }
        let Some(open) = self.open(line.stream) else {
            return Followed::No;
        };
        let prefix = source_prefix(&line.text);
        if !open.prefix.is_empty() && prefix > 0 && !line.text.starts_with(&open.prefix) {
            open.passed += 1;
            return match open.passed {
                ..=MAX_PASSED => Followed::Passed,
                _ => Followed::No,
            };
        }
        let text = line.text.strip_prefix(&*open.prefix);
        let next = Beginning::of(text.unwrap_or(&line.text));
        // Empty lines take memory too.
        let bytes = open.following_bytes + line.raw.len() + size_of::<Vec<u8>>();
        if bytes > MAX_FOLLOWING_BYTES || !open.beginning.is_followed_by(next) {
            return Followed::No;
        }
        open.following_bytes = bytes;
        open.taken.following.push(line.raw.to_vec());
        Followed::Yes
    }

    /// Whether a line may follow that belongs to the last one of standard output.
    pub(crate) fn is_open(&self) -> bool {
        self.pending.stdout.is_some()
    }

    /// Whether a line may follow that belongs to the last one of either stream.
    pub(super) fn needs_more(&self) -> bool {
        let mut open = [&self.pending.stdout, &self.pending.stderr]
            .into_iter()
            .flatten();
        W::TAKES_FOLLOWING && open.any(|open| open.beginning.can_be_followed())
    }

    /// Gives the last line taken to the sink. No more lines belong to it.
    pub(crate) fn close(&mut self, stream: Stream) {
        if let Some(Open { mut taken, .. }) = self.open(stream).take() {
            while taken.following.pop_if(|line| line.is_empty()).is_some() {}
            (self.sink)(taken);
        }
    }

    /// Takes a line without its end.
    pub(crate) fn take_cut(&mut self, taken: Taken) {
        self.close(Stream::Stdout);
        (self.sink)(taken);
    }

    fn open(&mut self, stream: Stream) -> &mut Option<Open> {
        match stream {
            Stream::Stdout => &mut self.pending.stdout,
            Stream::Stderr => &mut self.pending.stderr,
        }
    }
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.stdout.is_none() && self.stderr.is_none()
    }
}
