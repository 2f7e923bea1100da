use crate::{setup::env::Env, writer::RollingFile};

pub(in crate::setup) fn from_env(env: &Env<'_>) -> Option<bool> {
    let is_on = env.one_of("LOG_FILE_GZIP", &[("true", true), ("false", false)]);
    if is_on == Some(true) {
        env.problem(
            "LOG_FILE_GZIP is `true`, which needs the feature `gzip` of tracing-stamp".to_owned(),
        );
    }
    is_on
}

/// Has no effect. It is never called, as no setting turns compression on without the feature.
pub(in crate::setup) fn compressed(file: RollingFile) -> RollingFile {
    file
}
