use super::{
    beginning::Beginning,
    line_text::LineText,
    recent_lines::{Head, RecentLines},
    taken::Taken,
    wanted::Wanted,
};
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
    stdout: Side,
    /// That of a container's standard error. A container writes to both streams independently.
    stderr: Side,
}

/// One of the two streams.
#[derive(Default)]
struct Side {
    open: Option<Open>,
    /// The lines that were considered after the last record that was taken.
    recent: RecentLines,
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

    /// Takes a line if it is wanted, or if it belongs to the last line taken. All lines of the text are considered, one after another.
    pub(crate) fn consider(&mut self, line: &LineText<'_>) {
        let followed = self.follow(line);
        if followed == Followed::No {
            if self.wanted.find(&line.text, 0).is_some() {
                let head = self.side(line.stream).recent.head_of(line);
                self.take(line, head);
                return self.side(line.stream).recent.clear();
            }
            self.close(line.stream);
        }
        let recent = &mut self.side(line.stream).recent;
        match followed {
            Followed::Yes => recent.clear(),
            Followed::Passed | Followed::No if W::TAKES_FOLLOWING => recent.push(line),
            Followed::Passed | Followed::No => {}
        }
    }

    /// Takes a line if it is wanted, whatever the lines before it are.
    pub(super) fn consider_alone(&mut self, line: &LineText<'_>) {
        match self.wanted.find(&line.text, 0) {
            Some(_) => self.take(line, None),
            None if self.follow(line) == Followed::No => self.close(line.stream),
            None => {}
        }
    }

    /// Takes a line that is wanted, with the lines before it that it belongs to.
    pub(super) fn take(&mut self, line: &LineText<'_>, head: Option<Head>) {
        self.close(line.stream);
        let open = match head {
            Some(head) => Open::of_head(head, line),
            None => Open::of_line(line),
        };
        self.side(line.stream).open = Some(open);
    }

    /// Takes a line if it belongs to the last line taken.
    pub(crate) fn follow(&mut self, line: &LineText<'_>) -> Followed {
        if !W::TAKES_FOLLOWING || self.side(line.stream).open.is_none() {
            return Followed::No;
        }
        let is_wanted = self.wanted.find(&line.text, 0).is_some();
        let Some(open) = &mut self.side(line.stream).open else {
            return Followed::No;
        };
        let prefix = source_prefix(&line.text);
        if !open.prefix.is_empty() && prefix > 0 && !line.text.starts_with(&open.prefix) {
            open.passed += 1;
            return match open.passed {
                ..=MAX_PASSED if !is_wanted => Followed::Passed,
                _ => Followed::No,
            };
        }
        let text = line.text.strip_prefix(&*open.prefix);
        let next = Beginning::of(text.unwrap_or(&line.text));
        let belongs = match is_wanted {
            true => open.beginning.has_wanted(next),
            false => open.beginning.is_followed_by(next),
        };
        if !belongs {
            return Followed::No;
        }
        open.add(&line.raw);
        Followed::Yes
    }

    /// Whether a line may follow that belongs to the last one of standard output.
    pub(crate) fn is_open(&self) -> bool {
        self.pending.stdout.open.is_some()
    }

    /// Whether a line may follow that belongs to the last one of either stream.
    pub(super) fn needs_more(&self) -> bool {
        let open = [&self.pending.stdout.open, &self.pending.stderr.open];
        let mut open = open.into_iter().flatten();
        W::TAKES_FOLLOWING && open.any(|open| open.beginning.can_be_followed())
    }

    /// Gives the last line taken to the sink. No more lines belong to it.
    pub(crate) fn close(&mut self, stream: Stream) {
        if let Some(Open { mut taken, .. }) = self.side(stream).open.take() {
            while taken.following.pop_if(|line| line.is_empty()).is_some() {}
            (self.sink)(taken);
        }
    }

    /// Takes a line without its end.
    pub(crate) fn take_cut(&mut self, taken: Taken) {
        self.close(Stream::Stdout);
        (self.sink)(taken);
    }

    fn side(&mut self, stream: Stream) -> &mut Side {
        match stream {
            Stream::Stdout => &mut self.pending.stdout,
            Stream::Stderr => &mut self.pending.stderr,
        }
    }
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.stdout.open.is_none() && self.stderr.open.is_none()
    }
}

impl Open {
    fn of_line(line: &LineText<'_>) -> Self {
        let (prefix, text) = line.text.split_at(source_prefix(&line.text));
        Self {
            taken: Taken {
                offset: line.offset,
                raw: line.raw.to_vec(),
                following: Vec::new(),
                left_out: 0,
                is_cut: line.is_cut,
            },
            prefix: prefix.to_vec(),
            passed: 0,
            beginning: Beginning::of(text),
            following_bytes: 0,
        }
    }

    fn of_head(head: Head, line: &LineText<'_>) -> Self {
        let mut open = Self {
            taken: Taken {
                offset: head.offset,
                raw: head.raw,
                following: Vec::new(),
                left_out: 0,
                is_cut: head.is_cut,
            },
            prefix: head.prefix,
            passed: 0,
            beginning: head.beginning,
            following_bytes: 0,
        };
        for between in &head.between {
            open.add(between);
        }
        open.add(&line.raw);
        open
    }

    /// Adds a line that belongs to it, or counts it if there is no more room.
    fn add(&mut self, line: &[u8]) {
        // Empty lines take memory too.
        let bytes = self.following_bytes + line.len() + size_of::<Vec<u8>>();
        if self.taken.left_out > 0 || bytes > MAX_FOLLOWING_BYTES {
            self.taken.left_out += 1;
            return;
        }
        self.following_bytes = bytes;
        self.taken.following.push(line.to_vec());
    }
}
