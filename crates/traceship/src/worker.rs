//! The thread that reads files, dispatches batches, and moves the cursor.

use crate::{
    batch::Batch, body::Body, control::Control, delivery::Delivery, gauges::MAX_FILES,
    health::Health, reading::Follower, shipping_thread, stats::Remaining,
};
use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

/// How often the cursor is saved at most while lines are shipped.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How long the worker waits for a delivered batch at most before it checks everything else again.
const MAX_WAIT: Duration = Duration::from_millis(500);
/// The shortest pause between two checks for work.
const MIN_WAIT: Duration = Duration::from_millis(10);

/// How often the names of the largest waiting files are updated while there is something to do.
const PUBLISH_EVERY: Duration = Duration::from_secs(5);

/// The state of that thread.
pub(super) struct Worker {
    follower: Follower,
    delivery: Arc<Delivery>,
    poll: Duration,
    max_in_flight: usize,
    /// Batches that were dispatched and are not yet confirmed without a gap.
    in_flight: VecDeque<InFlight>,
    sender: Option<SyncSender<(u64, Batch)>>,
    delivered: Receiver<(u64, Batch)>,
    /// Delivered batches. Their memory is reused.
    spare: Vec<Batch>,
    next_number: u64,
    /// Lines that an earlier shipper has left to this one. They are sent first.
    restored: Option<Batch>,
    /// The number of the batch with these lines, while it is in flight.
    restored_number: Option<u64>,
    last_save: Instant,
    last_publish: Instant,
    /// Whether batches were confirmed since then.
    has_confirmed: bool,
    /// How many times the shipper has reloaded.
    reloads: u64,
    /// Whether to deliver what the files have now, without waiting for more lines.
    is_draining: bool,
}

struct InFlight {
    number: u64,
    delivered: Option<Batch>,
}

impl Worker {
    pub(super) fn new(
        follower: Follower,
        delivery: Arc<Delivery>,
        restored: Batch,
        poll: Duration,
        max_in_flight: usize,
    ) -> io::Result<Self> {
        let (sender, batches) = mpsc::sync_channel(max_in_flight);
        let (done, delivered) = mpsc::channel();
        let batches = Arc::new(Mutex::new(batches));
        for number in 0..max_in_flight {
            let (batches, done, delivery) =
                (Arc::clone(&batches), done.clone(), Arc::clone(&delivery));
            thread::Builder::new()
                .name(format!("traceship-{number}"))
                .spawn(move || deliver_all(&batches, &done, &delivery))?;
        }
        Ok(Self {
            follower,
            delivery,
            poll,
            max_in_flight,
            in_flight: VecDeque::new(),
            sender: Some(sender),
            delivered,
            spare: Vec::new(),
            next_number: 0,
            restored: Some(restored),
            restored_number: None,
            last_save: Instant::now(),
            last_publish: Instant::now(),
            has_confirmed: true,
            reloads: 0,
            is_draining: false,
        })
    }

    pub(super) fn health(&self) -> Health {
        self.delivery.reporter.health.clone()
    }

    /// Ships until the shipper is stopped. Returns what is left.
    pub(super) fn run(mut self) -> Remaining {
        let control = Arc::clone(&self.delivery.control);
        let health = self.health();
        let mut has_looked_last = false;
        let mut is_timed_out = false;
        self.dispatch_restored();
        loop {
            health.note_turn();
            self.take_delivered();
            self.save_if_due();
            self.publish_if_due();
            if control.is_past_deadline() {
                is_timed_out = true;
                break;
            }
            let must_reload = self.reload_if_asked(&control);
            // This is read before the files are looked at, so that lines written before the call of `shutdown` are delivered.
            let is_stopping = control.is_stopping();
            let must_look =
                !has_looked_last || (self.in_flight.is_empty() && self.follower.must_look());
            self.follower
                .look((is_stopping && must_look) || must_reload);
            has_looked_last |= is_stopping;
            let is_draining = is_stopping || self.is_draining;
            if self.in_flight.len() < self.max_in_flight {
                if self.dispatch(is_draining) {
                    continue;
                }
                self.is_draining = false;
            }
            if !self.in_flight.is_empty() {
                self.delivery.stats.gauges().note_waiting(true);
                match self.delivered.recv_timeout(self.poll.min(MAX_WAIT)) {
                    Ok((number, batch)) => self.note_delivered(number, batch),
                    Err(RecvTimeoutError::Timeout) => {}
                    // The threads that deliver end when the time is over.
                    Err(RecvTimeoutError::Disconnected) => {
                        is_timed_out = control.is_past_deadline();
                        break;
                    }
                }
            } else if is_stopping {
                if self.follower.must_look() {
                    continue;
                }
                break;
            } else {
                self.save();
                self.spare.clear();
                self.follower.count_waiting(false);
                self.note_idle();
                self.wait(&control);
            }
        }
        self.sender = None;
        self.take_delivered();
        self.save();
        Remaining {
            unshipped_bytes: self.follower.unshipped_bytes() + self.delivery.parked.close(),
            unread_files: self.follower.unread_files(),
            is_cursor_saved: self.follower.is_saved(),
            is_timed_out,
        }
    }

    /// Renews the client if a reload was asked for. Returns whether to look at all files.
    fn reload_if_asked(&mut self, control: &Control) -> bool {
        let reloads = control.reloads();
        if self.reloads == reloads {
            return false;
        }
        self.reloads = reloads;
        self.delivery.renew_client();
        self.is_draining = true;
        true
    }

    /// Notes whether lines wait, before the worker waits for something to do.
    fn note_idle(&mut self) {
        let is_waiting = self.follower.due_in().is_some();
        self.delivery.stats.gauges().note_waiting(is_waiting);
        if !is_waiting {
            self.delivery.reporter.health.note_progress();
        }
        if self.has_confirmed || self.delivery.stats.waiting_bytes() > 0 {
            self.publish();
        }
    }

    fn publish_if_due(&mut self) {
        if self.last_publish.elapsed() >= PUBLISH_EVERY {
            self.publish();
        }
    }

    /// Updates the gauges of waiting bytes.
    fn publish(&mut self) {
        self.last_publish = Instant::now();
        self.has_confirmed = false;
        self.follower.count_waiting(false);
        let largest = self.follower.largest_waiting(MAX_FILES);
        self.delivery.stats.gauges().set_largest(largest);
    }

    /// Waits until there may be something to do.
    fn wait(&self, control: &Control) {
        let look = self.follower.look_due_in();
        let wait = self.follower.due_in().map_or(look, |due| due.min(look));
        control.sleep(wait.max(MIN_WAIT));
    }

    fn take_delivered(&mut self) {
        while let Ok((number, batch)) = self.delivered.try_recv() {
            self.note_delivered(number, batch);
        }
    }

    /// Notes that a batch is delivered, and moves the cursor over all batches that are delivered without a gap.
    fn note_delivered(&mut self, number: u64, batch: Batch) {
        if let Some(flight) = self
            .in_flight
            .iter_mut()
            .find(|flight| flight.number == number)
        {
            flight.delivered = Some(batch);
        }
        while let Some(flight) = self.in_flight.front_mut()
            && let Some(batch) = flight.delivered.take()
        {
            let is_restored = self.restored_number == Some(flight.number);
            self.in_flight.pop_front();
            self.delivery.reporter.health.note_progress();
            if is_restored {
                self.delivery.finish_restore();
                continue;
            }
            self.follower.confirm(&batch.segments);
            self.has_confirmed = true;
            if let Some(nanos) = batch.lines.iter().map(|line| line.nanos).max() {
                self.delivery.stats.gauges().note_confirmed(nanos);
            }
            self.spare.push(batch);
        }
    }

    fn save_if_due(&mut self) {
        if self.last_save.elapsed() >= SAVE_EVERY {
            self.save();
        }
    }

    fn save(&mut self) {
        self.last_save = Instant::now();
        if let Err(error) = self.follower.save() {
            // At worst, lines that are already confirmed are sent again after a restart.
            self.delivery
                .reporter
                .report_problem(format!("the cursor cannot be saved: {error}"));
        }
    }

    /// Reads a batch, and passes it to the threads that deliver. Returns whether there was one.
    fn dispatch(&mut self, is_stopping: bool) -> bool {
        let mut batch = self.spare.pop().unwrap_or_default();
        if !self.follower.next_batch(&mut batch, is_stopping) {
            self.spare.push(batch);
            return false;
        }
        if let Err(error) = self.follower.save_for(&batch) {
            self.delivery
                .reporter
                .report_problem(format!("the cursor cannot be saved: {error}"));
        }
        self.send(batch)
    }

    /// Passes the lines that an earlier shipper has left to the threads that deliver.
    fn dispatch_restored(&mut self) {
        match self.restored.take() {
            Some(batch) if batch.len() > 0 => {
                self.restored_number = Some(self.next_number);
                self.send(batch);
            }
            _ => self.delivery.finish_restore(),
        }
    }

    /// Passes a batch to the threads that deliver. Returns whether they still run.
    fn send(&mut self, batch: Batch) -> bool {
        let number = self.next_number;
        self.next_number += 1;
        self.in_flight.push_back(InFlight {
            number,
            delivered: None,
        });
        // This does not block: the channel has room for as many batches as are in flight.
        self.sender
            .as_ref()
            .is_some_and(|to| to.send((number, batch)).is_ok())
    }
}

/// Delivers batches until the worker ends.
fn deliver_all(
    batches: &Mutex<Receiver<(u64, Batch)>>,
    done: &Sender<(u64, Batch)>,
    delivery: &Delivery,
) {
    shipping_thread::mark();
    let mut body = Body::default();
    loop {
        let next = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(delivery.parked_pause());
        let (number, batch) = match next {
            Ok(next) => next,
            Err(RecvTimeoutError::Timeout) => {
                delivery.retry_parked(&mut body);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if delivery.deliver(&batch, &mut body).is_err() || done.send((number, batch)).is_err() {
            return;
        }
    }
}
