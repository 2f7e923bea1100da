//! The directives of `RUST_LOG`: a wrong one is reported, and stops nothing.

use std::fmt;
use tracing_subscriber::{EnvFilter, filter::Directive};

/// Off unless the filter names them. OpenTelemetry's own events would come once for each batch that fails, and this crate reports that
/// once, out of band.
const QUIET: [&str; 3] = ["opentelemetry", "opentelemetry_sdk", "opentelemetry-otlp"];

/// What is used where no directive is right.
pub(super) const DEFAULT: &str = "info";

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Words that other systems use for levels.
const ALIASES: [(&str, &str); 11] = [
    ("warning", "warn"),
    ("err", "error"),
    ("fatal", "error"),
    ("critical", "error"),
    ("information", "info"),
    ("notice", "info"),
    ("dbg", "debug"),
    ("verbose", "trace"),
    ("all", "trace"),
    ("none", "off"),
    ("disabled", "off"),
];

/// Crates whose names are like levels.
const NAMED_LIKE_LEVELS: [&str; 2] = ["warp", "tracer"];

/// Directives as they were written, repaired where they were wrong.
#[derive(Debug, Default)]
pub(super) struct Directives {
    /// Each of them can be parsed.
    directives: Vec<String>,
    /// The targets that are named, where no directive is for all others too: nothing else is written then.
    pub(super) only: Vec<String>,
    names_opentelemetry: bool,
    pub(super) problems: Vec<Problem>,
}

/// What is wrong with a directive.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) directive: String,
    pub(super) why: String,
}

impl Directives {
    pub(super) fn parse(text: &str) -> Self {
        let mut parsed = Self {
            names_opentelemetry: text.contains("opentelemetry"),
            ..Self::default()
        };
        let mut has_default = false;
        for directive in split(text) {
            match repaired(directive) {
                Repaired::Right(right) => match right.parse::<Directive>() {
                    Ok(_) => {
                        match target(&right) {
                            Some(target) => parsed.only.push(target.to_owned()),
                            None => has_default = true,
                        }
                        parsed.directives.push(right);
                    }
                    Err(error) => parsed.problem(directive, format!("{error}; it is ignored")),
                },
                Repaired::Meant(meant) => {
                    parsed.problem(directive, format!("unknown level; `{meant}` is used"));
                    has_default |= target(&meant).is_none();
                    parsed.directives.push(meant);
                }
            }
        }
        if parsed.directives.is_empty() {
            if let Some(problem) = parsed.problems.last_mut() {
                problem.why += &format!("; `{DEFAULT}` is used");
            }
            has_default = true;
            parsed.directives.push(DEFAULT.to_owned());
        }
        if has_default {
            parsed.only.clear();
        }
        parsed
    }

    fn problem(&mut self, directive: &str, why: String) {
        self.problems.push(Problem {
            directive: directive.to_owned(),
            why,
        });
    }

    pub(super) fn filter(&self) -> EnvFilter {
        let quiet = QUIET.iter().filter(|_| !self.names_opentelemetry);
        let quiet = quiet.map(|target| format!("{target}=off"));
        // `EnvFilter` takes a comma within brackets for the end of a directive.
        let all = self.directives.iter().cloned().chain(quiet);
        let (alone, joined): (Vec<_>, Vec<_>) = all.partition(|directive| directive.contains(','));
        let filter = EnvFilter::builder()
            .parse(joined.join(","))
            .unwrap_or_default();
        let alone = alone.iter().filter_map(|directive| directive.parse().ok());
        alone.fold(filter, EnvFilter::add_directive)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.directive, self.why)
    }
}

/// The directives between commas, without blanks around them. A comma within brackets separates fields.
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

enum Repaired {
    /// It is right, apart from blanks.
    Right(String),
    /// A level is misspelt: what was meant.
    Meant(String),
}

fn repaired(directive: &str) -> Repaired {
    // The level is behind the last sign, which does not stand between brackets.
    let level_at = directive
        .rfind('=')
        .filter(|at| !directive[*at..].contains([']', '}']));
    let Some(at) = level_at else {
        return match meant_level(directive) {
            Some(level) => Repaired::Meant(level.to_owned()),
            None => Repaired::Right(directive.to_owned()),
        };
    };
    let (target, level) = (directive[..at].trim(), directive[at + 1..].trim());
    match meant_level(level) {
        Some(meant) => Repaired::Meant(format!("{target}={meant}")),
        None => Repaired::Right(format!("{target}={level}")),
    }
}

/// The target that a right directive names; `None` where it is for all.
fn target(directive: &str) -> Option<&str> {
    let target = directive.split(['=', '[']).next().unwrap_or_default();
    let is_level = LEVELS
        .iter()
        .any(|level| level.eq_ignore_ascii_case(target))
        || (target.len() == 1 && target.starts_with(|c: char| ('0'..='5').contains(&c)));
    (!target.is_empty() && !is_level).then_some(target)
}

/// The level that a word misspells, if it does.
fn meant_level(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    if LEVELS.contains(&&*word) || NAMED_LIKE_LEVELS.contains(&&*word) {
        return None;
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == word);
    let near = || LEVELS.into_iter().find(|level| is_near(&word, level));
    alias.map(|(_, level)| *level).or_else(near)
}

/// Whether a word begins like a level and has one letter too many, too few or wrong, or two in the wrong order.
fn is_near(word: &str, level: &str) -> bool {
    let (word, level) = (word.as_bytes(), level.as_bytes());
    if word.len() < 3 || word[0] != level[0] {
        return false;
    }
    let same = word.iter().zip(level).take_while(|(a, b)| a == b).count();
    let (word, level) = (&word[same..], &level[same..]);
    let behind = |text: &[u8], from: usize| text.get(from..).map(<[u8]>::to_vec);
    let is_swapped =
        word.len() >= 2 && level.len() >= 2 && word[0] == level[1] && word[1] == level[0];
    behind(word, 1) == Some(level.to_vec())
        || Some(word.to_vec()) == behind(level, 1)
        || (behind(word, 1).is_some() && behind(word, 1) == behind(level, 1))
        || (is_swapped && behind(word, 2) == behind(level, 2))
}

#[cfg(test)]
mod tests {
    use super::{Directives, meant_level};

    #[test]
    fn a_word_that_misspells_a_level_is_known_and_a_target_is_not_one() {
        for (word, level) in [
            ("warning", Some("warn")),
            ("WARNING", Some("warn")),
            ("inof", Some("info")),
            ("inf", Some("info")),
            ("ifno", Some("info")),
            ("infoo", Some("info")),
            ("debg", Some("debug")),
            ("eror", Some("error")),
            ("tarce", Some("trace")),
            ("info", None),
            ("Warn", None),
            ("shop", None),
            ("warp", None),
            ("hyper", None),
            ("infra", None),
            ("in", None),
            ("", None),
            ("5", None),
        ] {
            assert_eq!(meant_level(word), level, "{word:?}");
        }
    }

    #[test]
    fn blanks_around_directives_and_their_parts_say_nothing() {
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
    fn a_wrong_directive_leaves_the_right_ones() {
        let parsed = Directives::parse("shop=loud,hyper=warn");
        assert_eq!(parsed.problems.len(), 1);
        assert!(parsed.filter().to_string().contains("hyper=warn"));
        let parsed = Directives::parse("shop=loud");
        assert!(parsed.problems[0].why.contains("`info` is used"));
        assert!(parsed.filter().to_string().contains("info"));
        let parsed = Directives::parse("shop=warning");
        assert!(parsed.filter().to_string().contains("shop=warn"));
    }
}
