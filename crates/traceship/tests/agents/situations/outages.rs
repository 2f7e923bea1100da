//! The server or the agent fails.

use super::{
    super::{cutting_proxy::Mode, stage::Stage},
    Outcome,
};
use std::{thread, time::Duration};

/// Renames `app.log` and its rotated files as logrotate does.
fn rotate(stage: &Stage<'_>) {
    for number in (1..9).rev() {
        let (from, to) = (
            format!("app.log.{number}"),
            format!("app.log.{}", number + 1),
        );
        if stage.log(&from).exists() {
            stage.rename(&from, &to);
        }
    }
    stage.rename("app.log", "app.log.1");
}

pub(super) fn backlog(stage: &mut Stage<'_>) -> Outcome {
    stage.proxy.set(Mode::Down);
    stage.start();
    for day in 0..7 {
        stage.write("app.log", 2_000 * day..2_000 * (day + 1));
        thread::sleep(Duration::from_secs(1));
        rotate(stage);
    }
    stage.write("app.log", 14_000..14_010);
    thread::sleep(Duration::from_secs(2));
    stage.proxy.set(Mode::Forward);
    stage.finish()
}

pub(super) fn kills(stage: &mut Stage<'_>) -> Outcome {
    for kill in 0..20 {
        stage.start();
        // The agent runs for 0.6 to 1.5 seconds, so that no interval of an agent coincides with the kills.
        let pause = Duration::from_millis(150 + kill as u64 * 67 % 225);
        for part in 0..4 {
            let first = 200 * kill + 50 * part;
            stage.write("app.log", first..first + 50);
            thread::sleep(pause);
        }
        stage.kill();
        if kill % 4 == 3 {
            rotate(stage);
        }
    }
    stage.start();
    stage.finish()
}
