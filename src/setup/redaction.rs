//! `LOG_REDACT`, `LOG_REDACT_KEYS` and `LOG_REDACT_KEY`: what is redacted.

use super::env::Env;
use log_files::redacted;
use log_redaction::{InvalidRules, Redaction};

const SETS: &str = "LOG_REDACT";
const OWN_KEYS: &str = "LOG_REDACT_KEYS";
const PSEUDONYM_KEY: &str = "LOG_REDACT_KEY";

/// The sets without `LOG_REDACT`.
const DEFAULT_SETS: &str = "keys";

/// The word that switches redaction off.
const NONE: &str = "none";

/// Returns the rules, unless there are none. The message about an invalid key of pseudonyms does not contain it.
pub(super) fn from_env(env: &Env<'_>) -> Option<Redaction> {
    let sets = env.text(SETS).unwrap_or_else(|| DEFAULT_SETS.to_owned());
    let own_keys = env.text(OWN_KEYS).unwrap_or_default();
    let key = env.text(PSEUDONYM_KEY);
    let key = key.as_deref();
    // One by one, so that each message names its variable.
    check(env, SETS, &sets, Redaction::parse(&sets, "", None));
    check(
        env,
        OWN_KEYS,
        &own_keys,
        Redaction::parse("", &own_keys, None),
    );
    check(env, PSEUDONYM_KEY, "", Redaction::parse("", "", key));
    if sets.eq_ignore_ascii_case(NONE) && own_keys.is_empty() {
        return None;
    }
    // If this fails, one of the checks has failed too, and nothing is started.
    Redaction::parse(&sets, &own_keys, key).ok()
}

/// Adds an invalid variable to the problems.
fn check(env: &Env<'_>, variable: &str, value: &str, rules: Result<Redaction, InvalidRules>) {
    let Err(error) = rules else {
        return;
    };
    if error.needs_feature() {
        let error = error.with_feature("redact");
        env.problem(format!("{variable}: {error} of tracing-stamp"));
    } else if redacted(value) == value {
        env.problem(format!("{variable} is invalid: {error}"));
    } else {
        // The message would have a part of a URL with a password.
        env.invalid(
            variable,
            value,
            "words with commas between them, such as `secrets,emails=pseudonym` or `ssn,card*`",
        );
    }
}
