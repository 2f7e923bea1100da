//! Starts everything, makes it fail for some time, and counts the lines.

use super::{
    containers,
    dice::Dice,
    logrotate::{Counts, Rotation, missing_programs},
    place::ALL,
    plan::Plan,
    proxy::Proxy,
    shipper_process::ShipperProcess,
    shippers::shippers,
    tally::Tally,
    target::Target,
    writer_process::WriterProcess,
    writers::{load_of_containers, writers},
    written::Written,
};
use crate::Folder;
use std::{
    env, fs,
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The longest time that a run may take in addition to the planned one.
const PATIENCE: Duration = Duration::from_secs(3_600);

struct Storm<T> {
    target: T,
    plan: Plan,
    dice: Dice,
    proxy: Proxy,
    writers: Vec<WriterProcess>,
    shippers: Vec<ShipperProcess>,
    containers: Vec<JoinHandle<(&'static str, u64)>>,
    rotation: Rotation,
    interruptions: u64,
    reloads: u64,
}

/// Runs a storm over a server.
pub(super) fn run<T: Target>(name: &str, start: impl FnOnce() -> T) {
    if let Some(why) = missing_programs() {
        eprintln!("{name}: skipped, because {why}");
        return;
    }
    let begin = Instant::now();
    let plan = Plan::from_env();
    eprintln!(
        "{name}: STAMP_STORM_SEED={} STAMP_STORM_LINES={} STAMP_STORM_SECONDS={}",
        plan.seed,
        plan.lines,
        plan.time.as_secs()
    );
    let temporary = Folder::new();
    let root = env::var_os("STAMP_STORM_FOLDER").map_or(temporary.0.clone(), PathBuf::from);
    let id = format!("storm-{}-{}", std::process::id(), plan.seed);
    let mut storm = Storm::start(&root, &id, start(), plan);
    storm.let_everything_fail();
    let rotations = storm.end();
    let shipped = begin.elapsed();
    let written = Written::read(&root);
    let tally = Tally::of(&written, |take| storm.target.each_line(&id, take));
    storm.report(name, &rotations, &tally);
    eprintln!(
        "{name}: {shipped:.0?} until all was shipped, {:.0?} in all",
        begin.elapsed()
    );
    for line in tally.examples(|take| storm.target.each_line(&id, take)) {
        eprintln!("{line}");
    }
    assert_eq!(written.gaps(), 0, "all lines are in files");
    tally.check(&rotations);
    storm.check_messages();
}

impl<T: Target> Storm<T> {
    fn start(root: &Path, id: &str, target: T, plan: Plan) -> Self {
        for place in &ALL {
            fs::create_dir_all(place.folder(root)).expect("the folder is created");
        }
        let mut dice = Dice::new(plan.seed);
        let proxy = Proxy::start(&target.url(), dice.split());
        let arguments = target.arguments(&proxy.url(), id);
        let shippers = shippers(root, &arguments);
        Self {
            writers: writers(root, &plan),
            containers: containers::start(root, load_of_containers(&plan)),
            rotation: Rotation::start(root, plan.between_rotations()),
            target,
            plan,
            dice,
            proxy,
            shippers,
            interruptions: 0,
            reloads: 0,
        }
    }

    /// Kills and cuts until all lines are written.
    fn let_everything_fail(&mut self) {
        let begin = Instant::now();
        let mut next = Instant::now();
        while !self.is_written() {
            assert!(
                begin.elapsed() < self.plan.time + PATIENCE,
                "it takes too long"
            );
            for shipper in &mut self.shippers {
                shipper.tick();
            }
            if next <= Instant::now() {
                self.fail();
                let mean = self.plan.between_faults().as_millis() as u64;
                next = Instant::now() + Duration::from_millis(self.dice.below(2 * mean));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_written(&mut self) -> bool {
        let are_done = self.containers.iter().all(JoinHandle::is_finished);
        self.writers.iter_mut().all(WriterProcess::is_done) && are_done
    }

    /// Lets something fail.
    fn fail(&mut self) {
        let one_in = self.target.interruptions();
        if one_in > 0 && self.dice.below(one_in) == 0 {
            self.interruptions += 1;
            self.target
                .interrupt(Duration::from_millis(self.dice.below(1_000)));
        }
        let pause = self.pause();
        let writer = self.dice.below(self.writers.len() as u64) as usize;
        let shipper = self.dice.below(self.shippers.len() as u64) as usize;
        let shipper = &mut self.shippers[shipper];
        match self.dice.below(16) {
            0..6 => self.writers[writer].kill(),
            6..12 => shipper.kill(pause),
            12 => shipper.end(pause),
            13 => {
                shipper.reload();
                self.reloads += 1;
            }
            _ => self
                .proxy
                .cut(Duration::from_millis(self.dice.below(1_500))),
        }
    }

    /// Returns how long a shipper is down: often not at all, sometimes for several rotations.
    fn pause(&mut self) -> Duration {
        let longest = match self.dice.below(10) {
            0..4 => 1,
            4..8 => 3_000,
            _ => 12_000,
        };
        Duration::from_millis(self.dice.below(longest))
    }

    /// Ends everything, and ships the rest. Returns how often each place was rotated.
    fn end(&mut self) -> Counts {
        let mut rotations = self.rotation.stop();
        for container in self.containers.drain(..) {
            let (place, count) = container.join().expect("the container has written");
            *rotations.entry(place).or_insert(0) += count;
        }
        self.proxy.heal();
        for shipper in &mut self.shippers {
            shipper.finish();
        }
        rotations
    }

    fn report(&self, name: &str, rotations: &Counts, tally: &Tally) {
        let writers: u64 = self.writers.iter().map(WriterProcess::kills).sum();
        let shippers: u64 = self.shippers.iter().map(|shipper| shipper.kills).sum();
        let ends: u64 = self.shippers.iter().map(|shipper| shipper.ends).sum();
        eprintln!("{name}: {} lines\n{tally}", tally.written());
        eprintln!(
            "kills: {writers} of writers, {shippers} of shippers; {ends} SIGTERM, {} SIGHUP; {} interruptions of the server",
            self.reloads, self.interruptions
        );
        eprintln!("rotations: {rotations:?}\nproxy: {}", self.proxy);
    }

    /// Fails if a shipper has rejected lines or has reported lost ones, except of files that are emptied in place.
    fn check_messages(&self) {
        let mut is_wrong = false;
        for shipper in &self.shippers {
            let messages = shipper.messages();
            let lost = messages.lines().filter(|line| line.contains("are lost"));
            let (emptied, others): (Vec<&str>, Vec<&str>) =
                lost.partition(|line| line.contains("/copytruncate/"));
            let maybe = messages.matches("may be lost").count();
            let panics = messages.matches("panicked").count();
            eprintln!(
                "{}: {} reports of lost lines in files that were emptied, {} in others, {maybe} of text that may be lost",
                shipper.name(),
                emptied.len(),
                others.len()
            );
            for line in others.iter().chain(&emptied).take(5) {
                eprintln!("{line}");
            }
            is_wrong |= !others.is_empty() || panics > 0 || shipper.has_rejected_lines();
        }
        assert!(
            !is_wrong,
            "lines were reported as lost or rejected, or a shipper has panicked"
        );
        assert!(self.proxy.lost_replies() > 0, "replies were lost");
    }
}
