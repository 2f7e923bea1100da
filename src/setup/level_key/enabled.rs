use crate::{
    setup::env::Env,
    trace_level::{Key, install_key},
};

const VARIABLE: &str = "LOG_LEVEL_KEY";

/// The key, if one is set.
pub(in crate::setup) type LevelKey = Option<Key>;

/// Reads the key. The message about an invalid one does not contain it.
pub(in crate::setup) fn from_env(env: &Env<'_>) -> LevelKey {
    match Key::new(env.text(VARIABLE)?) {
        Ok(key) => Some(key),
        Err(error) => {
            env.problem(format!("{VARIABLE} is not valid: {error}"));
            None
        }
    }
}

/// Makes it the key of the process.
pub(in crate::setup) fn install(key: LevelKey) {
    if let Some(key) = key {
        install_key(key);
    }
}
