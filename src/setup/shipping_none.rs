//! Without the feature `ship` lines stay where they are written.

use super::env::Env;
use crate::{schema::Schema, stats::Diagnostics, writer::RollingFile};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

#[derive(Debug)]
pub(super) enum Never {}

pub(super) type ShipTo = Option<Never>;

pub(super) fn from_env(env: &Env<'_>) -> ShipTo {
    if env.text("LOG_SHIP").is_some() {
        env.problem("LOG_SHIP is set, and needs the feature `ship` of tracing-stamp".to_owned());
    }
    None
}

pub(super) fn default_file(_: &str) -> PathBuf {
    PathBuf::new()
}

#[derive(Default)]
pub(super) struct State {}

pub(super) fn hold(file: RollingFile, _: &ShipTo, _: &State) -> RollingFile {
    file
}

#[derive(Default)]
pub(super) struct Running;

impl Running {
    pub(super) fn start(
        _: ShipTo,
        _: Option<&Path>,
        _: &Schema,
        _: &State,
        _: &Diagnostics,
    ) -> Self {
        Self
    }

    pub(super) fn shut_down(&mut self, _: Duration) -> u64 {
        0
    }
}
