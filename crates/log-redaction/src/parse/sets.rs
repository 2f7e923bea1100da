use super::{
    patterns,
    problem::{InvalidRules, Problem},
    pseudonyms,
    word::Word,
};
use crate::{redaction::Redaction, replacement::Replacement};

/// The ready-made sets that are on, each with the replacement that its word names.
#[derive(Debug, Default)]
pub(super) struct Sets {
    on: [Option<Option<Replacement>>; SETS.len()],
}

/// The sets, in the order in which they are added. The first rule for a key is used, so the replacement of `keys` wins over that of `secrets`.
const SETS: [&str; 5] = ["keys", "secrets", "cards", "emails", "ips"];

impl Sets {
    pub(super) fn parse(list: &str) -> Result<Self, InvalidRules> {
        let mut sets = Self::default();
        let mut is_none = false;
        if Word::are_missing(list) {
            return Err(Problem::NoSet(list.to_owned()).into());
        }
        for word in Word::all(list) {
            if word.name.eq_ignore_ascii_case("none") {
                if let Some(replacement) = word.named_replacement() {
                    return Err(Problem::NoneReplaced(replacement.to_owned()).into());
                }
                is_none = true;
                continue;
            }
            let is_word = |(_, set): &(_, &&str)| word.name.eq_ignore_ascii_case(set);
            let found = sets.on.iter_mut().zip(&SETS).find(is_word);
            let (slot, set) = found.ok_or_else(|| Problem::UnknownSet(word.name.to_owned()))?;
            if slot.replace(word.replacement()?).is_some() {
                return Err(Problem::Twice(set).into());
            }
        }
        if is_none && sets.on.iter().any(Option::is_some) {
            return Err(Problem::NoneAndOthers.into());
        }
        Ok(sets)
    }

    /// Adds the rules of the sets. With a key of pseudonyms, personal data is replaced by pseudonyms unless a word says otherwise.
    pub(super) fn add_to(
        self,
        mut redaction: Redaction,
        has_pseudonym_key: bool,
    ) -> Result<Redaction, InvalidRules> {
        for (set, on) in SETS.into_iter().zip(self.on) {
            let Some(replacement) = on else {
                continue;
            };
            let is_personal = matches!(set, "emails" | "ips");
            redaction = redaction.replaced_by(replacement.unwrap_or_else(|| {
                pseudonyms::default_replacement(has_pseudonym_key && is_personal)
            }));
            redaction = match set {
                "keys" => redaction.secret_keys(),
                _ => patterns::add(redaction, set)?,
            };
        }
        // Rules that the caller adds have the usual replacement.
        Ok(redaction.replaced_by(Replacement::default()))
    }
}
