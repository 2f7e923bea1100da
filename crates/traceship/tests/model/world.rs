//! Logs, the shipper that ships them, and its server.

use super::{
    elasticsearch::Mood,
    files::Folder,
    log::{Kind, Log},
    losses::Losses,
    random::Random,
    stand::Stand,
};
use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};
use traceship::{Shipper, Shipping, Target};

/// The longest that shipping may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything of one run of the model.
pub(crate) struct World {
    seed: u64,
    random: Random,
    folder: Folder,
    stand: Stand,
    logs: Vec<Log>,
    shipping: Option<Shipping>,
    /// How many lines were written. They are numbered from 0 on.
    lines: u64,
    /// The lines that bring no ids of their own.
    others: BTreeSet<u64>,
    /// The lines that may be stored several times.
    may_repeat: BTreeSet<u64>,
    /// The lines that were removed before they were shipped.
    lost: BTreeSet<u64>,
    losses: Losses,
    /// Whether the shipper may not have looked at the files since it was started.
    is_fresh: bool,
    is_pattern: bool,
    /// What has happened.
    history: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let folder = Folder::new();
        let stand = match random.is_one_in(2) {
            true => Stand::loki(),
            false => Stand::elasticsearch(),
        };
        // This uses no random number, so that the seeds that have failed mean the same as before.
        let is_reserving = seed % 7 == 5;
        let log = |kind| Log::new(&folder.0, kind, is_reserving);
        let logs = [Kind::Own, Kind::Other, Kind::Text].map(log);
        let mut world = Self {
            seed,
            is_pattern: random.is_one_in(3),
            random,
            folder,
            stand,
            logs: logs.into(),
            shipping: None,
            lines: 0,
            others: BTreeSet::new(),
            may_repeat: BTreeSet::new(),
            lost: BTreeSet::new(),
            losses: Losses::default(),
            is_fresh: true,
            history: Vec::new(),
        };
        world.start();
        world
    }

    /// Does something, and checks what is stored now and then.
    pub(crate) fn step(&mut self) -> Result<(), String> {
        let log = self.random.index(self.logs.len());
        match self.random.below(100) {
            0..30 => self.append(log),
            30..34 => self.tear(log),
            34..42 => {
                self.note(log, "rotated");
                self.logs[log].rotate();
            }
            42..48 => self.copy_and_empty(log),
            48..50 => self.copy_append_and_empty(log)?,
            50..59 => self.compress(log),
            59..62 => self.remove_oldest(log)?,
            62..65 => self.replace(log)?,
            65..67 => self.remove_held(log)?,
            67..72 => self.stop(),
            72..80 => self.start(),
            80..84 => self.kill(),
            84..87 => self.kill_program(),
            87..90 => self.lose_replies(log),
            90..92 => self.be_down(log),
            92..94 => self.lose(log)?,
            94..98 => thread::sleep(Duration::from_millis(self.random.below(80))),
            _ => self.settle()?,
        }
        Ok(())
    }

    /// Ships everything, and checks what is stored.
    pub(crate) fn end(mut self) -> Result<(), String> {
        self.settle()?;
        thread::sleep(Duration::from_millis(50));
        self.stop();
        self.run_once()?;
        self.check().map(drop)
    }

    fn append(&mut self, log: usize) {
        let lines = match self.random.below(10) {
            0 => 200,
            1..4 => 40,
            _ => 5,
        };
        let lines = 1 + self.random.below(lines);
        self.note(log, &format!("{lines} lines from {} on", self.lines));
        if self.logs[log].kind == Kind::Text
            && !self.logs[log].path().exists()
            && self.random.is_one_in(2)
        {
            self.logs[log].append_banner();
        }
        for _ in 0..lines {
            let number = self.number_for(log);
            self.logs[log].append(number);
        }
    }

    fn tear(&mut self, log: usize) {
        self.note(log, &format!("a torn line {}", self.lines));
        let number = self.number_for(log);
        self.logs[log].tear(number);
    }

    fn copy_and_empty(&mut self, log: usize) {
        self.note(log, "copied and emptied");
        let repeats = self.logs[log].copy();
        self.may_repeat.extend(repeats);
        self.logs[log].empty();
    }

    /// Lines are shipped between copying and emptying a file, so the copy ends before what was read.
    fn copy_append_and_empty(&mut self, log: usize) -> Result<(), String> {
        if self.shipping.is_none() {
            return Ok(());
        }
        self.note(log, "copied");
        let repeats = self.logs[log].copy_to_grow();
        self.may_repeat.extend(repeats);
        self.append(log);
        self.settle()?;
        // Once this line is stored too, the shipper has looked at the copy.
        let number = self.number_for(log);
        self.logs[log].append(number);
        self.settle()?;
        self.note(log, "emptied");
        self.logs[log].empty();
        Ok(())
    }

    fn compress(&mut self, log: usize) {
        let files = self.logs[log].closed_files();
        let index = self.random.index(files);
        self.note(log, &format!("closed file {} compressed", index + 1));
        let repeats = self.logs[log].compress(index);
        self.may_repeat.extend(repeats);
    }

    fn remove_oldest(&mut self, log: usize) -> Result<(), String> {
        if self.shipping.is_some() {
            self.settle()?;
            self.note(log, "the oldest file removed");
            self.logs[log].remove_oldest();
        }
        Ok(())
    }

    fn replace(&mut self, log: usize) -> Result<(), String> {
        if self.shipping.is_some() {
            self.settle()?;
            self.note(log, "removed");
            self.logs[log].remove_current();
            self.append(log);
        }
        Ok(())
    }

    /// Removes a file that its writer holds and that the shipper has open, and writes to it.
    fn remove_held(&mut self, log: usize) -> Result<(), String> {
        if !cfg!(unix) || self.shipping.is_none() {
            return Ok(());
        }
        self.append(log);
        self.settle()?;
        self.note(log, "removed while its writer writes");
        let file = fs::File::options().append(true).open(self.logs[log].path());
        let mut file = file.expect("the file exists");
        self.logs[log].remove_current();
        for _ in 0..3 {
            let number = self.number_for(log);
            let line = self.logs[log].line(number);
            file.write_all(line.as_bytes())
                .expect("the line is written");
        }
        self.settle()
    }

    /// Removes lines that the shipper has seen and could not ship.
    fn lose(&mut self, log: usize) -> Result<(), String> {
        self.stop();
        self.run_once()?;
        self.history.push("start without a server".to_owned());
        let (target, listener) = self.stand.deaf_target();
        self.shipping = Some(self.retry(target, Shipper::start));
        self.append(log);
        let copy = match self.random.is_one_in(2) {
            true => Some((self.logs[log].copy_aside(), self.logs[log].unsettled())),
            false => None,
        };
        self.append(log);
        let (bytes, lines) = self.logs[log].unsettled();
        self.wait_until_seen(bytes)?;
        self.kill();
        drop(listener);
        let (copied_bytes, copied) = match copy {
            Some((copy, copied)) => {
                self.note(log, &format!("copied up to {:?}", copied.1.last()));
                let repeats = self.logs[log].publish(copy);
                self.may_repeat.extend(repeats);
                if self.random.is_one_in(3) {
                    self.note(log, "the copy compressed");
                    let repeats = self.logs[log].compress(0);
                    self.may_repeat.extend(repeats);
                }
                copied
            }
            None => (0, Vec::new()),
        };
        match self.random.is_one_in(2) {
            true => {
                self.note(log, "emptied");
                self.logs[log].empty();
            }
            false => {
                self.note(log, "removed");
                self.logs[log].remove_current();
            }
        }
        if self.random.is_one_in(2) {
            self.append(log);
        }
        self.losses
            .expect(self.logs[log].kind, bytes - copied_bytes);
        self.lost
            .extend(lines.iter().filter(|line| !copied.contains(line)));
        self.run_once()
    }

    /// Waits until the shipper has seen as many bytes as it cannot ship.
    fn wait_until_seen(&self, bytes: u64) -> Result<(), String> {
        let begin = Instant::now();
        while let Some(shipping) = &self.shipping {
            shipping.wake();
            let waiting = shipping.stats().waiting_bytes();
            if waiting == bytes {
                break;
            }
            if begin.elapsed() > PATIENCE {
                return Err(self.failure(&format!("{waiting} bytes wait, but not {bytes}")));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ships what there is, after which all losses are reported.
    fn run_once(&mut self) -> Result<(), String> {
        self.history.push("run once".to_owned());
        // It would ship a torn line as it is.
        self.logs.iter_mut().for_each(Log::mend);
        // There is at least one file then.
        let number = self.number_for(0);
        self.logs[0].append(number);
        let report = self.retry(self.stand.target(), |shipper| {
            shipper.with_timeout(PATIENCE).run_once()
        });
        if report.unshipped_bytes() > 0 {
            let bytes = report.unshipped_bytes();
            return Err(self.failure(&format!("{bytes} bytes are not shipped")));
        }
        self.logs.iter_mut().for_each(Log::settle);
        match self.check()? {
            Some(number) => Err(self.failure(&format!("line {number} is missing"))),
            None => self.check_losses(),
        }
    }

    fn check_losses(&self) -> Result<(), String> {
        self.losses.check().map_err(|why| self.failure(&why))
    }

    fn number_for(&mut self, log: usize) -> u64 {
        let number = self.lines;
        self.lines += 1;
        if self.logs[log].kind != Kind::Own {
            self.others.insert(number);
        }
        number
    }

    fn start(&mut self) {
        if self.shipping.is_none() {
            self.history.push("start".to_owned());
            self.shipping = Some(self.retry(self.stand.target(), Shipper::start));
            self.is_fresh = true;
        }
    }

    /// Starts a shipper. The last one may still wait for a response.
    fn retry<T>(
        &self,
        target: Target,
        start: impl Fn(Shipper) -> Result<T, traceship::Error>,
    ) -> T {
        let begin = Instant::now();
        loop {
            match start(self.shipper(target.clone())) {
                Ok(started) => return started,
                Err(error) => assert!(begin.elapsed() < PATIENCE, "{error}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn shipper(&self, target: Target) -> Shipper {
        let files = match self.is_pattern {
            true => self.folder.at("*.log"),
            false => self.folder.0.clone(),
        };
        Shipper::new(target)
            .with_files(files)
            .with_max_age(Duration::from_millis(5))
            .with_poll_interval(Duration::from_millis(20))
            .with_batch_bytes(8 << 10)
            .with_rotate_wait(Duration::from_secs(2))
            .with_diagnostics(self.losses.callback())
    }

    /// Delivers the rest, and stops.
    fn stop(&mut self) {
        if let Some(shipping) = self.shipping.take() {
            self.history.push("stop".to_owned());
            let report = shipping.shutdown(Duration::from_secs(10));
            if report.unshipped_bytes() == 0 {
                self.logs.iter_mut().for_each(Log::settle);
            }
        }
    }

    /// Stops without waiting for a response.
    fn kill(&mut self) {
        if let Some(shipping) = self.shipping.take() {
            self.history.push("kill".to_owned());
            shipping.shutdown(Duration::ZERO);
        }
    }

    /// Lets the program ship, and kills it at any moment.
    fn kill_program(&mut self) {
        if self.shipping.is_some() {
            return;
        }
        // It would ship a torn line as it is.
        self.logs.iter_mut().for_each(Log::mend);
        let (mood, wait) = match self.random.is_one_in(2) {
            true => (Mood::LosesReplies, 150),
            false => (Mood::Accepts, 60),
        };
        let wait = Duration::from_millis(self.random.below(wait));
        self.history
            .push(format!("run the program for {wait:?}, {mood:?}"));
        self.stand.set_mood(mood);
        let files = self.folder.0.clone();
        let mut process = self
            .stand
            .program(&files)
            .arg("--once")
            .spawn()
            .expect("the process starts");
        thread::sleep(wait);
        let _ = process.kill();
        let output = process.wait_with_output().expect("the process ends");
        let messages = String::from_utf8_lossy(&output.stderr);
        self.losses.take_messages(&messages);
        self.stand.set_mood(Mood::Accepts);
    }

    /// Loses the replies of some requests. Maybe the shipper is killed before it sends the lines again.
    fn lose_replies(&mut self, log: usize) {
        if self.shipping.is_none() {
            return;
        }
        self.history.push("replies are lost".to_owned());
        self.stand.set_mood(Mood::LosesReplies);
        self.append(log);
        let (before, begin) = (self.stand.requests(), Instant::now());
        while self.stand.requests() == before && begin.elapsed() < Duration::from_millis(300) {
            thread::sleep(Duration::from_millis(5));
        }
        if self.random.is_one_in(2) {
            self.kill();
        }
        self.stand.set_mood(Mood::Accepts);
    }

    fn be_down(&mut self, log: usize) {
        self.history.push("the server is down".to_owned());
        self.stand.set_mood(Mood::IsDown);
        self.append(log);
        thread::sleep(Duration::from_millis(self.random.below(100)));
        self.stand.set_mood(Mood::Accepts);
    }

    /// Waits until everything is shipped and confirmed, and checks what is stored.
    fn settle(&mut self) -> Result<(), String> {
        self.start();
        self.history.push("settle".to_owned());
        self.logs.iter_mut().for_each(Log::mend);
        if self.is_fresh {
            // Once this line is stored, the shipper has seen all files.
            let number = self.number_for(0);
            self.logs[0].append(number);
            self.is_fresh = false;
        }
        let begin = Instant::now();
        loop {
            let missing = self.check()?;
            let waiting = self.shipping.as_ref().map_or(0, |shipping| {
                // What waits is counted by the next look at the files.
                shipping.wake();
                shipping.stats().waiting_bytes()
            });
            match missing {
                None if waiting == 0 => break,
                _ if begin.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(10)),
                None => return Err(self.failure(&format!("{waiting} bytes wait for ever"))),
                Some(number) => return Err(self.failure(&format!("line {number} is missing"))),
            }
        }
        self.logs.iter_mut().for_each(Log::settle);
        self.check_losses()
    }

    /// Checks that no line is repeated that must not be. Returns a line that is missing, if any is.
    fn check(&self) -> Result<Option<u64>, String> {
        let mut found = self.stand.numbers();
        let repeated = |pair: &&[u64]| pair[0] == pair[1] && !self.may_repeat.contains(&pair[0]);
        if let Some(pair) = found.windows(2).find(repeated) {
            let whose = match self.others.contains(&pair[0]) {
                true => "of another logger",
                false => "with its own id",
            };
            let what = format!("line {} {whose} is stored twice", pair[0]);
            return Err(self.failure(&format!("{what} {}", self.stand.times_of(pair[0]))));
        }
        found.dedup();
        if let Some(number) = found.iter().find(|number| self.lost.contains(number)) {
            return Err(self.failure(&format!("line {number} is counted as lost, but stored")));
        }
        let is_missing = |number: &u64| found.binary_search(number).is_err();
        Ok((0..self.lines).find(|number| is_missing(number) && !self.lost.contains(number)))
    }

    fn note(&mut self, log: usize, what: &str) {
        let kind = self.logs[log].kind;
        self.history.push(format!("{kind:?}: {what}"));
    }

    fn failure(&self, what: &str) -> String {
        if let Some(to) = env::var_os("TRACESHIP_MODEL_KEEP") {
            self.keep(&Path::new(&to).join(self.seed.to_string()));
        }
        let (server, history) = (self.stand.name(), self.history.join("\n  "));
        let files = match self.is_pattern {
            true => "a pattern",
            false => "a folder",
        };
        format!("{what} in {server}, shipped from {files}, after:\n  {history}")
    }

    /// Copies all files, among them the cursor, which has its history.
    fn keep(&self, to: &Path) {
        let copy_all = || {
            fs::create_dir_all(to)?;
            for entry in fs::read_dir(&self.folder.0)? {
                let entry = entry?;
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
            Ok::<(), io::Error>(())
        };
        copy_all().expect("the files are copied");
    }
}
