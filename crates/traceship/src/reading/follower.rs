//! Follows the files: finds them, and decides which lines to read next.

use super::{
    file_id::FileId,
    followed_file::{FollowedFile, Limits, Progress},
    open_files::OpenFiles,
};
use crate::{
    batch::{Batch, Segment},
    cursor::{Cursor, Mark},
    lineage::Lineage,
    reporter::Reporter,
    settings::Settings,
    shipping_thread,
    stats::{Counter, Stats},
};
use log_files::{
    discover::{Finder, Sources},
    watch::FolderWatch,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// Reads the lines of all files, the oldest first.
///
/// A line is read before lines of other files that are more than [`MERGE_NANOS`] newer, so that a server such as Loki, which refuses lines
/// that are an hour older than the newest one of their stream, accepts a backlog of any age.
pub(crate) struct Follower {
    pub(super) settings: Settings,
    pub(super) cursor: Cursor,
    pub(super) reporter: Arc<Reporter>,
    pub(super) stats: Stats,
    pub(super) finder: Finder,
    pub(super) watch: FolderWatch,
    pub(super) files: HashMap<Lineage, FollowedFile>,
    /// What is known of each file that was found.
    pub(super) found: HashMap<FileId, Known>,
    /// Counts the looks at everything.
    pub(super) look: u64,
    /// Whether all files that were there at the start were looked at.
    pub(super) has_looked: bool,
    pub(super) last_look: Instant,
    /// Whether everything has to be looked at soon, because files may have moved.
    pub(super) must_look: bool,
    /// Files with lines to read, by the time of the next line.
    work: BTreeSet<(i64, Lineage)>,
    pub(super) open: OpenFiles,
    /// Contents that are not completely shipped and that no file has any more.
    pub(super) gone: BTreeSet<Lineage>,
    last_count: Option<Instant>,
    /// When a batch was confirmed last, or this shipper was started.
    pub(super) last_confirmed: Instant,
    next_slot: u16,
    /// How many segments of each file are in batches that are not confirmed.
    pub(super) in_flight: HashMap<Lineage, usize>,
    /// Files that could not be read at the last look at everything.
    pub(super) unread: HashSet<PathBuf>,
    /// Paths from which nothing is read, and files that are left out although they are named.
    pub(super) left_out: HashSet<PathBuf>,
    /// Archives that could not be read to their end.
    damaged: HashSet<PathBuf>,
    /// How many files were not identified at the last look at everything.
    pub(super) unidentified: usize,
    /// Closed files whose last lines have no newlines, and when these lines are shipped.
    pub(super) torn: HashMap<Lineage, Instant>,
    /// Marks of files that exist but are not among the files to ship.
    pub(super) unlisted: HashSet<Lineage>,
}

/// What is known of a file that was found.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) role: Role,
    /// The size and the modification time when it was looked at.
    pub(super) version: (u64, SystemTime),
    /// When that was.
    pub(super) looked_at: SystemTime,
    /// The number of the look at everything that found it last.
    pub(super) look: u64,
}

/// Why a file is followed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Followed(Lineage),
    /// It has the contents of another file that still exists.
    CopyOf(Lineage),
    /// It is empty, or cannot be read. It is looked at again when it changes.
    Ignored,
}

/// Lines of different files are in order, except within this time.
const MERGE_NANOS: i64 = 60 * 1_000_000_000;
/// How many bytes of a file are read at once while lines of several files are merged.
const MERGE_BYTES: usize = 64 << 10;

impl Follower {
    pub(crate) fn new(
        settings: Settings,
        sources: Sources,
        cursor: Cursor,
        reporter: Arc<Reporter>,
        stats: Stats,
        on_change: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        // Files that were followed before have the slots up to here.
        let next_slot = cursor
            .marks()
            .values()
            .map(|mark| mark.slot.wrapping_add(1))
            .max();
        let present = cursor.marks().values();
        let present = present.filter(|mark| mark.gone_since.is_none());
        stats.set(Counter::waiting_bytes, present.map(Mark::unshipped).sum());
        let marks = cursor.marks().iter();
        let gone = marks.filter(|(_, mark)| mark.gone_since.is_some() && mark.unshipped() > 0);
        let gone = gone.map(|(lineage, _)| *lineage).collect();
        let watch = FolderWatch::new(on_change)
            .with_event_hook(shipping_thread::mark)
            .with_poll_interval(settings.poll)
            .with_full_interval(settings.poll.max(FULL_LOOK));
        Self {
            finder: Finder::new(sources),
            watch: watch.with_events(!settings.is_backfill),
            settings,
            cursor,
            reporter,
            stats,
            files: HashMap::new(),
            found: HashMap::new(),
            look: 0,
            has_looked: false,
            last_look: Instant::now(),
            must_look: false,
            work: BTreeSet::new(),
            open: OpenFiles::new(),
            gone,
            last_count: None,
            last_confirmed: Instant::now(),
            next_slot: next_slot.unwrap_or_default(),
            in_flight: HashMap::new(),
            unread: HashSet::new(),
            left_out: HashSet::new(),
            damaged: HashSet::new(),
            unidentified: 0,
            torn: HashMap::new(),
            unlisted: HashSet::new(),
        }
    }

    /// Counts paths from which nothing is read as files that could not be read.
    pub(crate) fn with_unread(mut self, paths: Vec<PathBuf>) -> Self {
        self.left_out.extend(paths);
        self
    }

    /// Fills a batch with the next lines, if there are enough or they have waited long enough. Returns whether there are any.
    pub(crate) fn next_batch(&mut self, batch: &mut Batch, is_stopping: bool) -> bool {
        batch.clear();
        if !self.is_batch_due(is_stopping) {
            return false;
        }
        while batch.bytes() < self.settings.batch_bytes
            && batch.len() < self.settings.batch_lines
            && let Some((_, lineage)) = self.work.pop_first()
        {
            self.read_from(lineage, batch);
        }
        self.settings.rules.redact(batch, &self.settings.reader);
        if batch.segments.is_empty() {
            return false;
        }
        for segment in &batch.segments {
            *self.in_flight.entry(segment.lineage).or_default() += 1;
        }
        true
    }

    /// Saves the marks of a batch's files if the ids and times of its lines depend on something that is not on the disk.
    pub(crate) fn save_for(&mut self, batch: &Batch) -> io::Result<()> {
        let needs_save = |segment: &Segment| {
            let mark = self.cursor.get(segment.lineage);
            self.cursor.is_new(segment.lineage)
                || mark.is_some_and(|mark| !mark.fallback_times.is_empty())
        };
        match batch.segments.iter().any(needs_save) {
            true => self.cursor.save(),
            false => Ok(()),
        }
    }

    fn is_batch_due(&self, is_stopping: bool) -> bool {
        if self.work.is_empty() {
            return false;
        }
        if is_stopping || self.settings.is_backfill {
            return true;
        }
        let waiting = self
            .work
            .iter()
            .filter_map(|(_, lineage)| self.files.get(lineage));
        let mut bytes = 0;
        for file in waiting {
            let is_old = file
                .waiting_since
                .is_none_or(|since| since.elapsed() >= self.settings.max_age);
            bytes += file.found_bytes().saturating_sub(file.position.offset);
            if is_old || bytes >= self.settings.batch_bytes as u64 {
                return true;
            }
        }
        false
    }

    /// Returns the time until waiting lines are old enough to be sent.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        let waiting = self
            .work
            .iter()
            .filter_map(|(_, lineage)| self.files.get(lineage)?.waiting_since);
        waiting
            .map(|since| self.settings.max_age.saturating_sub(since.elapsed()))
            .min()
    }

    /// Notes that there may be lines to read in a file. If the time of the next line is unknown, the file is read soon.
    pub(super) fn add_work(&mut self, lineage: Lineage, next_time: i64) {
        if let Some(file) = self.files.get_mut(&lineage) {
            if file.waiting_since.is_some() {
                return;
            }
            let now = Instant::now();
            // Lines that are there at the start have waited before.
            let is_start = self.look <= 1;
            let waited = is_start.then(|| now.checked_sub(self.settings.max_age));
            file.waiting_since = Some(waited.flatten().unwrap_or(now));
            self.work.insert((next_time.min(latest()), lineage));
        }
    }

    /// Returns a slot for the times of a new file's lines.
    pub(super) fn next_slot(&mut self) -> u16 {
        let slot = self.next_slot;
        self.next_slot = slot.wrapping_add(1);
        slot
    }

    /// Whether everything has to be looked at again, because files may have moved.
    pub(crate) fn must_look(&self) -> bool {
        self.must_look
    }

    pub(super) fn remove_work(&mut self, lineage: Lineage) {
        self.work.retain(|(_, other)| *other != lineage);
        if let Some(file) = self.files.get_mut(&lineage) {
            file.waiting_since = None;
        }
    }

    fn read_from(&mut self, lineage: Lineage, batch: &mut Batch) {
        let (texts, lines) = (batch.text.len(), batch.lines.len());
        let mut to_end = false;
        let progress = match self.open(lineage) {
            Ok(true) => {
                to_end = self.is_closed(lineage);
                self.read_opened(lineage, batch, to_end)
            }
            Ok(false) => Ok(Progress::Replaced),
            Err(error) => Err(error),
        };
        match progress {
            Ok(Progress::More(next_time)) => {
                let next_time = next_time.or_else(|| self.last_time(lineage)).unwrap_or(0);
                self.work.insert((next_time.min(latest()), lineage));
            }
            Ok(Progress::Dry) => self.note_dry(lineage, to_end),
            Ok(Progress::Replaced) => self.note_replaced(lineage),
            Err(error) => {
                batch.text.truncate(texts);
                batch.lines.truncate(lines);
                self.note_unreadable(lineage, &error);
            }
        }
    }

    fn read_opened(
        &mut self,
        lineage: Lineage,
        batch: &mut Batch,
        to_end: bool,
    ) -> io::Result<Progress> {
        let until = self.work.first();
        let until = until.map(|(time, _)| time.saturating_add(MERGE_NANOS));
        // Lines of the future are not put in order. Two files with only such lines would wait for each other forever.
        let until = until.filter(|until| *until < latest());
        let bytes = self.settings.batch_bytes.saturating_sub(batch.bytes());
        let limits = Limits {
            bytes: match until {
                Some(_) => bytes.min(MERGE_BYTES),
                None => bytes,
            },
            lines: self.settings.batch_lines,
            until,
            to_end,
        };
        let (from, lines, segments) = (batch.text.len(), batch.lines.len(), batch.segments.len());
        let Some(file) = self.files.get_mut(&lineage) else {
            return Ok(Progress::Dry);
        };
        let before = file.place();
        let progress = file.read(batch, limits)?;
        let mark = self.cursor.get(lineage);
        if mark.is_some_and(|mark| file.has(&before, mark).is_ok_and(|has| !has)) {
            // It was replaced after it had been opened.
            batch.text.truncate(from);
            batch.lines.truncate(lines);
            batch.segments.truncate(segments);
            return Ok(Progress::Replaced);
        }
        // A batch may have several reads of one file.
        if let Some(segment) = batch.segments.get(segments) {
            self.keep_fallback_times(segment);
        }
        Ok(progress)
    }

    fn last_time(&self, lineage: Lineage) -> Option<i64> {
        let last_time = self.files.get(&lineage)?.builder.last_time;
        last_time.map(|last| last.nanos)
    }

    /// Whether nothing will be appended to a file, so that its last line is complete without a newline.
    fn is_closed(&self, lineage: Lineage) -> bool {
        let Some(file) = self.files.get(&lineage) else {
            return false;
        };
        let is_quiet = file.last_grown.elapsed() >= self.settings.rotate_wait;
        self.settings.is_backfill
            || file.is_compressed()
            || (is_quiet && (file.found.is_closed || file.missing_since.is_some()))
    }

    /// Notes that a file has no complete line left.
    fn note_dry(&mut self, lineage: Lineage, to_end: bool) {
        let Some(file) = self.files.get_mut(&lineage) else {
            return;
        };
        file.waiting_since = None;
        if !to_end {
            if file.found.is_closed && file.found_bytes() > file.position.offset {
                self.note_torn(lineage);
            }
            return;
        }
        file.is_done = file.is_compressed() || file.missing_since.is_some();
        let (is_compressed, end, path) = (
            file.is_compressed(),
            file.position.offset,
            file.found.path.clone(),
        );
        if let Some(damage) = file.damage() {
            let damage = damage.to_owned();
            self.reporter.report_problem(format!(
                "{} is damaged: {damage}. Its lines before that are shipped",
                path.display()
            ));
            self.damaged.insert(path);
        }
        if is_compressed {
            self.cursor.change(lineage, |mark| mark.length = end);
        }
        self.note_confirmed_end(lineage);
    }

    /// Marks a file as complete, once it is read to its end and all of it is confirmed.
    fn note_confirmed_end(&mut self, lineage: Lineage) {
        let Some(file) = self.files.get(&lineage).filter(|file| file.is_done) else {
            return;
        };
        let end = file.position.offset;
        if self
            .cursor
            .get(lineage)
            .is_some_and(|mark| mark.offset() == end && !mark.is_complete)
        {
            self.cursor.change(lineage, |mark| mark.is_complete = true);
            if let Some(file) = self.files.get_mut(&lineage) {
                file.close();
                self.open.remove(lineage);
            }
        }
    }

    /// Opens a file, and closes the one that was not used for the longest time if there are too many. Returns whether it still has the
    /// contents that were read, and notes their length.
    pub(super) fn open(&mut self, lineage: Lineage) -> io::Result<bool> {
        let Some(file) = self.files.get_mut(&lineage) else {
            return Ok(true);
        };
        if !file.is_open() {
            match FollowedFile::open_found(&file.found) {
                Ok(content) => file.set_content(content),
                Err(error) => {
                    self.close_if_none_is_free(&error);
                    return Err(error);
                }
            }
        }
        let is_still = self.measure(lineage);
        let surplus = self.open.touch(lineage);
        self.close(surplus);
        is_still
    }

    /// Notes the length of contents, if their file still has them. Returns whether it has.
    pub(super) fn measure(&mut self, lineage: Lineage) -> io::Result<bool> {
        let (Some(file), Some(mark)) = (self.files.get_mut(&lineage), self.cursor.get(lineage))
        else {
            return Ok(true);
        };
        // The file had these contents before too, so what is read between both comparisons belongs to these contents.
        file.measure()?;
        let size = file.text_length().filter(|_| !file.is_compressed());
        let head = match size {
            Some(size) if mark.needs_head(size) => file.head()?,
            _ => None,
        };
        if !file.has(&file.place(), mark)? {
            return Ok(false);
        }
        let length = mark.length;
        if let Some(head) = head {
            self.cursor.set_head(lineage, &head);
        }
        if let Some(size) = size
            && size > length
        {
            self.cursor.change(lineage, |mark| mark.length = size);
            self.stats.add(Counter::waiting_bytes, size - length);
        }
        Ok(size.is_none_or(|size| size >= length))
    }

    /// Closes files if a descriptor could not be had, so that there are some for connections.
    pub(super) fn close_if_none_is_free(&mut self, error: &io::Error) {
        if is_out_of_descriptors(error) {
            let surplus = self.open.shrink();
            self.close(surplus);
        }
    }

    pub(super) fn close(&mut self, files: impl IntoIterator<Item = Lineage>) {
        for lineage in files {
            match self.files.get_mut(&lineage) {
                // A file that is in no folder any more cannot be opened again.
                Some(file) if file.missing_since.is_some() => drop(self.open.touch(lineage)),
                Some(file) => file.close(),
                None => {}
            }
        }
    }

    pub(super) fn note_unreadable(&mut self, lineage: Lineage, error: &io::Error) {
        self.open.remove(lineage);
        // The next look takes it again as a new file.
        let Some(file) = self.files.remove(&lineage) else {
            return;
        };
        self.found.remove(&FileId::of(&file.found));
        let path = file.found.path;
        self.must_look |= error.kind() == io::ErrorKind::NotFound;
        self.unidentified += 1;
        if error.kind() != io::ErrorKind::NotFound {
            self.note_unread(path, error);
        }
    }

    pub(super) fn note_unread(&mut self, path: PathBuf, error: &io::Error) {
        self.reporter.report_problem(format!(
            "{} cannot be read: {error}. It is tried again",
            path.display()
        ));
        self.unread.insert(path);
    }

    /// Notes the times that lines got in a read because they have none.
    fn keep_fallback_times(&mut self, segment: &Segment) {
        let lineage = segment.lineage;
        let confirmed = self.cursor.get(lineage).map_or(0, Mark::offset);
        let read = segment.start..segment.end.offset;
        if let Some(file) = self.files.get_mut(&lineage)
            && let Some(times) = file.builder.fallback_times.keep(read, confirmed)
        {
            self.cursor
                .change(lineage, |mark| mark.fallback_times = times);
        }
    }

    /// Whether lines of a file are in batches that are not confirmed.
    pub(super) fn is_in_flight(&self, lineage: Lineage) -> bool {
        self.in_flight.contains_key(&lineage)
    }

    /// Moves the cursor over the parts of files that a batch had.
    pub(crate) fn confirm(&mut self, segments: &[Segment]) {
        self.last_confirmed = Instant::now();
        for segment in segments {
            let lineage = segment.lineage;
            if let Some(count) = self.in_flight.get_mut(&lineage) {
                *count -= 1;
                if *count == 0 {
                    self.in_flight.remove(&lineage);
                }
            }
            self.cursor.change(lineage, |mark| {
                mark.checkpoints.push(segment.end);
                mark.lines = segment.lines;
                mark.last_time = segment.last_time;
                mark.length = mark.length.max(segment.end.offset);
                mark.fallback_times
                    .retain(|time| time.bytes.end > segment.end.offset);
            });
            self.note_confirmed_end(lineage);
        }
    }

    pub(crate) fn save(&mut self) -> io::Result<()> {
        self.cursor.save()
    }

    /// Whether everything that is confirmed is on the disk.
    pub(crate) fn is_saved(&self) -> bool {
        self.cursor.is_saved()
    }

    pub(crate) fn unread_files(&self) -> usize {
        let all = self
            .unread
            .iter()
            .chain(&self.damaged)
            .chain(&self.left_out);
        all.collect::<HashSet<_>>().len()
    }

    /// Returns how many bytes are not confirmed: those of the present files, and those of files that are gone and may appear again under
    /// another name.
    pub(crate) fn unshipped_bytes(&self) -> u64 {
        let present = self.files.iter();
        let present = present.map(|(lineage, file)| self.unshipped_of(*lineage, file));
        let gone = self.gone.iter().map(|lineage| self.cursor.lost(*lineage).0);
        present.sum::<u64>() + gone.sum::<u64>()
    }

    pub(super) fn unshipped_of(&self, lineage: Lineage, file: &FollowedFile) -> u64 {
        let Some(mark) = self.cursor.get(lineage) else {
            return 0;
        };
        match mark.is_complete {
            true => 0,
            // The length of a compressed text is only known at its end.
            false if file.found.compression.is_some() => {
                mark.unshipped().max(1).max(file.found.bytes)
            }
            false => {
                let length = mark.length.max(file.found_bytes());
                length.saturating_sub(mark.offset())
            }
        }
    }

    /// Counts what waits, unless that was done just now and it `may_be_old`.
    pub(crate) fn count_waiting(&mut self, may_be_old: bool) {
        let pause = BETWEEN_COUNTS.min(self.settings.poll);
        if may_be_old && self.last_count.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last_count = Some(Instant::now());
        let waiting = self.files.iter();
        let waiting = waiting.filter(|(lineage, file)| self.unshipped_of(**lineage, file) > 0);
        self.stats
            .set(Counter::waiting_files, waiting.count() as u64);
        self.stats
            .set(Counter::waiting_bytes, self.unshipped_bytes());
    }
}

/// What waits is counted this often at most.
const BETWEEN_COUNTS: Duration = Duration::from_millis(500);
/// Everything is looked at this often although the system reports changes.
const FULL_LOOK: Duration = Duration::from_secs(30);

/// Returns the latest time by which lines are put in order.
fn latest() -> i64 {
    crate::cursor::nanos(SystemTime::now()) + MERGE_NANOS
}

/// `EMFILE` and `ENFILE`, which have no kind of their own.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}
