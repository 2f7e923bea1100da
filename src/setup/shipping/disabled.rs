use crate::setup::env::Env;
use crate::{schema::Schema, stats::Diagnostics, writer::RollingFile};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A target that does not exist.
#[derive(Debug)]
pub(in crate::setup) enum Never {}

pub(in crate::setup) type ShipTarget = Option<Never>;

pub(in crate::setup) fn from_env(env: &Env<'_>) -> ShipTarget {
    if env.text("LOG_SHIP").is_some() {
        env.problem("LOG_SHIP is set, which needs the feature `ship` of tracing-stamp".to_owned());
    }
    None
}

pub(in crate::setup) fn default_file(_: &str) -> PathBuf {
    PathBuf::new()
}

#[derive(Default)]
pub(in crate::setup) struct CursorFolder {}

pub(in crate::setup) fn keep_until_shipped(
    file: RollingFile,
    _: &ShipTarget,
    _: &CursorFolder,
) -> RollingFile {
    file
}

#[derive(Default)]
pub(in crate::setup) struct RunningShipper;

impl RunningShipper {
    pub(in crate::setup) fn start(
        _: ShipTarget,
        _: Option<&Path>,
        _: &Schema,
        _: &CursorFolder,
        _: &Diagnostics,
    ) -> Self {
        Self
    }

    pub(in crate::setup) fn shut_down(&mut self, _: Duration) -> u64 {
        0
    }
}
