//! What the file holds changes its form or its place.

use super::{
    super::stage::{LOOKS, Stage},
    Outcome, without_gzip,
};
use std::thread;

pub(super) fn lost_response(stage: &mut Stage<'_>) -> Outcome {
    stage.write("app.log", 0..1_000);
    stage.lose_a_response_and_kill();
    stage.rename("app.log", "app.log.1");
    stage.gzip("app.log.1");
    stage.write("app.log", 1_000..1_001);
    stage.start();
    stage.finish()
}

pub(super) fn compressed_when_shipped(stage: &mut Stage<'_>) -> Outcome {
    stage.write("app.log", 0..3);
    stage.start();
    stage.wait();
    stage.stop();
    stage.rename("app.log", "app.log.1");
    stage.gzip("app.log.1");
    stage.write("app.log", 3..4);
    stage.start();
    stage.finish()
}

pub(super) fn compressed_before(stage: &mut Stage<'_>) -> Outcome {
    if let Some(outcome) = without_gzip(stage) {
        return outcome;
    }
    stage.write("app.log", 0..100);
    stage.start();
    stage.wait();
    stage.stop();
    stage.write("app.log", 100..200);
    stage.rename("app.log", "app.log.1");
    stage.gzip("app.log.1");
    stage.write("app.log", 200..201);
    stage.start();
    stage.finish()
}

pub(super) fn copied_and_emptied(stage: &mut Stage<'_>) -> Outcome {
    // An agent that takes each file for another one must not see the copy.
    stage.patterns = vec!["*.log"];
    stage.write("app.log", 0..1_000);
    stage.start();
    stage.wait();
    stage.copy("app.log", "app.log.1");
    stage.write("app.log", 1_000..1_001);
    stage.wait();
    stage.empty("app.log");
    thread::sleep(LOOKS);
    stage.write("app.log", 1_001..1_002);
    stage.wait();
    stage.stop();
    stage.start();
    thread::sleep(LOOKS);
    stage.finish()
}

pub(super) fn emptied(stage: &mut Stage<'_>) -> Outcome {
    stage.write("app.log", 0..500);
    stage.start();
    stage.wait();
    stage.empty("app.log");
    thread::sleep(LOOKS);
    stage.write("app.log", 500..1_000);
    stage.finish()
}

pub(super) fn same_banner(stage: &mut Stage<'_>) -> Outcome {
    stage.write_of("app.log", "banner", 0..20);
    stage.write("app.log", 0..1);
    stage.start();
    stage.wait();
    stage.stop();
    stage.empty("app.log");
    stage.write_of("app.log", "banner", 0..20);
    stage.write("app.log", 1..2);
    stage.start();
    stage.finish()
}

pub(super) fn same_beginning(stage: &mut Stage<'_>) -> Outcome {
    for (name, numbers) in [("a.log", 0..2), ("b.log", 2..4)] {
        stage.write_of(name, "banner", 0..100);
        stage.write(name, numbers);
    }
    stage.start();
    stage.finish()
}

pub(super) fn equal_lines(stage: &mut Stage<'_>) -> Outcome {
    for (name, numbers) in [("a.log", 0..20), ("b.log", 20..40)] {
        stage.write(name, numbers);
        stage.write_of(name, "equal", 0..1_000);
    }
    stage.start();
    stage.finish()
}
