use crate::setup::env::Env;
use crate::{schema::Schema, stats::Diagnostics, writer::RollingFile};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

#[derive(Debug)]
pub(in crate::setup) enum Never {}

pub(in crate::setup) type ShipTo = Option<Never>;

pub(in crate::setup) fn from_env(env: &Env<'_>) -> ShipTo {
    if env.text("LOG_SHIP").is_some() {
        env.problem("LOG_SHIP is set, and needs the feature `ship` of tracing-stamp".to_owned());
    }
    None
}

pub(in crate::setup) fn default_file(_: &str) -> PathBuf {
    PathBuf::new()
}

#[derive(Default)]
pub(in crate::setup) struct State {}

pub(in crate::setup) fn hold(file: RollingFile, _: &ShipTo, _: &State) -> RollingFile {
    file
}

#[derive(Default)]
pub(in crate::setup) struct Running;

impl Running {
    pub(in crate::setup) fn start(
        _: ShipTo,
        _: Option<&Path>,
        _: &Schema,
        _: &State,
        _: &Diagnostics,
    ) -> Self {
        Self
    }

    pub(in crate::setup) fn shut_down(&mut self, _: Duration) -> u64 {
        0
    }
}
