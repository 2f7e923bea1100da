//! The thread that reads, hands out, and passes the cursor over what is confirmed.

mod following;
mod looking;

use self::{following::Following, looking::Finished};
use super::{
    batch::Batch,
    body::Body,
    cursor::Cursor,
    delivery::Delivery,
    files::{FileId, Sources},
    shipper::Settings,
    stats::End,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    path::PathBuf,
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
    /// Files that are there and are not among those to ship.
    left: HashSet<FileId>,
    /// Some files wait for others.
    is_full: bool,
    /// Of some files it is not known yet which they are.
    has_unknown: bool,
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
            left: HashSet::new(),
            is_full: false,
            has_unknown: false,
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
        let marks = self.cursor.marks.iter();
        marks
            .filter(|(id, _)| !self.left.contains(id))
            .map(|(_, mark)| mark.bytes.saturating_sub(mark.offset))
            .sum()
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
