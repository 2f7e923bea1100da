//! Lines that go on from their file to a server.

use super::env::Env;
use crate::{
    Error,
    ship::{Shipper, Shipping, Target},
    stats::Diagnostics,
};
use std::{
    path::{Path, PathBuf},
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
