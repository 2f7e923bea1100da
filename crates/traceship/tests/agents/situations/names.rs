//! Which files there are, and how they are named.

use super::{
    super::stage::{LOOKS, Stage},
    Outcome,
};
use std::{fs, io::Write as _, os::unix, thread, time::Duration};

pub(super) fn torn(stage: &mut Stage<'_>) -> Outcome {
    for number in 0..130 {
        stage.write_text(&format!("torn-{number}.log"), "{\"message\":\"no end");
    }
    stage.write("app.log", 0..100);
    stage.start();
    stage.finish_in_time()
}

pub(super) fn many(stage: &mut Stage<'_>) -> Outcome {
    for number in 0..1_000 {
        stage.write(&format!("app-{number}.log"), number..number + 1);
    }
    stage.start();
    stage.finish_in_time()
}

pub(super) fn few_descriptors(stage: &mut Stage<'_>) -> Outcome {
    for number in 0..300 {
        stage.write(&format!("app-{number}.log"), 2 * number..2 * number + 2);
    }
    stage.max_files = Some(64);
    stage.start();
    stage.finish_in_time()
}

pub(super) fn renamed(stage: &mut Stage<'_>) -> Outcome {
    stage.write("app.log", 0..100);
    stage.start();
    stage.wait();
    stage.stop();
    stage.write("app.log", 100..200);
    stage.rename("app.log", "app.log.1");
    stage.start();
    stage.finish()
}

/// As Kubernetes does it, in `/var/log/containers` and `/var/log/pods`.
pub(super) fn linked(stage: &mut Stage<'_>) -> Outcome {
    fs::create_dir(stage.log("../pods")).expect("the folder is new");
    unix::fs::symlink("../pods/0.log", stage.log("app.log")).expect("the link is new");
    stage.write("../pods/0.log", 0..100);
    stage.start();
    stage.wait();
    stage.stop();
    stage.write("../pods/0.log", 100..200);
    stage.rename("../pods/0.log", "../pods/0.log.20261129-100000");
    stage.write("../pods/0.log", 200..201);
    stage.start();
    stage.finish()
}

pub(super) fn removed(stage: &mut Stage<'_>) -> Outcome {
    stage.write("app.log", 0..2);
    let held = fs::File::options().append(true).open(stage.log("app.log"));
    let mut held = held.expect("the file is open");
    stage.start();
    stage.wait();
    // Lets the stage make the lines and note them, which then are written to the removed file.
    let mut next = |stage: &mut Stage<'_>, number| {
        stage.write("../next", number..number + 1);
        let line = fs::read(stage.log("../next")).expect("the line is written");
        held.write_all(&line).expect("the removed file is written");
        fs::remove_file(stage.log("../next")).expect("the file is there");
    };
    fs::remove_file(stage.log("app.log")).expect("the file is there");
    thread::sleep(Duration::from_millis(100));
    next(stage, 2);
    thread::sleep(LOOKS);
    next(stage, 3);
    stage.finish()
}
