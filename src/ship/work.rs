//! The thread that reads, hands out, and passes the cursor over what is confirmed.

use super::{
    batch::Batch,
    body::Body,
    cursor::{Cursor, Mark},
    delivery::Delivery,
    files::{Candidate, FileId, Open, Sources, TAIL},
    shipper::Settings,
    stamps::Stamps,
    stats::{Counter, End},
    time::{Distinct, LOOK_BACK},
};
use crate::stats::Diagnosis;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io, mem,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

/// So often at most the cursor is forced to the disk while lines flow.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// So long at most it waits for a batch to be delivered before it looks at what else there is.
const PAUSE: Duration = Duration::from_millis(500);
/// So many files are open at most: others wait until one of these is read to its end.
const MOST_OPEN: usize = 128;
/// A file that has not grown for so long is closed, and opened again when it does.
const IDLE: Duration = Duration::from_secs(60);

pub(super) struct Work {
    settings: Settings,
    sources: Sources,
    cursor: Cursor,
    delivery: Arc<Delivery>,
    files: Vec<Following>,
    /// Files that were read to their end, by path.
    finished: HashMap<PathBuf, Finished>,
    /// Copies of files that are followed, by path: what they were like, and of which.
    copies: HashMap<PathBuf, ((u64, SystemTime), FileId)>,
    /// Files that could not be read.
    unread: HashSet<PathBuf>,
    /// Some files wait for others.
    is_full: bool,
    in_flight: VecDeque<Flight>,
    to_deliver: Option<SyncSender<(u64, Batch)>>,
    delivered: Receiver<(u64, Batch)>,
    /// Batches that are delivered, in whose memory the next ones are read.
    spare: Vec<Batch>,
    next_number: u64,
    next_file: usize,
    last_look: Option<Instant>,
    /// When the server took something, or the work began.
    last_delivered: Instant,
    last_save: Instant,
    is_unsaved: bool,
}

/// A file that is read.
struct Following {
    /// As the cursor knows it: that of its original, where it is a copy.
    id: FileId,
    open: Open,
    path: PathBuf,
    /// All before it was handed out, and this stands just before it.
    read: u64,
    tail: Option<u32>,
    generation: u64,
    distinct: Distinct,
    /// Since when there is something to read.
    since: Option<Instant>,
    last_grown: Instant,
    /// Since when it has no name.
    removed: Option<Instant>,
    is_finished: bool,
}

/// What a file was like when it had been read to its end.
struct Finished {
    id: FileId,
    shape: (u64, SystemTime),
}

/// A batch that is being delivered.
struct Flight {
    number: u64,
    file: FileId,
    generation: u64,
    end: u64,
    /// What stands before the end.
    tail: Option<u32>,
    is_done: bool,
}

impl Work {
    pub(super) fn new(
        settings: Settings,
        sources: Sources,
        cursor: Cursor,
        delivery: Arc<Delivery>,
    ) -> io::Result<Self> {
        let (to_deliver, batches) = mpsc::sync_channel(settings.in_flight);
        let (done, delivered) = mpsc::channel();
        let batches = Arc::new(Mutex::new(batches));
        for number in 0..settings.in_flight {
            let (batches, done, delivery) =
                (Arc::clone(&batches), done.clone(), Arc::clone(&delivery));
            thread::Builder::new()
                .name(format!("tracing-stamp-ship-{number}"))
                .spawn(move || deliver_all(&batches, &done, &delivery))?;
        }
        Ok(Self {
            settings,
            sources,
            cursor,
            delivery,
            files: Vec::new(),
            finished: HashMap::new(),
            copies: HashMap::new(),
            unread: HashSet::new(),
            is_full: false,
            in_flight: VecDeque::new(),
            to_deliver: Some(to_deliver),
            delivered,
            spare: Vec::new(),
            next_number: 0,
            next_file: 0,
            last_look: None,
            last_delivered: Instant::now(),
            last_save: Instant::now(),
            is_unsaved: false,
        })
    }

    /// Ships until it is told to stop; what is left then.
    pub(super) fn run(mut self) -> End {
        let control = Arc::clone(&self.delivery.control);
        loop {
            self.take_delivered();
            self.save_now_and_then();
            if control.is_over() {
                break;
            }
            // Asked before the last look: what is logged before shutdown is called is delivered.
            let is_stopping = control.is_stopping();
            self.look(is_stopping);
            if self.in_flight.len() < self.settings.in_flight && self.hand_out(is_stopping) {
                continue;
            }
            if !self.in_flight.is_empty() {
                match self.delivered.recv_timeout(self.settings.poll.min(PAUSE)) {
                    Ok((number, batch)) => self.note_delivered(number, batch),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            } else if is_stopping && !self.is_full {
                break;
            } else if self.is_full {
                thread::sleep(Duration::from_millis(10));
            } else {
                self.save();
                self.spare.clear();
                control.rest(self.rest());
            }
        }
        self.to_deliver = None;
        self.take_delivered();
        self.save();
        End {
            unshipped: self.unshipped(),
            unread: self.unread.len(),
        }
    }

    /// Until the next look, or until what is there is old enough.
    fn rest(&self) -> Duration {
        let waits = self.files.iter().filter_map(|file| file.since);
        let due = waits
            .map(|since| self.settings.max_age.saturating_sub(since.elapsed()))
            .min();
        due.unwrap_or(self.settings.poll)
            .clamp(Duration::from_millis(10), self.settings.poll)
    }

    fn take_delivered(&mut self) {
        while let Ok((number, batch)) = self.delivered.try_recv() {
            self.note_delivered(number, batch);
        }
    }

    /// Passes the cursor over what is confirmed, as far as there is no gap.
    fn note_delivered(&mut self, number: u64, batch: Batch) {
        self.last_delivered = Instant::now();
        // That of a line without end is not kept.
        if batch.bytes() <= 2 * self.settings.batch_bytes {
            self.spare.push(batch);
        }
        if let Some(flight) = self
            .in_flight
            .iter_mut()
            .find(|flight| flight.number == number)
        {
            flight.is_done = true;
        }
        while self.in_flight.front().is_some_and(|flight| flight.is_done)
            && let Some(flight) = self.in_flight.pop_front()
        {
            if let Some(mark) = self.cursor.marks.get_mut(&flight.file)
                && mark.generation == flight.generation
                && mark.offset < flight.end
            {
                mark.offset = flight.end;
                mark.tail = flight.tail;
                mark.bytes = mark.bytes.max(flight.end);
                self.is_unsaved = true;
            }
        }
    }

    fn save_now_and_then(&mut self) {
        if self.last_save.elapsed() >= SAVE_EVERY {
            self.save();
        }
    }

    fn save(&mut self) {
        self.last_save = Instant::now();
        if !self.is_unsaved {
            return;
        }
        match self.cursor.save() {
            Ok(()) => self.is_unsaved = false,
            // What is confirmed is sent once more after a restart, at worst, and then not kept twice.
            Err(error) => self
                .delivery
                .told
                .hindered(format!("the cursor cannot be saved: {error}")),
        }
    }

    /// Sees which files there are, and which have grown.
    fn look(&mut self, is_stopping: bool) {
        let is_due = self
            .last_look
            .is_none_or(|last| last.elapsed() >= self.settings.poll);
        if !is_due && !is_stopping && !self.is_full {
            return;
        }
        self.last_look = Some(Instant::now());
        let candidates = match self.sources.find() {
            Ok(candidates) => candidates,
            Err(error) => {
                return self
                    .delivery
                    .told
                    .hindered(format!("files cannot be found: {error}"));
            }
        };
        self.forget_finished();
        self.is_full = false;
        let inodes: HashSet<u64> = candidates.iter().map(Candidate::inode).collect();
        let mut seen = HashSet::new();
        for candidate in &candidates {
            match self.follow(candidate, &inodes) {
                Ok(Some(id)) => {
                    seen.insert(id);
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.note_unread(&candidate.path, &error),
            }
        }
        self.let_go_of_removed();
        // Of a file that waits it is not known which it is.
        if !self.is_full {
            self.forget_removed(&seen);
        }
        for file in &mut self.files {
            let length = file.open.length();
            if let Some(mark) = self.cursor.marks.get_mut(&file.id)
                && let Some(length) = length
                && length > mark.bytes
            {
                mark.bytes = length;
                file.last_grown = Instant::now();
                self.is_unsaved = true;
            }
            if length.is_none_or(|length| length > file.read) && !file.is_finished {
                file.since.get_or_insert_with(Instant::now);
            }
        }
        self.delivery
            .stats
            .set(Counter::waiting_bytes, self.unshipped());
    }

    fn note_unread(&mut self, path: &Path, error: &io::Error) {
        let what = format!("{} cannot be read: {error}", path.display());
        self.delivery.told.hindered(what);
        self.unread.insert(path.to_owned());
    }

    /// Opens a file that is new, or has grown since it was finished. Which file it is.
    fn follow(
        &mut self,
        candidate: &Candidate,
        inodes: &HashSet<u64>,
    ) -> io::Result<Option<FileId>> {
        let path = &candidate.path;
        if let Some(at) = self
            .files
            .iter()
            .position(|file| file.open.is_at(candidate))
        {
            if let Some(file) = self.files.get_mut(at)
                && file.is_still()?
            {
                file.path.clone_from(path);
                return Ok(Some(file.id));
            }
            // Emptied in place. What was not read of it is in a copy, or gone.
            self.files.remove(at);
        }
        if let Some(finished) = self.finished.get(path)
            && finished.shape == candidate.shape()
        {
            return Ok(Some(finished.id));
        }
        if let Some((shape, original)) = self.copies.get(path)
            && *shape == candidate.shape()
            && original.is_among(inodes)
        {
            return Ok(Some(*original));
        }
        if self.files.len() >= MOST_OPEN {
            self.is_full = true;
            return Ok(None);
        }
        let Some(mut open) = Open::at(path)? else {
            return Ok(None);
        };
        let id = match self.known_as(&mut open, inodes)? {
            Known::As(id) => id,
            Known::CopyOf(original) => {
                let copy = (candidate.shape(), original);
                self.copies.insert(path.clone(), copy);
                return Ok(Some(original));
            }
        };
        if self.files.iter().any(|file| file.id == id) {
            // Compressed or copied meanwhile: what is open already is read to its end first.
            return Ok(Some(id));
        }
        let mark = self.cursor.marks.entry(id).or_default();
        mark.name = path.display().to_string();
        let is_shorter = open.length().is_some_and(|length| length < mark.offset);
        if is_shorter
            || (!open.is_packed()
                && mark.tail.is_some()
                && mark.tail != open.tail_at(mark.offset)?)
        {
            // Emptied in place, and begun with the same line.
            *mark = Mark {
                name: mem::take(&mut mark.name),
                generation: mark.generation + 1,
                ..Mark::default()
            };
        }
        if let Some(length) = open.packed_length() {
            mark.bytes = mark.bytes.max(length);
        }
        let (read, stamps) = (mark.offset, mark.stamps.clone());
        let (tail, generation) = (mark.tail, mark.generation);
        self.is_unsaved = true;
        let mut file = Following {
            id,
            open,
            path: path.clone(),
            read,
            tail,
            generation,
            distinct: Distinct::new(Stamps::new(stamps)),
            since: None,
            last_grown: Instant::now(),
            removed: None,
            is_finished: false,
        };
        file.look_back()?;
        self.files.push(file);
        Ok(Some(id))
    }

    /// Which file it is. A copy, of another inode, is its original where that is no more, and nothing of its own where that is still
    /// there: by the first line, and by what stands where both end or where the original was left.
    fn known_as(&mut self, open: &mut Open, inodes: &HashSet<u64>) -> io::Result<Known> {
        let id = open.id;
        if self.cursor.marks.contains_key(&id) {
            return Ok(Known::As(id));
        }
        let alike = self.cursor.marks.iter();
        let alike: Vec<(FileId, Mark)> = alike
            .filter(|(known, _)| known.is_alike(id))
            .map(|(known, mark)| (*known, mark.clone()))
            .collect();
        for (known, mark) in alike {
            let is_there = known.is_among(inodes);
            let was_left_so = match mark.tail {
                Some(_) => mark.tail == open.tail_at(mark.offset)?,
                // Of before there were any, or nothing is confirmed.
                None => true,
            };
            let Some(at) = self.files.iter().position(|file| file.id == known) else {
                if let Some(mut original) = original_of(known, &mark).filter(|_| is_there) {
                    if open.is_copy_of(&mut original)? {
                        return Ok(Known::CopyOf(known));
                    }
                } else if was_left_so && mark.offset >= TAIL {
                    return Ok(Known::As(known));
                }
                continue;
            };
            let Some(file) = self.files.get_mut(at) else {
                continue;
            };
            let is_it = match file.is_still()? {
                false => was_left_so,
                true if is_there && open.is_copy_of(&mut file.open)? => {
                    return Ok(Known::CopyOf(known));
                }
                true => !is_there && open.has_what_is_in(&mut file.open)?,
            };
            if is_it {
                self.files.remove(at);
                return Ok(Known::As(known));
            }
        }
        Ok(Known::As(id))
    }

    /// Closes what was read to its end and does not grow.
    fn forget_finished(&mut self) {
        for file in &mut self.files {
            let is_idle = (self.is_full || file.last_grown.elapsed() > IDLE)
                && file.open.length().is_some_and(|length| length == file.read);
            file.is_finished |= is_idle;
        }
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let is_over = |file: &Following| file.is_finished && !in_flight.contains(&file.id);
        for file in self.files.iter().filter(|file| is_over(file)) {
            // Under its name there may be another by now.
            if let Some(candidate) = Candidate::at(file.path.clone())
                && file.open.is_at(&candidate)
            {
                let finished = Finished {
                    id: file.id,
                    shape: candidate.shape(),
                };
                self.finished.insert(candidate.path, finished);
            }
        }
        self.files.retain(|file| !is_over(file));
        self.finished.retain(|path, _| path.exists());
        self.copies.retain(|path, _| path.exists());
    }

    /// Closes removed files while nothing of them can be delivered: the disk has their space back then.
    fn let_go_of_removed(&mut self) {
        let wait = self.settings.rotate_wait;
        let is_stuck = self.last_delivered.elapsed() >= wait;
        self.files.retain_mut(|file| {
            if !file.open.is_removed() {
                return true;
            }
            let since = file.removed.get_or_insert_with(Instant::now);
            !is_stuck || since.elapsed() < wait
        });
    }

    /// Forgets files that are no more, and tells what of them was not shipped.
    fn forget_removed(&mut self, seen: &HashSet<FileId>) {
        let still_read: HashSet<FileId> = self.files.iter().map(|file| file.id).collect();
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let gone: Vec<FileId> = self
            .cursor
            .marks
            .keys()
            .filter(|id| !seen.contains(id) && !still_read.contains(id) && !in_flight.contains(id))
            .copied()
            .collect();
        for id in gone {
            let Some(mark) = self.cursor.marks.remove(&id) else {
                continue;
            };
            self.is_unsaved = true;
            let bytes = mark.bytes.saturating_sub(mark.offset);
            if bytes > 0 {
                self.delivery.stats.add(Counter::lost_bytes, bytes);
                self.delivery.told.tell(&Diagnosis::UnshippedRemoved {
                    file: mark.name,
                    bytes,
                });
            }
        }
    }

    /// Reads a batch of the next file that has one, and hands it out.
    fn hand_out(&mut self, is_stopping: bool) -> bool {
        for _ in 0..self.files.len() {
            self.next_file = (self.next_file + 1) % self.files.len();
            let Some(file) = self.files.get_mut(self.next_file) else {
                return false;
            };
            match file.next_batch(&self.settings, is_stopping, &mut self.spare) {
                Ok(Some(batch)) => {
                    let tail = file.tail;
                    if let Some(mark) = self.cursor.marks.get_mut(&batch.file)
                        && let Some(stamps) = file
                            .distinct
                            .stamps
                            .keep(batch.start..batch.end(), mark.offset)
                    {
                        mark.stamps = stamps;
                        self.is_unsaved = true;
                        self.save();
                    }
                    let number = self.next_number;
                    self.next_number += 1;
                    self.in_flight.push_back(Flight {
                        number,
                        file: batch.file,
                        generation: batch.generation,
                        end: batch.end(),
                        tail,
                        is_done: false,
                    });
                    // There is room: no more are in flight than fit.
                    return self
                        .to_deliver
                        .as_ref()
                        .is_some_and(|to| to.send((number, batch)).is_ok());
                }
                Ok(None) => {}
                Err(error) => {
                    file.since = None;
                    // There is no time to come at which it could be read.
                    file.is_finished |= self.settings.to_end;
                    let path = file.path.clone();
                    self.note_unread(&path, &error);
                }
            }
        }
        false
    }

    fn unshipped(&self) -> u64 {
        self.cursor
            .marks
            .values()
            .map(|mark| mark.bytes.saturating_sub(mark.offset))
            .sum()
    }
}

/// A file that the cursor knows, where it is still under its last name, and what it was.
fn original_of(known: FileId, mark: &Mark) -> Option<Open> {
    let mut original = Open::at(Path::new(&mark.name)).ok()??;
    let is_still = mark.tail.is_none() || original.tail_at(mark.offset).ok()? == mark.tail;
    (original.id == known && is_still).then_some(original)
}

/// Which file one is that the cursor does not know.
enum Known {
    As(FileId),
    CopyOf(FileId),
}

impl Following {
    /// Whether it is what was read, and not emptied in place since.
    fn is_still(&mut self) -> io::Result<bool> {
        if !self.open.is_still()? {
            return Ok(false);
        }
        let is_same = self.open.is_packed()
            || self.tail.is_none()
            || self.tail == self.open.tail_at(self.read)?;
        Ok(is_same)
    }

    /// Learns the times of the lines before.
    fn look_back(&mut self) -> io::Result<()> {
        let mut at = self.read.saturating_sub(LOOK_BACK);
        let mut is_within_line = at > 0;
        while at < self.read {
            let bytes = usize::try_from(self.read - at)
                .unwrap_or(usize::MAX)
                .min(1 << 20);
            let chunk = self.open.read(at, bytes, true, Vec::new())?;
            if chunk.text.is_empty() {
                break;
            }
            let mut text = chunk.text;
            text.truncate(usize::try_from(self.read - at).unwrap_or(usize::MAX));
            let begin = match is_within_line {
                true => text
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or(text.len(), |end| end + 1),
                false => 0,
            };
            is_within_line = false;
            let end = at + text.len() as u64;
            let start = at + begin as u64;
            Batch::new(self.id, start, text.split_off(begin), &mut self.distinct);
            at = end;
        }
        Ok(())
    }

    /// The next lines, if they are many or old enough.
    fn next_batch(
        &mut self,
        settings: &Settings,
        is_stopping: bool,
        spare: &mut Vec<Batch>,
    ) -> io::Result<Option<Batch>> {
        let Some(since) = self.since else {
            return Ok(None);
        };
        if !self.is_still()? {
            // The next look sees what it is now.
            self.since = None;
            return Ok(None);
        }
        let length = self.open.length();
        let is_much = length
            .is_none_or(|length| length.saturating_sub(self.read) >= settings.batch_bytes as u64);
        if !is_much && !is_stopping && since.elapsed() < settings.max_age {
            return Ok(None);
        }
        let to_end = settings.to_end || self.open.is_packed() || self.open.is_removed();
        let (text, lines) = spare.pop().map(Batch::into_parts).unwrap_or_default();
        let chunk = self
            .open
            .read(self.read, settings.batch_bytes, to_end, text)?;
        let bytes = chunk.text.len();
        self.distinct.stamps.begin(self.open.modified(), self.read);
        let mut batch = Batch::within(
            self.id,
            self.read,
            chunk.text,
            lines,
            settings.batch_lines,
            &mut self.distinct,
        );
        // Of many lines some are left for the next.
        if chunk.is_last && batch.bytes() == bytes {
            self.since = None;
            self.is_finished = self.open.is_packed() || self.open.is_removed();
        }
        if bytes == 0 {
            return Ok(None);
        }
        batch.generation = self.generation;
        self.read = batch.end();
        if !self.open.is_packed() {
            self.tail = self.open.tail_at(self.read)?;
        }
        Ok(Some(batch))
    }
}

/// Delivers batches until there are no more to come.
fn deliver_all(
    batches: &Mutex<Receiver<(u64, Batch)>>,
    done: &Sender<(u64, Batch)>,
    delivery: &Delivery,
) {
    crate::quiet::be_quiet();
    let mut body = Body::default();
    loop {
        let next = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((number, batch)) = next else { return };
        if delivery.deliver(&batch, &mut body).is_err() || done.send((number, batch)).is_err() {
            return;
        }
    }
}
