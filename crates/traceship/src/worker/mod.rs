//! The thread that finds and reads files, dispatches batches, and advances the cursor.

mod finished_file;
mod followed_file;
mod scan;

use self::{finished_file::FinishedFile, followed_file::FollowedFile};
use super::{
    batch::Batch,
    body::Body,
    cursor::Cursor,
    delivery::Delivery,
    files::{FileId, Sources},
    settings::Settings,
    stats::Remaining,
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

/// How often the cursor is saved at most while lines are shipped.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How long the worker waits for a delivered batch at most before it checks everything else again.
const MAX_WAIT: Duration = Duration::from_millis(500);

/// The state of that thread.
pub(super) struct Worker {
    settings: Settings,
    sources: Sources,
    cursor: Cursor,
    delivery: Arc<Delivery>,
    files: Vec<FollowedFile>,
    /// Files that were read to their end and closed, by path.
    finished: HashMap<PathBuf, FinishedFile>,
    /// Copies, by path: their size and modification time, and the identity of their original.
    copies: HashMap<PathBuf, ((u64, SystemTime), FileId)>,
    /// Paths of files that could not be read.
    unread: HashSet<PathBuf>,
    /// Files in the cursor that exist but are not among the files to ship.
    unlisted: HashSet<FileId>,
    /// Whether files wait until fewer are open.
    is_at_file_limit: bool,
    /// Whether some files could not be identified yet.
    has_unidentified: bool,
    in_flight: VecDeque<InFlight>,
    batch_sender: Option<SyncSender<(u64, Batch)>>,
    delivered: Receiver<(u64, Batch)>,
    /// Delivered batches. Their memory is reused.
    spare: Vec<Batch>,
    next_number: u64,
    next_file: usize,
    last_scan: Option<Instant>,
    /// When the last batch was delivered, or this shipper was started.
    last_delivery: Instant,
    last_save: Instant,
    is_unsaved: bool,
}

/// A batch that was dispatched and is not yet confirmed without a gap.
struct InFlight {
    number: u64,
    file: FileId,
    generation: u64,
    end: u64,
    /// The checksum of the bytes before the end.
    tail: Option<u32>,
    is_done: bool,
}

impl Worker {
    pub(super) fn new(
        settings: Settings,
        sources: Sources,
        cursor: Cursor,
        delivery: Arc<Delivery>,
    ) -> io::Result<Self> {
        let (batch_sender, batches) = mpsc::sync_channel(settings.in_flight);
        let (done, delivered) = mpsc::channel();
        let batches = Arc::new(Mutex::new(batches));
        for number in 0..settings.in_flight {
            let (batches, done, delivery) =
                (Arc::clone(&batches), done.clone(), Arc::clone(&delivery));
            thread::Builder::new()
                .name(format!("traceship-{number}"))
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
            unlisted: HashSet::new(),
            is_at_file_limit: false,
            has_unidentified: false,
            in_flight: VecDeque::new(),
            batch_sender: Some(batch_sender),
            delivered,
            spare: Vec::new(),
            next_number: 0,
            next_file: 0,
            last_scan: None,
            last_delivery: Instant::now(),
            last_save: Instant::now(),
            is_unsaved: false,
        })
    }

    /// Ships until the shipper is stopped. Returns what is left.
    pub(super) fn run(mut self) -> Remaining {
        let control = Arc::clone(&self.delivery.control);
        loop {
            self.take_delivered();
            self.save_if_due();
            if control.is_past_deadline() {
                break;
            }
            // This is read before the files are scanned, so that lines written before the call of `shutdown` are delivered.
            let is_stopping = control.is_stopping();
            self.scan(is_stopping);
            if self.in_flight.len() < self.settings.in_flight && self.dispatch_batch(is_stopping) {
                continue;
            }
            if !self.in_flight.is_empty() {
                match self
                    .delivered
                    .recv_timeout(self.settings.poll.min(MAX_WAIT))
                {
                    Ok((number, batch)) => self.note_delivered(number, batch),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            } else if is_stopping && !self.is_at_file_limit {
                break;
            } else if self.is_at_file_limit {
                thread::sleep(Duration::from_millis(10));
            } else {
                self.save();
                self.spare.clear();
                control.sleep(self.idle_time());
            }
        }
        self.batch_sender = None;
        self.take_delivered();
        self.delivery.give_up_parked();
        self.save();
        Remaining {
            unshipped_bytes: self.unshipped_bytes(),
            unread_files: self.unread.len(),
        }
    }

    /// Returns the time until the next scan, or until waiting lines are old enough.
    fn idle_time(&self) -> Duration {
        let waits = self.files.iter().filter_map(|file| file.waiting_since);
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

    /// Notes that a batch is delivered, and advances the cursor over all batches that are delivered without a gap.
    fn note_delivered(&mut self, number: u64, batch: Batch) {
        self.last_delivery = Instant::now();
        // The memory of an unusually long line is not kept.
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

    fn save_if_due(&mut self) {
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
            // At worst, lines that are already confirmed are sent again after a restart.
            Err(error) => self
                .delivery
                .reporter
                .report_problem(format!("the cursor cannot be saved: {error}")),
        }
    }

    /// Reads a batch from the next file that has one, and passes it to the threads that deliver. Returns whether there was one.
    fn dispatch_batch(&mut self, is_stopping: bool) -> bool {
        for _ in 0..self.files.len() {
            self.next_file = (self.next_file + 1) % self.files.len();
            let Some(file) = self.files.get_mut(self.next_file) else {
                return false;
            };
            match file.next_batch(&self.settings, is_stopping, &mut self.spare) {
                Ok(Some(batch)) => {
                    let tail = file.tail;
                    if let Some(mark) = self.cursor.marks.get_mut(&batch.file)
                        && let Some(fallback_times) = file
                            .times
                            .fallback_times
                            .keep(batch.start..batch.end(), mark.offset)
                    {
                        mark.fallback_times = fallback_times;
                        self.is_unsaved = true;
                        self.save();
                    }
                    let number = self.next_number;
                    self.next_number += 1;
                    self.in_flight.push_back(InFlight {
                        number,
                        file: batch.file,
                        generation: batch.generation,
                        end: batch.end(),
                        tail,
                        is_done: false,
                    });
                    // This does not block: the channel has room for as many batches as are in flight.
                    return self
                        .batch_sender
                        .as_ref()
                        .is_some_and(|to| to.send((number, batch)).is_ok());
                }
                Ok(None) => {}
                Err(error) => {
                    file.waiting_since = None;
                    // A back-fill does not try again.
                    file.is_finished |= self.settings.is_backfill;
                    let path = file.path.clone();
                    self.note_unread(&path, &error);
                }
            }
        }
        false
    }

    fn unshipped_bytes(&self) -> u64 {
        let marks = self.cursor.marks.iter();
        marks
            .filter(|(id, _)| !self.unlisted.contains(id))
            .map(|(_, mark)| mark.bytes.saturating_sub(mark.offset))
            .sum()
    }
}

/// Delivers batches until the worker ends.
fn deliver_all(
    batches: &Mutex<Receiver<(u64, Batch)>>,
    done: &Sender<(u64, Batch)>,
    delivery: &Delivery,
) {
    crate::shipping_thread::mark();
    let mut body = Body::default();
    loop {
        let next = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(delivery.parked_pause());
        let (number, batch) = match next {
            Ok(next) => next,
            Err(RecvTimeoutError::Timeout) => {
                delivery.retry_parked();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if delivery.deliver(&batch, &mut body).is_err() || done.send((number, batch)).is_err() {
            return;
        }
    }
}
