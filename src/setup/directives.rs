//! Parses the directives of a filter such as `RUST_LOG`, and corrects misspelt levels.

use std::fmt;
use tracing_subscriber::{EnvFilter, filter::Directive};

/// Targets that are off unless the filter names them. OpenTelemetry logs an event for each batch that fails, and this crate reports
/// that failure once, as a diagnosis.
const OFF_BY_DEFAULT: [&str; 3] = ["opentelemetry", "opentelemetry_sdk", "opentelemetry-otlp"];

/// The filter that is used if no directive is valid.
pub(super) const DEFAULT: &str = "info";

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Words for levels in other systems, and usual misspellings. None of them is a likely target.
const ALIASES: [(&str, &str); 16] = [
    ("warning", "warn"),
    ("err", "error"),
    ("eror", "error"),
    ("fatal", "error"),
    ("critical", "error"),
    ("inf", "info"),
    ("infoo", "info"),
    ("information", "info"),
    ("notice", "info"),
    ("dbg", "debug"),
    ("dbug", "debug"),
    ("debg", "debug"),
    ("verbose", "trace"),
    ("all", "trace"),
    ("none", "off"),
    ("disabled", "off"),
];

/// The directives of a filter, with misspelt levels corrected.
#[derive(Debug, Default)]
pub(super) struct Directives {
    /// Directives that `EnvFilter` accepts.
    directives: Vec<String>,
    /// The targets of the directives, or empty if a directive applies to all targets. Events of other targets are not written.
    pub(super) only_targets: Vec<String>,
    names_opentelemetry: bool,
    pub(super) problems: Vec<Problem>,
}

/// A directive that is invalid or was corrected.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) directive: String,
    reason: String,
    /// The directive that takes its place, if its level is misspelt.
    correction: Option<String>,
    /// It is the last directive, and none is valid, so that [`DEFAULT`] is used.
    leaves_default: bool,
}

impl Directives {
    pub(super) fn parse(text: &str) -> Self {
        let mut parsed = Self {
            names_opentelemetry: text.contains("opentelemetry"),
            ..Self::default()
        };
        let mut has_default = false;
        for directive in split(text) {
            match corrected(directive) {
                Corrected::Unchanged(directive_text) => match directive_text.parse::<Directive>() {
                    Ok(_) => {
                        match target(&directive_text) {
                            Some(target) => parsed.only_targets.push(target.to_owned()),
                            None => has_default = true,
                        }
                        parsed.directives.push(directive_text);
                    }
                    Err(error) => parsed.problem(directive, error.to_string(), None),
                },
                Corrected::Changed(correction) => {
                    let reason = "unknown level".to_owned();
                    parsed.problem(directive, reason, Some(correction.clone()));
                    match target(&correction) {
                        Some(target) => parsed.only_targets.push(target.to_owned()),
                        None => has_default = true,
                    }
                    parsed.directives.push(correction);
                }
            }
        }
        if parsed.directives.is_empty() {
            if let Some(problem) = parsed.problems.last_mut() {
                problem.leaves_default = true;
            }
            has_default = true;
            parsed.directives.push(DEFAULT.to_owned());
        }
        if has_default {
            parsed.only_targets.clear();
        }
        parsed
    }

    fn problem(&mut self, directive: &str, reason: String, correction: Option<String>) {
        self.problems.push(Problem {
            directive: directive.to_owned(),
            reason,
            correction,
            leaves_default: false,
        });
    }

    pub(super) fn filter(&self) -> EnvFilter {
        let off = OFF_BY_DEFAULT.iter().filter(|_| !self.names_opentelemetry);
        let off = off.map(|target| format!("{target}=off"));
        // `EnvFilter::parse` splits at commas within brackets too, so directives with a comma are added one by one.
        let all = self.directives.iter().cloned().chain(off);
        let (with_comma, plain): (Vec<_>, Vec<_>) =
            all.partition(|directive| directive.contains(','));
        let filter = EnvFilter::builder()
            .parse(plain.join(","))
            .unwrap_or_default();
        let with_comma = with_comma
            .iter()
            .filter_map(|directive| directive.parse().ok());
        with_comma.fold(filter, EnvFilter::add_directive)
    }
}

impl Problem {
    /// Returns what is wrong, and the effect that this has if directives are repaired or left out.
    pub(super) fn reason_and_effect(&self) -> String {
        let effect = match &self.correction {
            Some(correction) => format!("`{correction}` is used"),
            None => "it is ignored".to_owned(),
        };
        let default = match self.leaves_default {
            true => format!("; `{DEFAULT}` is used"),
            false => String::new(),
        };
        format!("{}; {effect}{default}", self.reason)
    }
}

/// Says what is wrong. In code, a wrong directive is an error and has no effect.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.directive, self.reason)?;
        match &self.correction {
            Some(correction) => write!(f, "; did you mean `{correction}`?"),
            None => Ok(()),
        }
    }
}

/// Splits a filter at its commas and trims each directive. A comma within brackets separates fields, not directives.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |character| {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|directive| !directive.is_empty())
}

/// A directive without blanks around its parts.
enum Corrected {
    /// Its level is not a known misspelling. The directive may still be invalid.
    Unchanged(String),
    /// Its level was misspelt and is replaced.
    Changed(String),
}

fn corrected(directive: &str) -> Corrected {
    // The level follows the last `=` that is not within brackets.
    let level_at = directive
        .rfind('=')
        .filter(|at| !directive[*at..].contains([']', '}']));
    let Some(at) = level_at else {
        return match misspelt_alone(directive) {
            Some(level) => Corrected::Changed(level.to_owned()),
            None => Corrected::Unchanged(directive.to_owned()),
        };
    };
    let (target, level) = (directive[..at].trim(), directive[at + 1..].trim());
    match misspelt_after_target(level) {
        Some(level) => Corrected::Changed(format!("{target}={level}")),
        None => Corrected::Unchanged(format!("{target}={level}")),
    }
}

/// The target of a valid directive, or `None` if it applies to all targets.
fn target(directive: &str) -> Option<&str> {
    let target = directive.split(['=', '[']).next().unwrap_or_default();
    let is_level = LEVELS
        .iter()
        .any(|level| level.eq_ignore_ascii_case(target))
        || (target.len() == 1 && target.starts_with(|c: char| ('0'..='5').contains(&c)));
    (!target.is_empty() && !is_level).then_some(target)
}

/// The level that a word without a target misspells. Such a word may also be a target, as `tracy`, `debut` and `wars` are, and which
/// targets the program has is not known yet. So only aliases and swapped letters count as misspellings.
fn misspelt_alone(word: &str) -> Option<&'static str> {
    misspelt(word, has_swapped_letters)
}

/// The level that a word after `target=` misspells. Only a level is valid there.
fn misspelt_after_target(word: &str) -> Option<&'static str> {
    misspelt(word, is_near)
}

fn misspelt(word: &str, is_misspelling: fn(&str, &str) -> bool) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    if LEVELS.contains(&&*word) {
        return None;
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == word);
    let similar = || {
        LEVELS
            .into_iter()
            .find(|level| is_misspelling(&word, level))
    };
    alias.map(|(_, level)| *level).or_else(similar)
}

/// Whether a word is a level with two neighbouring letters swapped. The first letter has to be in its place.
fn has_swapped_letters(word: &str, level: &str) -> bool {
    let (word, level) = (word.as_bytes(), level.as_bytes());
    let Some(at) = word.iter().zip(level).position(|(a, b)| a != b) else {
        return false;
    };
    let (word, level) = (&word[at..], &level[at..]);
    at > 0
        && word.len() == level.len()
        && word.len() >= 2
        && word[0] == level[1]
        && word[1] == level[0]
        && word[2..] == level[2..]
}

/// Whether a word has the level's first letter, and has one letter too many, too few or wrong, or two in the wrong order.
fn is_near(word: &str, level: &str) -> bool {
    if has_swapped_letters(word, level) {
        return true;
    }
    let (word, level) = (word.as_bytes(), level.as_bytes());
    if word.len() < 3 || word[0] != level[0] {
        return false;
    }
    let same = word.iter().zip(level).take_while(|(a, b)| a == b).count();
    let (word, level) = (&word[same..], &level[same..]);
    let rest = |text: &[u8]| text.get(1..).map(<[u8]>::to_vec);
    rest(word) == Some(level.to_vec())
        || Some(word.to_vec()) == rest(level)
        || (rest(word).is_some() && rest(word) == rest(level))
}

#[cfg(test)]
mod tests {
    use super::{Directives, misspelt_after_target, misspelt_alone};

    #[test]
    fn a_misspelt_level_is_recognised_and_a_target_is_not_taken_for_one() {
        for (word, level) in [
            ("warning", Some("warn")),
            ("WARNING", Some("warn")),
            ("inof", Some("info")),
            ("inf", Some("info")),
            ("ifno", Some("info")),
            ("infoo", Some("info")),
            ("debg", Some("debug")),
            ("eror", Some("error")),
            ("erorr", Some("error")),
            ("dbg", Some("debug")),
            ("tarce", Some("trace")),
            ("info", None),
            ("Warn", None),
            ("shop", None),
            ("warp", None),
            ("tracer", None),
            ("hyper", None),
            ("infra", None),
            ("in", None),
            ("", None),
            ("5", None),
        ] {
            assert_eq!(misspelt_alone(word), level, "{word:?}");
        }
    }

    #[test]
    fn a_word_that_is_one_letter_from_a_level_is_a_target_if_it_stands_alone() {
        for (word, level) in [("tracy", "trace"), ("debut", "debug"), ("wars", "warn")] {
            assert_eq!(misspelt_alone(word), None);
            assert_eq!(misspelt_after_target(word), Some(level));

            let alone = Directives::parse(word);
            assert_eq!(alone.problems.len(), 0, "{:?}", alone.problems);
            assert_eq!(alone.only_targets, [word]);
            let with_level = Directives::parse(&format!("info,{word}=debug"));
            assert_eq!(with_level.problems.len(), 0, "{:?}", with_level.problems);

            let misspelt = Directives::parse(&format!("shop={word}"));
            assert_eq!(misspelt.problems.len(), 1);
            assert_eq!(misspelt.only_targets, ["shop"]);
            let filter = misspelt.filter().to_string();
            assert!(filter.contains(&format!("shop={level}")), "{filter}");
        }
    }

    #[test]
    fn blanks_around_directives_and_their_parts_are_ignored() {
        let plain = Directives::parse("info,hyper=warn,[request{id=1,user=2}]=debug");
        for text in [
            " info , hyper = warn , [request{id=1,user=2}]=debug ",
            "info, hyper= warn,,[request{id=1,user=2}] = debug,",
        ] {
            let parsed = Directives::parse(text);
            assert_eq!(parsed.problems.len(), 0, "{:?}", parsed.problems);
            assert_eq!(parsed.filter().to_string(), plain.filter().to_string());
        }
    }

    #[test]
    fn an_invalid_directive_does_not_affect_the_valid_ones() {
        let parsed = Directives::parse("shop=loud,hyper=warn");
        assert_eq!(parsed.problems.len(), 1);
        assert!(parsed.filter().to_string().contains("hyper=warn"));
        let parsed = Directives::parse("shop=loud");
        let why = parsed.problems[0].reason_and_effect();
        assert!(why.ends_with("; it is ignored; `info` is used"), "{why}");
        assert!(parsed.filter().to_string().contains("info"));
        let parsed = Directives::parse("shop=warning");
        assert!(parsed.filter().to_string().contains("shop=warn"));
        let why = parsed.problems[0].reason_and_effect();
        assert_eq!(why, "unknown level; `shop=warn` is used");
    }
}
