use super::{beginning::Beginning, line_text::LineText, taken::Taken, wanted::Wanted};
use log_files::Stream;

/// No more of the lines after a line is kept.
const MAX_FOLLOWING_BYTES: usize = 1 << 20;

/// Takes the lines that are wanted, and the lines that follow and belong to them.
pub(super) struct Collector<'s, W> {
    wanted: &'s W,
    sink: &'s mut dyn FnMut(Taken),
    /// The last line that was taken, if lines that follow may belong to it.
    stdout: Option<Open>,
    /// The same for a container's standard error. A container writes to both streams independently.
    stderr: Option<Open>,
}

struct Open {
    taken: Taken,
    beginning: Beginning,
    following_bytes: usize,
}

impl<'s, W: Wanted> Collector<'s, W> {
    pub(super) fn new(wanted: &'s W, sink: &'s mut dyn FnMut(Taken)) -> Self {
        Self {
            wanted,
            sink,
            stdout: None,
            stderr: None,
        }
    }

    /// Returns where the first thing wanted begins, from an index on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        self.wanted.find(text, from).map(|found| found.start)
    }

    pub(super) fn wanted(&self) -> &'s W {
        self.wanted
    }

    /// Takes a line if it is wanted, or if it belongs to the last line taken.
    pub(super) fn consider(&mut self, line: &LineText<'_>) {
        if self.wanted.find(&line.text, 0).is_some() {
            self.take(line);
        } else if !self.follow(line) {
            self.close(line.stream);
        }
    }

    /// Takes a line that is wanted.
    pub(super) fn take(&mut self, line: &LineText<'_>) {
        let taken = Taken {
            offset: line.offset,
            raw: line.raw.to_vec(),
            following: Vec::new(),
            is_cut: line.is_cut,
        };
        self.close(line.stream);
        *self.open(line.stream) = Some(Open {
            taken,
            beginning: Beginning::of(&line.text),
            following_bytes: 0,
        });
    }

    /// Takes a line if it belongs to the last line taken.
    pub(super) fn follow(&mut self, line: &LineText<'_>) -> bool {
        if !W::TAKES_FOLLOWING || self.open(line.stream).is_none() {
            return false;
        }
        if self.wanted.find(&line.text, 0).is_some() {
            return false;
        }
        let Some(open) = self.open(line.stream) else {
            return false;
        };
        let bytes = open.following_bytes + line.raw.len();
        let next = Beginning::of(&line.text);
        if bytes > MAX_FOLLOWING_BYTES || !open.beginning.is_followed_by(next) {
            return false;
        }
        open.following_bytes = bytes;
        open.taken.following.push(line.raw.to_vec());
        true
    }

    /// Whether a line may follow that belongs to the last one of standard output.
    pub(super) fn is_open(&self) -> bool {
        self.stdout.is_some()
    }

    /// Gives the last line taken to the sink. No more lines belong to it.
    pub(super) fn close(&mut self, stream: Stream) {
        if let Some(Open { mut taken, .. }) = self.open(stream).take() {
            while taken.following.pop_if(|line| line.is_empty()).is_some() {}
            (self.sink)(taken);
        }
    }

    /// Takes a line without its end.
    pub(super) fn take_cut(&mut self, taken: Taken) {
        self.close(Stream::Stdout);
        (self.sink)(taken);
    }

    fn open(&mut self, stream: Stream) -> &mut Option<Open> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}
