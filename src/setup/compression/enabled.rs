use crate::{setup::env::Env, writer::RollingFile};

pub(in crate::setup) fn from_env(env: &Env<'_>) -> Option<bool> {
    env.one_of("LOG_FILE_GZIP", &[("true", true), ("false", false)])
}

/// Makes a rolling file compress its closed files, and write an index of trace ids beside each.
pub(in crate::setup) fn compressed(file: RollingFile) -> RollingFile {
    file.with_gzip().with_trace_index(true)
}
