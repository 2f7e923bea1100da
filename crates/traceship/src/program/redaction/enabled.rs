use anyhow::{Context as _, anyhow, ensure};
use log_redaction::Redaction;
use std::env;
use traceship::Shipper;

/// The environment variable with the key of pseudonyms. A command line can be read by everyone on the machine, so no option has the key.
const KEY: &str = "LOG_REDACT_KEY";

/// Adds the rules that the arguments name. Without any, lines stay as they are.
pub(crate) fn add_rules(
    shipper: Shipper,
    sets: Option<&str>,
    own_keys: Option<&str>,
) -> anyhow::Result<Shipper> {
    if sets.is_none() && own_keys.is_none() {
        return Ok(shipper);
    }
    ensure!(
        sets != Some(""),
        "`--redact` has no value: expected `none`, or a list such as `secrets,emails=pseudonym`"
    );
    ensure!(
        own_keys != Some(""),
        "`--redact-keys` has no value: expected a list of keys such as `ssn,card*`"
    );
    let (sets, own_keys) = (sets.unwrap_or_default(), own_keys.unwrap_or_default());
    // Each is read on its own first, so that an error says which one is wrong.
    let _ = Redaction::parse(sets, "", None).context("invalid value of `--redact`")?;
    let _ = Redaction::parse("", own_keys, None).context("invalid value of `--redact-keys`")?;
    let key = env::var_os(KEY).filter(|key| !key.is_empty());
    let key = key.as_ref().map(|key| {
        key.to_str()
            .ok_or_else(|| anyhow!("{KEY} is not valid UTF-8"))
    });
    let redaction = Redaction::parse(sets, own_keys, key.transpose()?)
        .with_context(|| format!("invalid value of {KEY}"))?;
    ensure!(
        !redaction.has_random_pseudonyms(),
        "pseudonyms need a key, so that a line is the same when it is sent again: set the environment variable {KEY} to at least 16 \
         random bytes"
    );
    Ok(shipper.with_redaction(redaction))
}
