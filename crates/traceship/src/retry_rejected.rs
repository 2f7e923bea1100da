//! Sends the lines of the file of rejected lines again.

use super::{
    batch::Batch,
    body::Body,
    control::Control,
    delivery::Delivery,
    parked::ParkedRequests,
    record,
    record_file::RecordFile,
    rejection::Rejection,
    reporter::Reporter,
    settings::Settings,
    shipper::Shipper,
    stats::{Remaining, Report, Stats},
    target::Target,
};
use crate::error::Error;
use log_files::disk;
use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
    sync::Arc,
};

impl Shipper {
    /// Sends the lines of the file of rejected lines again, for example after a limit of the server was raised. Each is sent with the same
    /// id, time and text as before. Lines that the server accepts are removed from the file; it keeps the others, with the new message.
    ///
    /// If there are rules of redaction, a line that was rejected before they were set or changed is redacted first.
    ///
    /// It needs the same target, name and state folder as the shipper that rejected the lines, which must not run meanwhile. If the process
    /// is killed, the file stays as it was, and the lines are sent again the next time.
    ///
    /// # Errors
    ///
    /// If another shipper uses the cursor, neither files nor a state folder are set, or the file of rejected lines cannot be read or
    /// replaced.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// let report = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").retry_rejected()?;
    /// println!("{} accepted, {} still rejected", report.stats().shipped(), report.stats().rejected());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn retry_rejected(mut self) -> Result<Report, Error> {
        let folder = self.folder().ok_or_else(|| {
            Error::invalid_input(
                "neither files nor a state folder are set: name them by `with_files` or `with_state`",
            )
        })?;
        self.settings.rules.check()?;
        // The positions in the files stay as they are.
        self.from_start = false;
        let opened = self.open(&folder)?.reported();
        // It is locked until the end.
        let _cursor = opened.cursor;
        opened.control.stop(opened.timeout);
        let mut retry = Retry {
            target: self.target.clone(),
            settings: &self.settings,
            stats: Stats::of(&self.settings.rules),
            reporter: opened.reporter,
            control: opened.control,
            unsent: 0,
            damaged_files: 0,
        };
        let rejected = RecordFile::rejected(&folder, &self.name());
        let path = rejected.path();
        for path in [&RecordFile::older_path(path), path] {
            retry.run(path).map_err(|error| {
                let message = format!("{} cannot be read or replaced", path.display());
                Error::system(message).caused_by(error)
            })?;
        }
        Ok(Report {
            stats: retry.stats,
            remaining: Remaining {
                unshipped_bytes: retry.unsent,
                is_cursor_saved: true,
                is_timed_out: retry.unsent > 0,
                unread_files: retry.damaged_files,
            },
        })
    }
}

struct Retry<'s> {
    target: Target,
    settings: &'s Settings,
    stats: Stats,
    reporter: Arc<Reporter>,
    control: Arc<Control>,
    /// How many bytes of records were not sent, because the time was over.
    unsent: u64,
    /// How many files have records that cannot be sent. They are kept.
    damaged_files: usize,
}

impl Retry<'_> {
    /// Sends the lines of one file, and replaces it by one with those that are rejected again.
    fn run(&mut self, path: &Path) -> io::Result<()> {
        let file = match disk::open_to_read(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let delivery = Delivery::new(
            self.target.clone(),
            self.target.client(),
            RecordFile::replacement_of(path)?,
            ParkedRequests::none(),
            self.stats.clone(),
            Arc::clone(&self.reporter),
            Arc::clone(&self.control),
        );
        let mut records = BufReader::new(file);
        let (mut batch, mut raw, mut body) = (Batch::default(), Vec::new(), Body::default());
        let mut is_damaged = false;
        loop {
            let start = raw.len();
            let is_end = records.read_until(b'\n', &mut raw)? == 0;
            let record = raw.get(start..).unwrap_or_default();
            if !is_end && !record::add(&mut batch, record, &self.settings.reader) {
                self.reporter.report_problem(format!(
                    "{} has a record that cannot be sent as it was",
                    path.display()
                ));
                is_damaged = true;
                delivery.rejected.append_records(raw.split_off(start))?;
                continue;
            }
            let is_full =
                raw.len() >= self.settings.batch_bytes || batch.len() >= self.settings.batch_lines;
            if is_end || is_full {
                self.settings
                    .rules
                    .redact(&mut batch, &self.settings.reader);
                self.deliver(&delivery, &batch, std::mem::take(&mut raw), &mut body)?;
                batch.clear();
            }
            if is_end {
                break;
            }
        }
        self.damaged_files += usize::from(is_damaged);
        drop(records);
        delivery.rejected.finish()
    }

    /// Delivers the lines of a batch. Keeps their records if the time is over, or if the server has rejected some without saying which.
    fn deliver(
        &mut self,
        delivery: &Delivery,
        batch: &Batch,
        records: Vec<u8>,
        body: &mut Body,
    ) -> io::Result<()> {
        let unnamed = self.stats.rejected_by(Rejection::Unnamed);
        if batch.len() == 0 {
            return Ok(());
        }
        if self.control.is_past_deadline() || delivery.deliver(batch, body).is_err() {
            self.unsent += records.len() as u64;
        } else if self.stats.rejected_by(Rejection::Unnamed) == unnamed {
            return Ok(());
        }
        delivery.rejected.append_records(records).map(drop)
    }
}
