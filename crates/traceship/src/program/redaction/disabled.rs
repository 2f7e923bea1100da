use traceship::Shipper;

/// Returns the shipper if there are no rules.
pub(crate) fn add_rules(
    shipper: Shipper,
    sets: Option<&str>,
    own_keys: Option<&str>,
) -> anyhow::Result<Shipper> {
    let option = match (sets, own_keys) {
        (Some(_), _) => "--redact",
        (None, Some(_)) => "--redact-keys",
        (None, None) => return Ok(shipper),
    };
    anyhow::bail!("`{option}` needs the feature `redact`, without which this program was built")
}
