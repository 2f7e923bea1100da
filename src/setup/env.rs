//! Reading environment variables, with all that is wrong told together.

use crate::{Error, foreign::excerpt, redact::redacted};
use std::{cell::RefCell, env::VarError};

/// Where variables come from.
type Lookup<'a> = &'a dyn Fn(&str) -> Result<String, VarError>;

/// The environment, and what is wrong with it so far.
pub(super) struct Env<'a> {
    lookup: Lookup<'a>,
    problems: RefCell<Vec<String>>,
}

impl<'a> Env<'a> {
    pub(super) fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            problems: RefCell::default(),
        }
    }

    /// A variable's value without space around it; an empty one is as good as none, as OpenTelemetry's specification has it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match (self.lookup)(name) {
            Ok(value) => Some(value.trim().to_owned()).filter(|value| !value.is_empty()),
            Err(VarError::NotPresent) => None,
            // Without its value, of which nobody knows whether it is a secret.
            Err(VarError::NotUnicode(_)) => {
                self.problem(format!("{name} is not valid UTF-8"));
                None
            }
        }
    }

    /// A variable's value, by what `parse` makes of it; `None` is wrong.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        accepted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.text(name)?;
        let parsed = parse(&value);
        if parsed.is_none() {
            self.wrong(name, &value, accepted);
        }
        parsed
    }

    /// The value of the first of several variables that is there.
    pub(super) fn first_of<T>(&self, names: &[&str], get: impl Fn(&str) -> Option<T>) -> Option<T> {
        // All are looked at: a wrong one is told even where another goes before.
        let all: Vec<_> = names.iter().map(|name| get(name)).collect();
        all.into_iter().flatten().next()
    }

    /// One of several words, whatever their case.
    pub(super) fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let accepted: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.parsed(name, &format!("one of {}", accepted.join(", ")), |value| {
            let word = words
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(value));
            word.map(|(_, meaning)| *meaning)
        })
    }

    /// Notes that a value is wrong. The message has no secret that a URL may have in it.
    pub(super) fn wrong(&self, name: &str, value: &str, accepted: &str) {
        let value = excerpt(&redacted(value));
        self.problem(format!("{name} is `{value}`, and takes {accepted}"));
    }

    pub(super) fn problem(&self, problem: String) {
        self.problems.borrow_mut().push(problem);
    }

    /// # Errors
    ///
    /// When anything was wrong: all of it.
    pub(super) fn check(self) -> Result<(), Error> {
        let problems = self.problems.into_inner();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid_inputs(problems))
        }
    }
}
