//! Lines that go on from their file to a server.

use super::env::Env;
use crate::{
    Error,
    ship::{Shipper, Shipping, Target, is_unshipped},
    stats::Diagnostics,
    writer::RollingFile,
};
use std::{
    path::{self, Path, PathBuf},
    time::Duration,
};

/// Where to, if anywhere.
pub(super) type ShipTo = Option<Target>;

pub(super) fn from_env(env: &Env<'_>) -> ShipTo {
    match Target::named(&env.text("LOG_SHIP")?) {
        Ok(target) => Some(target),
        Err(error) => {
            env.problem(format!("LOG_SHIP is wrong: {error}"));
            None
        }
    }
}

/// The file that lines are shipped from where none was named.
pub(super) fn default_file(service: &str) -> PathBuf {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = service.chars().map(plain).collect();
    Path::new("log").join(format!("{}.jsonl", name.trim_start_matches('.')))
}

/// Keeps closed files until they are shipped, where they are at all.
pub(super) fn hold(file: RollingFile, path: &Path, to: &ShipTo) -> RollingFile {
    if to.is_none() {
        return file;
    }
    // The cursor is beside the name that was given: the file itself may be elsewhere, by a link.
    let path = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(&path).to_owned();
    file.with_hold(move |file| is_unshipped(file, &folder))
}

/// What runs, if anything does.
#[derive(Default)]
pub(super) struct Running(Option<Shipping>);

impl Running {
    pub(super) fn start(
        to: ShipTo,
        file: Option<&Path>,
        diagnostics: &Diagnostics,
    ) -> Result<Self, Error> {
        let Some(target) = to else {
            return Ok(Self(None));
        };
        let file = file.ok_or_else(|| {
            Error::new("lines of a writer of your own cannot be shipped: name a file by `file` or LOG_FILE instead")
        })?;
        let shipper = Shipper::new(target)
            .with_files(file)
            .with_shared_diagnostics(diagnostics.clone());
        shipper.start().map(|shipping| Self(Some(shipping)))
    }

    /// Delivers what is there; how many bytes are left.
    pub(super) fn shut_down(&mut self, timeout: Duration) -> u64 {
        self.0
            .take()
            .map_or(0, |shipping| shipping.shutdown(timeout).unshipped_bytes())
    }
}
